/**
 * A stand-in for the Jitsi Meet web client. Ids, test ids, classes, labels and the parts of
 * `APP.store` and `APP.conference` are those that jitsi/jitsi-meet's own tests (tests/pageobjects,
 * tests/helpers) and components (LobbyScreen, ChatMessage, AudioTrack) use; texts are of its
 * lang/main.json. Its own making: how the screens follow each other, which the test decides, and
 * notifications, which are shown for good. Left out: video, XMPP, breakout rooms, the lobby's chat,
 * the participants pane, moderation, and every menu but the one for leaving.
 */
(() => {
  const root = document.querySelector('#react');
  const own = { id: 'f00dcafe', name: '', isMuted: true, isCameraOff: true };
  const audios = new Map();
  let phase = 'before';
  let passcodeFailures = 0;
  let isChatOpen = false;
  let state = null;

  const settings = new Map(
    location.hash
      .slice(1)
      .split('&')
      .filter((one) => one.includes('='))
      .map((one) => {
        const [key, value] = one.split('=');
        return [key, JSON.parse(decodeURIComponent(value))];
      }),
  );

  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === 'function') made.addEventListener(name, value);
      else if (value !== false) made.setAttribute(name, value);
    }
    made.append(...children.filter((one) => one !== null));
    return made;
  };

  // languageDetector.web.ts: the link's `lang` comes first, the host's own language last.
  meetingPage.translateIf(
    () => !state.honoursLanguage || new URLSearchParams(location.search).get('lang') !== 'en',
  );

  // ---- the client's own state, as far as others read it
  const isIn = () => phase === 'in' && !state.end;
  const participants = () => ({
    local: { id: own.id, name: own.name, role: 'participant', local: true },
    remote: new Map(state.people.map((one) => [one.id, { ...one }])),
    dominantSpeaker: state.dominantSpeaker ?? undefined,
  });
  const tracks = () =>
    [...audios].map(([id, { owner }]) => ({
      mediaType: 'audio',
      participantId: state.owners[owner] ?? owner,
      jitsiTrack: { getId: () => id, isLocal: () => false },
    }));
  const publishApp = () => {
    if (!state.hasStore) return delete window.APP;
    window.APP = {
      store: {
        getState: () => ({
          'features/base/participants': participants(),
          'features/base/tracks': tracks(),
          'features/chat': { messages: state.chat },
        }),
      },
      conference: {
        isJoined: isIn,
        getMyUserId: () => own.id,
        getConnectionState: () => (state.isConnected ? 'connected' : 'interrupted'),
      },
    };
  };

  // ---- before the conference
  const join = () => {
    meetingPage.tell('asked', {
      name: own.name,
      isMuted: own.isMuted,
      isCameraOff: own.isCameraOff,
      path: location.pathname,
      isAudioOnly: settings.get('config.startAudioOnly') ?? false,
    });
    phase = 'door';
    render();
  };
  const deviceButton = (name, labels) =>
    element(
      'div',
      {
        role: 'button',
        'aria-label': own[name] ? labels[1] : labels[0],
        click: () => {
          own[name] = !own[name];
          render();
        },
      },
      own[name] ? labels[1] : labels[0],
    );
  const microphoneButton = () => deviceButton('isMuted', ['Mute microphone', 'Unmute microphone']);

  const prejoin = () =>
    element(
      'div',
      { 'data-testid': 'prejoin.screen' },
      element('h1', {}, 'Join meeting'),
      element('input', {
        id: 'premeeting-name-input',
        placeholder: 'Enter your name',
        value: own.name,
        input: ({ target }) => (own.name = target.value),
      }),
      element(
        'div',
        { 'data-testid': 'prejoin.joinMeeting', role: 'button', click: join },
        'Join meeting',
      ),
      microphoneButton(),
      deviceButton('isCameraOff', ['Stop camera', 'Start camera']),
    );

  const enterWith = (passcode) => {
    if (passcode === state.passcode) {
      phase = 'in';
      receive();
    } else passcodeFailures += 1;
    render();
  };
  const passcodeDialog = () => {
    const input = element('input', { name: 'lockKey', type: 'password' });
    return element(
      'div',
      { role: 'dialog' },
      element('h1', {}, 'Password required'),
      passcodeFailures > 0 ? element('p', {}, 'Incorrect password') : null,
      input,
      element(
        'button',
        { id: 'modal-dialog-ok-button', click: () => enterWith(input.value) },
        'OK',
      ),
    );
  };

  let lobbyMode = 'knock';
  let isKnocking = false;
  const lobby = () => {
    const name = element('input', {
      'data-testid': 'lobby.nameField',
      value: own.name,
      input: ({ target }) => (own.name = target.value),
    });
    const passcode = element('input', { 'data-testid': 'lobby.password', type: 'password' });
    const toPasscode = element(
      'button',
      {
        'data-testid': 'lobby.enterPasswordButton',
        click: () => {
          lobbyMode = 'passcode';
          render();
        },
      },
      'Enter meeting password',
    );
    const knock = element(
      'button',
      {
        'data-testid': 'lobby.knockButton',
        click: () => {
          isKnocking = true;
          meetingPage.tell('knocked', { name: own.name });
          render();
        },
      },
      'Ask to join',
    );
    const content = () => {
      if (lobbyMode === 'passcode') {
        return [
          passcode,
          passcodeFailures > 0
            ? element('div', { 'data-testid': 'lobby.errorMessage' }, 'Invalid password')
            : '',
          element(
            'button',
            {
              'data-testid': 'lobby.passwordJoinButton',
              click: () => enterWith(passcode.value),
            },
            'Join meeting',
          ),
        ];
      }
      if (!isKnocking) return [name, knock, toPasscode];
      return [
        element(
          'span',
          { class: 'joining-message' },
          'You will join the meeting as soon as someone accepts your request',
        ),
        toPasscode,
      ];
    };
    return element(
      'div',
      { class: 'lobby-screen' },
      element('h1', {}, isKnocking ? 'Asking to join meeting...' : 'Join meeting'),
      ...content(),
    );
  };

  const hostDialog = () =>
    element(
      'div',
      { role: 'dialog' },
      element('h1', {}, 'Waiting for the host ...'),
      element('p', {}, 'The conference has not yet started.'),
      element('button', { 'aria-label': 'Cancel' }, 'Cancel'),
      element('button', { 'aria-label': 'Log-in' }, 'I am the host'),
    );

  // ---- the conference
  const tile = ({ id, name }) =>
    element(
      'span',
      {
        id: `participant_${id}`,
        class: `videocontainer${id === state.dominantSpeaker ? ' dominant-speaker' : ''}`,
      },
      element('span', { id: `participant_${id}_name` }, name),
    );
  const message = ({ messageId, displayName, message: text, messageType }) =>
    element(
      'div',
      { id: messageId, class: messageType },
      element(
        'div',
        { class: `chatmessage ${messageType}` },
        element('div', { class: 'display-name' }, displayName),
        element(
          'div',
          { class: 'usermessage' },
          element('span', {}, text),
          element('p', {}, '12:00'),
        ),
      ),
    );
  const chatPanel = () => {
    const input = element('textarea', {
      id: 'chat-input',
      keydown: (event) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        meetingPage.tell('said', { text: input.value, name: own.name });
        input.value = '';
      },
    });
    return element('div', { id: 'sideToolbarContainer' }, ...state.chat.map(message), input);
  };
  let isLeaveMenuOpen = false;
  const leave = () => {
    phase = 'left';
    meetingPage.tell('left');
    meetingPage.stopSound();
    render();
  };
  const conference = () =>
    element(
      'div',
      { id: 'videoconference_page' },
      element('div', { id: 'largeVideoContainer' }),
      element('span', { id: 'localVideoContainer' }, own.name),
      element('div', { id: 'remoteVideos' }, ...state.people.map(tile)),
      element(
        'div',
        { id: 'new-toolbox' },
        microphoneButton(),
        element(
          'div',
          {
            role: 'button',
            'aria-label': isChatOpen ? 'Close chat' : 'Open chat',
            click: () => {
              isChatOpen = !isChatOpen;
              render();
            },
          },
          'Chat',
        ),
        element(
          'div',
          {
            role: 'button',
            class: 'hangup-button',
            'aria-label': 'Leave the meeting',
            click: () => {
              if (!state.hasLeaveMenu) return leave();
              isLeaveMenuOpen = true;
              render();
            },
          },
          'Leave',
        ),
      ),
      isLeaveMenuOpen
        ? element('button', { 'aria-label': 'Leave meeting', click: leave }, 'Leave meeting')
        : null,
      isChatOpen ? chatPanel() : null,
    );

  const notification = (description, ...lines) =>
    element(
      'div',
      { id: 'notifications-container' },
      element('div', { 'data-testid': description }, ...lines.map((one) => element('p', {}, one))),
    );
  const ENDS = {
    removed: () =>
      notification(
        'dialog.kickMessage',
        'Ouch! Maya kicked you out of the meeting',
        'You can contact Maya for more details.',
      ),
    ended: () =>
      notification('dialog.sessTerminated', 'Call terminated', 'The meeting has been terminated'),
    refused: () =>
      notification(
        'lobby.joinRejectedMessage',
        'Your join request has been rejected by a moderator.',
      ),
    'not-allowed': () =>
      notification('dialog.tokenAuthFailed', "Sorry, you're not allowed to join this call."),
    full: () => notification('dialog.maxUsersLimitReached', 'The limit has been reached.'),
    captcha: () =>
      element('iframe', {
        src: '/recaptcha/bframe.html',
        title: 'recaptcha challenge',
        width: 300,
        height: 200,
      }),
  };

  const receive = () =>
    meetingPage.receiveSound({
      onTrack({ track, stream, label }) {
        const audio = element('audio', { id: `remoteAudio_${track.id}`, autoplay: '' });
        audio.srcObject = stream ?? new MediaStream([track]);
        audios.set(track.id, { owner: label });
        document.body.append(audio);
      },
      onConnection: (connection) => meetingPage.tell(`sound-${connection}`),
    });

  const screen = () => {
    if (state.end && phase === 'in') return element('div', {}, conference(), ENDS[state.end]());
    if (state.end) return ENDS[state.end]();
    if (phase === 'left') return element('p', {}, 'Thank you for using Jitsi Meet!');
    if (phase === 'before') return prejoin();
    if (phase === 'in') {
      return state.isConnected
        ? conference()
        : element(
            'div',
            {},
            conference(),
            element('span', { class: 'reload_overlay_title' }, 'You have been disconnected.'),
          );
    }
    return { lobby, passcode: passcodeDialog, 'not-started': hostDialog }[state.door]();
  };
  const render = () => {
    const focused = document.activeElement?.id;
    root.replaceChildren(screen());
    if (focused) document.getElementById(focused)?.focus();
  };

  meetingPage.onState((next) => {
    const isFirst = state === null;
    state = next;
    publishApp();
    if (isFirst) {
      own.name = settings.get('userInfo.displayName') ?? '';
      if (!state.honoursSettings) own.name = '';
      own.isMuted = state.honoursSettings && settings.get('config.startWithAudioMuted') === true;
      own.isCameraOff =
        state.honoursSettings && settings.get('config.startWithVideoMuted') === true;
      meetingPage.tell('opened', { path: location.pathname, query: location.search });
      if (!state.hasPrejoin) join();
    }
    isKnocking ||= phase === 'door' && state.door === 'lobby' && state.knocksByItself;
    if (phase === 'door' && state.door === 'open') {
      phase = 'in';
      receive();
    }
    render();
  });
  // Somebody who asks at an open door is in at once.
  const settle = setInterval(() => {
    if (phase !== 'door' || state?.door !== 'open') return;
    phase = 'in';
    receive();
    render();
  }, 50);
  addEventListener('pagehide', () => clearInterval(settle));
})();
