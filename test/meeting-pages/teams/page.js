/** Shows what the test's state says, and tells it what is pressed. */
(() => {
  const { launcher, prejoin, deviceQuestion, lobby, loginForm, app: shell } = window.teamsDoor;
  const { endings } = window.teamsDoor;
  const app = document.getElementById('app');
  const OWN_KEY = '8:teamsvisitor:bot';
  let state = null;
  let drawn = '';
  let hasPassedLauncher = false;
  let hasConfirmed = false;
  let isAsking = false;
  let name = '';

  /** The application takes up a stored sign-in when it is opened; links alone do not. */
  const isApp = location.pathname.startsWith('/v2');
  const isSignedIn = () => state.account !== null && sessionStorage.getItem('app') === 'opened';
  const ownName = () => (isSignedIn() ? state.account : name);
  const meetingId = () => location.pathname.split('/').at(-1);
  const passcode = () => new URLSearchParams(location.search).get('p') ?? '';

  const draw = () => {
    if (isApp) {
      if (state.account === null) return loginForm();
      sessionStorage.setItem('app', 'opened');
      return shell(state.account);
    }
    if (state.hasLauncher && !hasPassedLauncher) return launcher();
    const isGuest = state.client === 'guest';
    const hasName = !isSignedIn();
    const waiting = {
      lobby: isGuest ? 'Someone will let you in shortly' : 'Someone will let you in soon',
      'not-started': `Hi, ${ownName()}. Someone will let you in when the meeting starts.`,
    }[state.screen];
    // Guests wait on what is left of the pre-join page.
    if (waiting && isGuest) return prejoin({ hasName, isAsked: true, waitingText: waiting });
    if (waiting) return lobby(waiting);
    if (state.screen === 'door') {
      return (
        prejoin({ hasName, isAsked: isAsking }) +
        (state.question === 'open' ? deviceQuestion() : '')
      );
    }
    return endings[state.screen](meetingId(), passcode());
  };

  const show = () => {
    const hasArrived = !isApp && (!state.hasLauncher || hasPassedLauncher);
    if (state.screen === 'call' && hasArrived) {
      drawn = '';
      window.teamsCall.enter(state, { key: OWN_KEY, name: ownName() });
      return;
    }
    window.teamsCall.exit();
    const content = draw();
    if (content === drawn) return;
    drawn = content;
    app.innerHTML = content + (state.account && hasArrived ? shell(state.account) : '');
  };

  const isOn = (tid) => document.querySelector(`[data-tid="${tid}"]`).checked;
  const ask = () => {
    const input = document.querySelector('[data-tid="prejoin-display-name-input"]');
    name = input?.value ?? '';
    const detail = {
      name: input ? name : state.account,
      isMicrophoneOn: isOn('toggle-mute'),
      isCameraOn: isOn('toggle-video'),
      path: location.pathname,
      passcode: passcode(),
      fragment: location.hash,
    };
    if (state.question === 'after-asking' && !hasConfirmed) {
      state = { ...state, question: 'open' };
      return app.insertAdjacentHTML('beforeend', deviceQuestion());
    }
    isAsking = true;
    show();
    meetingPage.tell('asked', detail);
  };

  app.addEventListener('change', ({ target }) => {
    target.setAttribute('aria-checked', String(target.checked));
  });
  app.addEventListener('click', ({ target }) => {
    const tid = target.closest('[data-tid]')?.dataset.tid;
    if (tid === 'joinOnWeb') {
      hasPassedLauncher = true;
      show();
    }
    if (tid === 'prejoin-join-button') ask();
    if (tid === 'prejoin-cancel-button') meetingPage.tell('cancelled');
    if (target.closest('[role="dialog"] button')) {
      hasConfirmed = true;
      state = { ...state, question: 'answered' };
      target.closest('[role="dialog"]').remove();
    }
  });
  meetingPage.onState((next) => {
    state = { ...next, question: hasConfirmed ? 'answered' : next.question };
    show();
  });
})();
