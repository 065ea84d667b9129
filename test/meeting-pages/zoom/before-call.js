/** What the client shows before the call. */
(() => {
  const DIALOG = 'ReactModal__Content ReactModal__Content--after-open';

  const permissionDialogs = (asked) => {
    const [what] = asked;
    if (!what) return '';
    return `<div class="${DIALOG}" role="dialog">Do you want people to ${what} you in the meeting?
      <span role="button" class="pepc-permission-dialog__footer-button" data-do="skip-device"
        >Continue without microphone and camera</span></div>`;
  };

  const reactForm = ({ state, local }) => `<div class="preview-root">
    <div class="preview-meeting-info">
      ${
        state.passcode === null || local.passcode === state.passcode
          ? ''
          : `<input id="input-for-pwd" type="text" value="${local.typedPasscode}" />
             ${local.isPasscodeWrong ? '<p id="error-for-pwd">Passcode wrong</p>' : ''}`
      }
      <input id="input-for-name" type="text" value="${local.name}" />
      <button id="preview-audio-control-button" aria-label="${local.isMicrophoneOn ? 'Mute' : 'Unmute'}"
        data-do="toggle-microphone">Mute</button>
      <button id="preview-video-control-button" aria-label="${local.isCameraOn ? 'Stop Video' : 'Start Video'}"
        data-do="toggle-camera">Video</button>
      <button class="zm-btn preview-join-button zm-btn--primary ${
        local.isNameTyped ? '' : 'disabled zm-btn--disabled'
      }" ${local.isNameTyped ? '' : 'disabled'} data-do="join">Join</button>
    </div></div>`;

  const classicForm = ({ local }) => `<form class="form" onsubmit="return false">
    <input id="inputname" placeholder="Your Name" type="text" value="${local.name}" />
    <button id="joinBtn" class="btn btn-primary submit" ${
      local.isNameTyped ? '' : 'disabled'
    } data-do="join">Join</button>
  </form>`;

  const overlays = ({ state, local }) => `
    ${
      state.hasCookieBanner && !local.hasChosenCookies
        ? `<div id="onetrust-banner-sdk">We use cookies
             <button id="onetrust-reject-all-handler" data-do="cookies">Reject All</button></div>`
        : ''
    }
    ${
      state.hasTerms && !local.hasAgreed
        ? `<div class="${DIALOG}" role="dialog">Terms of Service
             <button id="wc_agree1" data-do="agree">I Agree</button></div>`
        : ''
    }
    ${permissionDialogs(local.devicesAsked)}`;

  const doors = {
    invalid_link: () => '<div class="error">This meeting link is invalid (3,001)</div>',
    unknown_meeting: () =>
      '<div class="zm-modal"><div class="zm-modal-body-title">This meeting ID is not valid. Please check and try again.</div></div>',
    sign_in: () =>
      `<h1>This meeting is for authorized attendees only</h1>
       <button class="login-btn-zoom">Sign in to join</button>`,
    bot_wall: () =>
      `<div class="zm-modal">We detected you may be a bot. Automated bots aren’t allowed to join this
       meeting or webinar and must use Zoom RTMS. If this was a mistake and you are a human, sign in to
       join the meeting.</div>`,
    captcha: () =>
      `<div class="component_smart_captcha">Type the characters you see
       <input placeholder="Enter the captcha" /></div>`,
    timeout: () =>
      `<div class="${DIALOG}" role="dialog" aria-label="Meeting connected timeout.">
       <div class="zm-modal zm-modal-legacy"><div class="zm-modal-body"><div class="zm-modal-body-title"
       >Joining Meeting Timeout or Browser restriction</div></div>
       <button>Report Problem</button><button>Retry</button><button>Leave</button></div></div>`,
    joining: () => '<div class="loading-layer">Joining Meeting...</div>',
  };

  const waits = {
    waiting_room: 'Please wait, the meeting host will let you in soon.',
    host_joined: "Host has joined. We've let them know you're here.",
    not_started: 'Waiting for the host to start this meeting.',
    other_meeting: 'The host has another meeting in progress.',
  };
  const waitingRoom = (door) => `<div class="meeting-app"><div class="waiting-room-container">
    <div class="wr-information"><span class="wr-topic">Weekly</span>
    <span class="wr-tip">${waits[door]}</span></div>
    <button class="leave-btn" data-do="leave-waiting">Leave</button></div></div>`;

  window.beforeCall = {
    /** The page while the bot is not in the call. */
    render: ({ state, local }) => {
      if (state.ending) return window.callPage.renderEnding(state.ending);
      const early = ['invalid_link', 'unknown_meeting', 'sign_in', 'captcha'];
      if (early.includes(state.door)) return doors[state.door]();
      if (!local.hasAsked) {
        const form = state.client === 'react' ? reactForm : classicForm;
        return form({ state, local }) + overlays({ state, local });
      }
      return waits[state.door] ? waitingRoom(state.door) : doors[state.door]?.();
    },
  };
})();
