/** What the client shows in the call. */
(() => {
  const ROW_PX = 48;
  /** Header, search field and buttons of the panel, and the bars of the page. */
  const AROUND_ROWS_PX = 420;
  const countRows = () => Math.max(1, Math.floor((innerHeight - AROUND_ROWS_PX) / ROW_PX));

  const markOf = ({ isSelf, isHost }) => {
    const marks = [isHost && 'Host', isSelf && (isHost ? 'me' : 'Me')].filter(Boolean);
    return marks.length > 0 ? `(${marks.join(', ')})` : '';
  };
  const escape = (text) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

  const row = (person, speaking) => `<div class="participants-item-position"><div>
    <div role="application" class="item-pos participants-li " tabindex="-1"
      aria-label="${escape(person.name)} ${markOf(person)},computer audio ${person.isMuted ? 'muted' : 'unmuted'},video off">
      <div class="participants-item__item-layout"><div class="participants-item__left-section">
        <div class="participants-item__avatar" aria-hidden="true">${escape(person.name.slice(0, 1))}</div>
        <span class="participants-item__name-section">
          <span class="participants-item__display-name">${escape(person.name)}</span>
          <span class="participants-item__name-label"> ${markOf(person)}</span></span></div>
        <div class="participants-item__right-section"><div class="participants-icon__icon-box">
          <svg class="lazy-svg-icon__icon ${
            speaking.includes(person.key)
              ? 'participants-icon__voip-speaking-icon'
              : `lazy-icon-icons/participants-list/audio-${person.isMuted ? 'muted' : 'unmuted'}`
          }"></svg></div></div></div></div></div></div>`;

  const roster = ({ people, speaking }) => `<div class="participants-section-container">
    <span aria-label="Participants (${people.length})">Participants (${people.length})</span>
    <div id="participants-ul" role="list" aria-label="Participants list" class="participants-list-container">
    ${people
      .slice(0, countRows())
      .map((person) => row(person, speaking))
      .join('')}</div></div>`;

  const tile = (person, active) => `<div class="gallery-video-container__video-frame ${
    person.key === active ? 'gallery-video-container__video-frame--active' : ''
  }"><div class="video-avatar__avatar"><div class="video-avatar__avatar-title">
    <div class="video-avatar__avatar-name">${escape(person.name)}</div></div>
    <div class="video-avatar__avatar-footer">${
      person.isMuted ? '<i class="video-avatar__avatar-footer--view-mute-computer"></i>' : ''
    }<span role="none">${escape(person.name)}</span></div></div></div>`;

  const message = ({ id, from, text }, before) => `<div class="chat-item-container" data-id="${id}">
    ${
      before?.from === from
        ? ''
        : `<span class="chat-item__sender" data-userid="1" data-name="${escape(from)}">${escape(from)}</span>`
    }
    <div class="new-chat-message__container" role="row"><div class="new-chat-message__text-box" id="${id}">
    <div class="chat-rtf-box__display">${escape(text)}</div></div></div></div>`;

  const chat = ({ chat: lines }) => `<div id="chatContainer">
    <div class="chat-item__chat-info" role="application" aria-label="Chat Message List">${lines
      .map((line, index) => message(line, lines[index - 1]))
      .join('')}</div></div>`;

  const footer = ({ state, local, people }) => `<div id="wc-footer" class="${
    state.isFooterHidden ? 'footer__hidden' : ''
  }">
    <button class="footer-button-base__button join-audio-container__btn" data-do="audio"
      aria-label="${local.hasSound ? (local.isMicrophoneOn ? 'mute my microphone' : 'unmute my microphone') : 'audio'}">Audio</button>
    ${
      people.length > 1
        ? `<button class="footer-button__button" data-do="roster"
             aria-label="${local.panels.includes('roster') ? 'close' : 'open'} the participants list pane,[${people.length}] particpants">Participants</button>`
        : ''
    }
    <button class="footer-button__button" data-do="chat"
      aria-label="${local.panels.includes('chat') ? 'close' : 'open'} the chat panel">Chat${
        local.hasUnreadChat ? '<i class="footer-button__number-badge">1</i>' : ''
      }</button>
    <div role="group" aria-label="More meeting control " class="dropdown-toggle"><button data-do="more">More</button></div>
    ${
      local.isMoreOpen && !local.isVideoStopped
        ? '<a class="dropdown-item" role="button" aria-label="Stop Incoming Video" data-do="stop-video">Stop Incoming Video</a>'
        : ''
    }
    <div class="footer__leave-btn-container" footer-section="right"><button aria-label="Leave"
      class="footer-button-base__button footer-button__button" data-do="leave">Leave</button></div></div>`;

  const dialogs = ({ state, local }) => `
    ${local.isAudioAsked ? '<button class="zm-btn join-audio-by-voip__join-btn" data-do="computer-audio">Join Audio by Computer</button>' : ''}
    ${local.isLeaving ? '<button class="zmu-btn leave-meeting-options__btn--danger" data-do="leave-meeting">Leave Meeting</button>' : ''}
    ${
      state.notice && state.notice !== local.noticeRead
        ? `<div class="zm-modal zm-modal-legacy"><div class="zm-modal-body"><div class="zm-modal-body-title"
             >${escape(state.notice)}</div></div><button data-do="notice">Got it</button></div>`
        : ''
    }
    ${state.connection === 'reconnecting' ? '<div class="dialog-reconnect-container"><button>Retry</button><button>Leave</button></div>' : ''}
    ${state.connection === 'disconnected' ? '<div id="wc-leave">Meeting Disconnected</div>' : ''}`;

  const TEXTS = {
    ended: 'This meeting has been ended by host',
    removed: 'You have been removed from the meeting',
  };

  window.callPage = {
    renderEnding: (ending) => `<div class="zm-modal zm-modal-legacy"><div class="zm-modal-body">
      <div class="zm-modal-body-title">${TEXTS[ending]}</div></div>
      <div class="zm-modal-footer"><button class="zm-btn">OK</button></div></div>`,
    render: ({
      state,
      local,
      people,
      speaking,
      active,
    }) => `<div id="wc-container" class="meeting-app">
      ${people.map((person) => tile(person, active)).join('')}
      ${local.panels.includes('roster') && people.length > 1 ? roster({ people, speaking }) : ''}
      ${local.panels.includes('chat') ? chat(state) : ''}
      ${footer({ state, local, people })}
      ${dialogs({ state, local })}
      ${state.ending ? window.callPage.renderEnding(state.ending) : ''}</div>`,
  };
})();
