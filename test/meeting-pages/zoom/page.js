/** The client itself: keeps what the bot did, draws the page anew at each change. */
(() => {
  const root = document.querySelector('#root');
  const local = {
    name: '',
    isNameTyped: false,
    typedPasscode: '',
    passcode: new URLSearchParams(location.search).get('pwd'),
    isPasscodeWrong: false,
    isMicrophoneOn: true,
    isCameraOn: true,
    hasAsked: false,
    hasChosenCookies: false,
    hasAgreed: false,
    devicesAsked: null,
    hasSound: false,
    isAudioAsked: false,
    panels: [],
    hasUnreadChat: false,
    chatLength: 0,
    isMoreOpen: false,
    isVideoStopped: false,
    isLeaving: false,
    noticeRead: null,
  };
  let state = null;
  let speaking = [];
  let active = null;
  let isHearing = false;
  let drawn = '';

  const tell = (name, detail) => meetingPage.tell(name, detail);
  const isShell = () => state.framing === 'iframe' && window.top === window;
  const isIn = () => local.hasAsked && state.door === 'open';

  /** Everybody in the order of Zoom's panel: oneself first. */
  const listPeople = () => [
    { key: 'bot', id: 16778240, name: local.name, isSelf: true, isMuted: !local.isMicrophoneOn },
    ...state.people,
  ];

  // Zoom's store hangs in the React tree below #root; only what the adapter reads is there.
  const store = {
    getState: () => ({
      attendeesList: {
        attendeesList: isIn()
          ? listPeople().map(({ id, name }) => ({ userId: id, displayName: name }))
          : [],
      },
    }),
  };
  const placeStore = () => {
    if (!state.hasStore) return delete root['__reactContainer$standin'];
    const provider = { memoizedProps: { store }, child: null };
    root['__reactContainer$standin'] = { memoizedProps: null, child: provider };
  };

  const hear = () => {
    if (isHearing || !local.hasSound || state.sound === 'none') return;
    isHearing = true;
    if (state.sound === 'web_audio') return window.playTone();
    meetingPage.receiveSound({
      onTrack: ({ track }) => {
        const element = new Audio();
        element.srcObject = new MediaStream([track]);
        element.play();
      },
      onConnection: (connection) => tell(`sound-${connection}`),
      hasContributingSources: state.hasContributingSources,
    });
  };
  /** Sound that Zoom's own code has decoded: no track carries it. */
  window.playTone = () => {
    const context = new AudioContext();
    const tone = new OscillatorNode(context, { frequency: 440 });
    tone.connect(context.destination);
    tone.start();
  };

  /** What the others would hear of the bot. */
  const listenToMicrophone = async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => null);
    if (!stream) return;
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 1024 });
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      if (!local.isMicrophoneOn || samples.every((one) => Math.abs(one) < 0.05)) return;
      clearInterval(timer);
      tell('voice-heard');
    }, 20);
  };

  const draw = () => {
    if (isShell()) return drawShell();
    placeStore();
    local.devicesAsked ??= state.hasPermissionDialogs ? ['see', 'hear'] : [];
    if (state.chat.length > local.chatLength) {
      local.hasUnreadChat = !local.panels.includes('chat');
      local.chatLength = state.chat.length;
    }
    const view = { state, local, people: listPeople(), speaking, active };
    document.title = state.door === 'invalid_link' ? 'Error - Zoom' : 'Zoom meeting on web';
    const html = isIn() ? window.callPage.render(view) : window.beforeCall.render(view);
    if (html === drawn) return;
    drawn = html;
    root.innerHTML = html;
    if (local.panels.includes('chat') && isIn())
      root.querySelector('#chatContainer').append(editor);
    if (isIn()) hear();
  };

  const drawShell = () => {
    if (root.querySelector('iframe') || state.ending === 'home') return;
    const target = new URL(location.href);
    target.searchParams.set('fromPWA', '1');
    root.innerHTML = `<div class="pwa-webclient"><div class="pwa-webclient__iframe-wrapper"><iframe
      class="pwa-webclient__iframe" id="webclient" role="presentation"></iframe></div></div>`;
    root.querySelector('iframe').src = target.href;
  };

  // The editor keeps what is typed while the page around it is drawn anew.
  const editor = document.createElement('div');
  editor.className = 'chat-rtf-box__editor-outer';
  editor.innerHTML = `<div class="tiptap ProseMirror" contenteditable="true"></div>
    <button class="chat-rtf-box__send chat-rtf-box__send--disabled" aria-label="send" data-do="send">Send</button>`;
  const typed = editor.querySelector('[contenteditable]');
  typed.addEventListener('input', () =>
    editor
      .querySelector('button')
      .classList.toggle('chat-rtf-box__send--disabled', typed.innerText.trim() === ''),
  );

  const togglePanel = (name) => {
    if (local.panels.includes(name)) local.panels = local.panels.filter((one) => one !== name);
    else local.panels = state.hasOnePanel ? [name] : [...local.panels, name];
    if (name === 'chat') local.hasUnreadChat = false;
  };

  const actions = {
    cookies: () => (local.hasChosenCookies = true),
    agree: () => (local.hasAgreed = true),
    'skip-device': () => local.devicesAsked.shift(),
    'toggle-microphone': () => (local.isMicrophoneOn = !local.isMicrophoneOn),
    'toggle-camera': () => (local.isCameraOn = !local.isCameraOn),
    join: () => {
      const passcode = local.typedPasscode || local.passcode;
      local.isPasscodeWrong = state.passcode !== null && passcode !== state.passcode;
      if (local.isPasscodeWrong) return tell('passcode-refused');
      local.hasAsked = true;
      const { name, isMicrophoneOn, isCameraOn } = local;
      tell('asked', {
        name,
        isMicrophoneOn,
        isCameraOn,
        path: location.pathname,
        query: location.search,
      });
    },
    audio: () => {
      if (!local.hasSound) return (local.isAudioAsked = true);
      local.isMicrophoneOn = !local.isMicrophoneOn;
      tell('microphone', local.isMicrophoneOn);
    },
    'computer-audio': () => {
      Object.assign(local, { hasSound: true, isAudioAsked: false });
      // Zoom forgets on the way in that the microphone was muted.
      local.isMicrophoneOn = true;
      tell('sound-joined');
      listenToMicrophone();
    },
    roster: () => togglePanel('roster'),
    chat: () => togglePanel('chat'),
    more: () => (local.isMoreOpen = !local.isMoreOpen),
    'stop-video': () => {
      local.isVideoStopped = true;
      tell('video-stopped');
    },
    notice: () => {
      local.noticeRead = state.notice;
      tell('notice-read');
    },
    send: () => {
      tell('chat', typed.innerText.trim());
      typed.textContent = '';
      typed.dispatchEvent(new Event('input'));
    },
    leave: () => (local.isLeaving = true),
    'leave-meeting': () => {
      tell('left');
      local.hasAsked = false;
      history.replaceState(null, '', '/wc/leave?meetingNumber=1');
    },
    'leave-waiting': () => {
      tell('left-waiting');
      local.hasAsked = false;
    },
  };
  addEventListener('resize', () => {
    if (state) draw();
  });
  document.addEventListener('click', ({ target }) => {
    const button = target.closest('[data-do]');
    if (!button || button.classList.contains('disabled')) return;
    actions[button.dataset.do]?.();
    draw();
  });
  document.addEventListener('input', ({ target }) => {
    if (target.id === 'input-for-pwd') local.typedPasscode = target.value;
    if (['input-for-name', 'inputname'].includes(target.id)) local.name = target.value;
  });
  // Join wakes up by keys, not by a value that is set.
  document.addEventListener('keyup', () => {
    const button = root.querySelector('.preview-join-button, #joinBtn');
    if (!button) return;
    local.isNameTyped = local.name !== '';
    button.classList.toggle('disabled', !local.isNameTyped);
    button.classList.toggle('zm-btn--disabled', !local.isNameTyped);
    button.disabled = !local.isNameTyped;
  });

  meetingPage.onSpeaking((people) => {
    speaking = people;
    // The frame stays on the last who spoke.
    active = people.at(-1) ?? active;
    if (state) draw();
  });
  meetingPage.onState((next) => {
    state = next;
    if (state.ending === 'home' && window.top === window) {
      history.replaceState(null, '', '/wc/home');
      root.innerHTML = '<h1>Home</h1>';
      return;
    }
    draw();
  });
})();
