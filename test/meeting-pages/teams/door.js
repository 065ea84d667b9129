/** The screens around the call, as markup. */
window.teamsDoor = (() => {
  const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

  const launcher = () => `
    <div class="mainActionsContent">
      <h1>Join your Teams meeting</h1>
      <button aria-label="Join meeting from this browser" class="btn primary" data-tid="joinOnWeb">
        <div class="text"><h3>Continue on this browser</h3></div>
      </button>
      <button aria-label="Open Teams app to join a meeting" data-tid="joinInApp">
        <div class="text"><h3>Join on the Teams app</h3></div>
      </button>
    </div>`;

  const toggle = (tid, isOn) => `
    <input type="checkbox" role="switch" data-tid="${tid}" data-cid="${tid}-${isOn}"
           aria-checked="${isOn}" ${isOn ? 'checked' : ''} />`;

  const prejoin = ({ hasName, isAsked, waitingText }) => `
    <div data-tid="calling-prejoin-screen" role="region">
      <div data-tid="prejoin-header-content">
        <span data-tid="meeting-header-title" title="Microsoft Teams meeting">
          Microsoft Teams meeting
        </span>
      </div>
      ${waitingText ? `<span id="call-status">${escape(waitingText)}</span>` : ''}
      <div data-tid="calling-prejoin-render-content-container">
        ${
          hasName && !isAsked
            ? `<input type="text" data-tid="prejoin-display-name-input" placeholder="Type your name" />`
            : ''
        }
        <div data-tid="prejoin-v2-video-actions">${toggle('toggle-video', true)}</div>
        <div>${toggle('toggle-mute', true)}</div>
      </div>
      <button data-tid="prejoin-cancel-button">Cancel</button>
      <button type="button" id="prejoin-join-button" data-tid="prejoin-join-button"
              aria-label="Join now" ${isAsked ? 'disabled' : ''}>Join now</button>
    </div>`;

  const deviceQuestion = () => `
    <div role="dialog">
      <h2>Are you sure you don’t want audio or video?</h2>
      <button class="fui-Button">Continue without audio or video</button>
    </div>`;

  const lobby = (text) => `
    <div data-tid="calling-lobby-screen">
      <h1>${escape(text)}</h1>
      <button data-tid="prejoin-cancel-button">Cancel</button>
    </div>`;

  const retry = (title, fields = '') => `
    <div data-tid="calling-retry-screen">
      <div data-tid="calling-retry-screen-alert-container" role="alert"
           aria-labelledby="calling-retry-screen-title">
        <h1 id="calling-retry-screen-title">${escape(title)}</h1>
      </div>
      ${fields}
      <button data-tid="calling-retry-rejoinbutton" disabled>Rejoin call</button>
      <button data-tid="calling-retry-cancelbutton">Dismiss</button>
    </div>`;

  const codeFields = (id, passcode) => `
    <input type="text" data-tid="meeting-code-input" aria-label="Meeting ID"
           placeholder="Type a meeting ID" value="${escape(id)}" />
    <input type="text" data-tid="meeting-passcode-input" aria-label="Meeting Passcode"
           placeholder="Type a meeting passcode" value="${escape(passcode)}" />`;

  const loginForm = () => `
    <form>
      <div role="heading">Sign in</div>
      <input type="email" name="loginfmt" placeholder="Email, phone, or Skype" />
      <input type="submit" id="idSIButton9" value="Next" />
    </form>`;

  const app = (name) => `
    <div data-tid="app-layout-area--main">
      <span data-tid="me-control-avatar" aria-label="Profile picture of ${escape(name)}."></span>
    </div>`;

  /** What each ending shows, by the test's word for it. */
  const endings = {
    refused: () => retry('Sorry, but you were denied access to the meeting.'),
    removed: () => retry("You've been removed from this meeting"),
    ended: () => retry('The meeting has ended'),
    'no-such-meeting': (id, passcode) =>
      retry("We couldn't find a meeting matching this ID and passcode.", codeFields(id, passcode)),
    'sign-in-asked': () =>
      retry('To join this Teams meeting, you need to be signed in to an account.'),
    'guests-later': () =>
      retry(
        'External participants are not permitted to join before the event begins. ' +
          'Please join after the event has started.',
      ),
    'cannot-connect': () => retry("Sorry, we couldn't connect you."),
    captcha: () => `<div role="dialog"><h1>Verify you’re a real person</h1></div>`,
    'login-form': loginForm,
  };

  return { escape, launcher, prejoin, deviceQuestion, lobby, loginForm, app, endings };
})();
