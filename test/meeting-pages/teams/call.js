/** The call itself: toolbar, tiles, roster and chat. */
window.teamsCall = (() => {
  const { escape } = window.teamsDoor;
  const app = document.getElementById('app');
  let pane = null;
  let isMicrophoneOn = false;
  let isVideoMenuOpen = false;
  let speaking = [];
  let shown = null;

  const isGuest = (state) => state.client === 'guest';

  const toolbar = (state) => `
    <div data-tid="ubar-toolbar-wrapper">
      <span data-tid="call-duration">00:51</span>
      <div role="toolbar" aria-label="Meeting controls" data-tid="ubar-horizontal-middle-end">
        ${
          state.hasChat
            ? `<button id="chat-button" data-inp="chat-button" aria-label="Chat">Chat</button>`
            : ''
        }
        <button id="roster-button" data-inp="roster-button" aria-label="People">
          People <span data-tid="roster-button-tile">${state.people.length + 1}</span>
        </button>
        <button id="${isGuest(state) ? 'custom-view-button' : 'view-mode-button'}">View</button>
        <button id="callingButtons-showMoreBtn" aria-label="More">More</button>
        ${microphone(state)}
        <button type="button" data-tid="hangup-main-btn" data-inp="hangup-button"
                id="hangup-button" aria-label="Leave">Leave</button>
      </div>
      ${isVideoMenuOpen ? videoMenu() : ''}
    </div>
    ${state.notice ? notice(state.notice) : ''}`;

  const microphone = (state) => {
    const label = isMicrophoneOn ? 'Mute mic' : 'Unmute mic';
    return isGuest(state)
      ? `<button id="mic-button" aria-label="${label}">Mic</button>`
      : `<button id="microphone-button" data-inp="microphone-button" aria-label="${label}"
                 data-state="${isMicrophoneOn ? 'mic' : 'mic-off'}"
                 data-track-action-scenario="${isMicrophoneOn ? 'callMuteAudio' : 'callUnmuteAudio'}"
         >Mic</button>`;
  };

  const videoMenu = () => `
    <div role="menu">
      <div role="menuitem" id="incoming-video-button" aria-label="Turn off incoming video">
        Turn off incoming video
      </div>
    </div>`;

  const notice = (text) => `
    <div data-tid="callingAlert_network" role="alert">
      ${escape(text)}
      <button data-tid="callingAlertDismissButton_network">Dismiss</button>
    </div>`;

  const outline = (state, isSpeaking) => {
    if (state.outline === 'none') return '';
    const marks = {
      attribute: `data-is-speaking="${isSpeaking}"`,
      class: `class="fui-Flex ${isSpeaking ? 'vdi-frame-occlusion' : ''}"`,
      drawn: `class="drawn ${isSpeaking ? 'lit' : ''}"`,
    };
    return `<div data-tid="voice-level-stream-outline" ${marks[state.outline]}></div>`;
  };

  const nameTag = ({ name, isMuted }) => `
    <div data-tid="participant-info">
      <div data-tid="participant-info-nametag"><span><div><span>${escape(name)}</span></div></span>
        ${isMuted ? '<svg data-cid="roster-participant-muted"></svg>' : ''}
      </div>
    </div>`;

  const tile = (state, person) => {
    const label = `${escape(person.name)}${person.isMuted ? ', muted' : ''}, Context menu is available`;
    const content = `${nameTag(person)}${outline(state, [...speaking, ...state.speaking].includes(person.key))}`;
    return isGuest(state)
      ? `<div data-tid="menur1j" role="menuitem" aria-label="${label}">${content}</div>`
      : `<div data-cid="calling-participant-stream" data-acc-element-id="${escape(person.key)}"
              data-tid="${escape(person.email ?? person.name)}" data-stream-type="Video"
              role="menuitem" aria-label="${label}">${content}</div>`;
  };
  const share = ({ name }) => `
    <div data-cid="calling-participant-stream" data-stream-type="ScreenSharing"
         data-tid="${escape(name)}" aria-label="Content shared by ${escape(name)}"></div>`;

  const row = (state, { key, name, isOrganizer }) => {
    const prefix = isGuest(state) ? 'attendeesInMeeting' : 'participantsInCall';
    return `
      <div role="treeitem" data-cid="roster-participant" data-tid="${prefix}-${escape(name)}"
           id="calling-roster-item-${escape(key)}"
           aria-label="${escape(name)}${isOrganizer ? ', Organizer' : ''}, Muted">
        <div id="roster-avatar-img-${escape(key)}">${escape(name)}</div>
        ${
          isOrganizer && !isGuest(state)
            ? '<span data-tid="ts-roster-organizer-status">Organizer</span>'
            : ''
        }
      </div>`;
  };
  const roster = (state, own) => `
    <div data-tid="calling-roster-attendees" role="tree" aria-label="Attendees">
      <div id="roster-title-section-2">In this meeting (${state.people.length + 1})</div>
      ${[own, ...state.people].map((person) => row(state, person)).join('')}
    </div>`;

  const message = ({ id, from, text }, before) => `
    <div data-tid="chat-pane-message" data-mid="${id}"
         class="${from === null ? 'fui-ChatMyMessage' : 'fui-ChatMessage'}">
      ${
        from === null || before?.from === from
          ? ''
          : `<span data-tid="message-author-name" id="author-${id}">${escape(from)}</span>`
      }
      <div id="content-${id}" data-message-content>${escape(text)}</div>
    </div>`;
  const chat = (state) => `
    <div data-tid="message-pane-list-runway">
      ${state.chat
        .map(
          (one, at) => `<div data-tid="chat-pane-item">${message(one, state.chat[at - 1])}</div>`,
        )
        .join('')}
    </div>
    <div data-tid="ckeditor" contenteditable="true" role="textbox" aria-label="Type a message"></div>
    <button data-tid="newMessageCommands-send" aria-label="Send">Send</button>`;

  const tiles = (state) =>
    state.people.map((person) => tile(state, person)).join('') +
    state.people
      .filter(({ isSharing }) => isSharing)
      .map(share)
      .join('');

  /** Only what changed is drawn anew: what is being typed must stay. */
  const fill = (element, content) => {
    if (element.drawn === content) return;
    element.drawn = content;
    element.innerHTML = content;
  };

  const render = () => {
    if (!shown) return;
    const { state, own } = shown;
    const [bar, stage, list, side] = app.children;
    fill(bar, toolbar(state));
    fill(stage, `<div data-tid="stage-layouts-renderer">${tiles(state)}</div>`);
    fill(list, pane === 'roster' ? roster(state, own) : '');
    if (pane !== 'chat') fill(side, '');
    else if (side.children.length === 0) fill(side, chat(state));
    else side.children[0].outerHTML = chat(state).split('<div data-tid="ckeditor"')[0];
  };

  const sendMessage = () => {
    const input = document.querySelector('[data-tid="ckeditor"]');
    const text = input.innerText.trim();
    if (text === '') return;
    input.textContent = '';
    meetingPage.tell('chat', { text });
  };

  const press = {
    'roster-button': () => (pane = pane === 'roster' ? null : 'roster'),
    'chat-button': () => (pane = pane === 'chat' ? null : 'chat'),
    'view-mode-button': () => (isVideoMenuOpen = !isVideoMenuOpen),
    'custom-view-button': () => (isVideoMenuOpen = !isVideoMenuOpen),
    'incoming-video-button': () => {
      isVideoMenuOpen = false;
      meetingPage.tell('incoming-video-off');
    },
    'microphone-button': () => toggleMicrophone(),
    'mic-button': () => toggleMicrophone(),
    'hangup-button': () => meetingPage.tell('left'),
  };
  const toggleMicrophone = () => {
    isMicrophoneOn = !isMicrophoneOn;
    meetingPage.tell('microphone', { isOn: isMicrophoneOn });
  };

  app.addEventListener('click', ({ target }) => {
    if (!shown) return;
    if (target.closest('[data-tid="newMessageCommands-send"]')) sendMessage();
    if (target.closest('[data-tid^="callingAlertDismissButton"]')) meetingPage.tell('dismissed');
    press[target.closest('[id]')?.id]?.();
    render();
  });

  const enter = (state, own) => {
    if (!shown) {
      app.innerHTML = '<div></div><div></div><div></div><div></div>';
      meetingPage.receiveSound({
        hasContributingSources: true,
        onTrack: ({ track }) => {
          const element = document.createElement('audio');
          element.srcObject = new MediaStream([track]);
          document.body.append(element);
          element.play();
        },
      });
    }
    shown = { state, own };
    render();
  };
  const exit = () => {
    if (!shown) return;
    shown = null;
    meetingPage.stopSound();
  };
  meetingPage.onSpeaking((people) => {
    speaking = people;
    render();
  });
  return { enter, exit };
})();
