const root = document.querySelector('#root');
const dialogs = document.querySelector('#dialogs');
const sound = document.querySelector('#sound');
const OWN_ID = 'spaces/standin/devices/self';
const THUMBNAIL = 'spaces/standin/devices/preview';

let state = null;
let panel = null;
let ownName = 'Signed-in Notes';
let speaking = [];
let isHearing = false;
const own = { microphone: true, camera: true };

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'onclick') element.addEventListener('click', value);
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};
const button = (text, onclick, attributes = {}) =>
  make('button', { onclick, ...attributes }, make('span', {}, text));

const device = (name, key) => {
  const isOn = own[key];
  const toggle = () => {
    own[key] = !own[key];
    meetingPage.tell(`${key}-${own[key] ? 'on' : 'off'}`);
    draw();
  };
  return make('button', {
    'aria-label': `Turn ${isOn ? 'off' : 'on'} ${name}`,
    'data-is-muted': String(!isOn),
    onclick: toggle,
  });
};
const devices = () => [device('microphone', 'microphone'), device('camera', 'camera')];

const preview = () =>
  make(
    'div',
    { 'data-participant-id': THUMBNAIL },
    make('i', { class: 'google-material-icons' }, 'visual_effects'),
    make('button', { 'aria-label': 'Backgrounds and effects' }),
  );
const home = () => button('Return to home screen', () => meetingPage.tell('went-home'));
const leave = () =>
  make('button', {
    jsname: 'CQylAd',
    'aria-label': 'Leave call',
    onclick: () => meetingPage.tell('left'),
  });

// Before the call

const drawPrejoin = () => {
  const input = make('input', { type: 'text', 'aria-label': 'Your name', jsname: 'YPqjbf' });
  const ask = () => {
    if (!state.isSignedIn) ownName = input.value;
    meetingPage.tell('asked-to-join', {
      name: state.isSignedIn ? null : ownName,
      microphone: own.microphone,
      camera: own.camera,
      language: new URLSearchParams(location.search).get('hl'),
      preferences: localStorage.getItem('meet-preferences'),
    });
  };
  const join = button(state.joinText, ask, {
    ...(state.hasJsname && { jsname: 'Qx7uuf' }),
    ...(!state.isSignedIn && { disabled: '' }),
  });
  input.addEventListener('input', () => join.toggleAttribute('disabled', input.value === ''));
  return [
    preview(),
    ...(state.hasDevices ? devices() : [make('div', {}, 'Microphone not found')]),
    ...(state.isSignedIn ? [make('div', {}, 'notes@example.com')] : [input]),
    join,
    button('Other ways to join', () => meetingPage.tell('wrong-button')),
  ];
};

const drawLobby = (text) => [preview(), ...devices(), leave(), home(), make('div', {}, text)];

const drawLastWord = (heading, more = '', isBare = false) => [
  make('div', { class: 'roSPhc' }, make('h1', {}, state.lastWord ?? heading)),
  make('p', {}, state.lastWord ? '' : more),
  ...(isBare ? [] : [home()]),
];

const drawSignIn = () => [
  make('div', {}, make('h1', {}, 'Sign in'), make('p', {}, 'Use your Google Account')),
  make('input', { type: 'email', id: 'identifierId', 'aria-label': 'Email or phone' }),
];

// The call

const glowOf = (id) => {
  const isLit = speaking.includes(id);
  if (state.glow === 'frame') return make('div', { class: `frame ${isLit ? 'lit' : ''}` });
  if (state.glow === 'level') return make('div', { 'data-audio-level': isLit ? '7' : '0' });
  return make('div', { class: isLit ? state.glow : 'gjg47c' });
};

const tile = ({ id, name }, isSelf) => {
  const label = make('div', {}, make('span', { class: 'notranslate' }, name));
  if (isSelf) label.setAttribute('data-self-name', name);
  return make(
    'div',
    { class: 'tile', ...(state.hasTileIds && { 'data-participant-id': id }) },
    glowOf(id),
    state.hasTileIds || !isSelf ? label : make('div', {}, name),
    make('button', { 'aria-label': `More options for ${name}` }),
  );
};

const row = ({ id, name, isHost }, isSelf) =>
  make(
    'div',
    {
      role: 'listitem',
      'aria-label': name,
      ...(state.hasTileIds && { 'data-participant-id': id }),
    },
    make('span', {}, name),
    isSelf ? make('span', {}, '(You)') : '',
    isHost ? make('div', {}, 'Meeting host') : '',
    make('button', { 'aria-label': `Mute ${name}'s microphone` }),
  );

const drawPeople = (everyone) => [
  make('h2', {}, 'People'),
  make(
    'div',
    { role: 'list', 'aria-label': 'Participants' },
    ...everyone.map((one) => row(one, one.id === OWN_ID)),
    ...(state.presenter ? [row({ ...state.presenter, isHost: false }, false)] : []),
  ),
];

/** Messages that one person sent one after the other share a heading. */
const drawChat = () => {
  const groups = [];
  for (const message of state.chat) {
    const last = groups.at(-1);
    if (last?.from === message.from) last.messages.push(message);
    else groups.push({ from: message.from, messages: [message] });
  }
  const input = make('textarea', { 'aria-label': 'Send a message', maxlength: '500' });
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    if (input.value.trim()) meetingPage.tell('chat', { text: input.value });
    input.value = '';
  });
  return [
    make('h2', {}, 'In-call messages'),
    make(
      'div',
      { 'aria-live': 'polite' },
      ...groups.map(({ from, messages }) =>
        make(
          'div',
          {},
          make('div', {}, ...(from ? [make('div', {}, from)] : []), make('div', {}, '2:44 PM')),
          make(
            'div',
            {},
            ...messages.map(({ id, text }) =>
              make('div', { 'data-message-id': id }, make('div', {}, make('div', {}, text))),
            ),
          ),
        ),
      ),
    ),
    ...(state.hasChat ? [input] : [make('p', {}, 'Chat is turned off')]),
  ];
};

const drawCall = () => {
  const everyone = [{ id: OWN_ID, name: ownName }, ...state.people];
  const open = (wanted) => () => {
    panel = panel === wanted ? null : wanted;
    meetingPage.tell(`panel-${panel}`);
    draw();
  };
  const people = { 'aria-label': `People - ${everyone.length} joined`, onclick: open('people') };
  const chat = { 'aria-label': 'Chat with everyone', onclick: open('chat') };
  return [
    make(
      'main',
      { class: 'tiles', 'data-glow': state.glow },
      ...everyone.slice(0, state.tileLimit).map((one) => tile(one, one.id === OWN_ID)),
    ),
    state.isReconnecting
      ? make('div', { role: 'alert' }, 'You lost your network connection. Trying to reconnect.')
      : '',
    localStorage.getItem('meet-preferences')
      ? make('div', {}, 'Incoming video is set to audio only')
      : '',
    make(
      'div',
      { role: 'toolbar', class: state.isToolbarAsleep ? 'asleep' : '' },
      ...devices(),
      leave(),
      make('button', people, make('span', { 'data-avatar-count': everyone.length })),
      make('button', chat),
    ),
    ...(panel
      ? [
          make(
            'aside',
            { 'aria-label': 'Side panel' },
            ...(panel === 'chat' ? drawChat() : drawPeople(everyone)),
          ),
        ]
      : []),
  ];
};

// What stands before the page

const drawDialogs = () => {
  const dismiss = (name) => () => meetingPage.tell('dismissed', name);
  const known = {
    gotIt: () =>
      make(
        'div',
        { role: 'dialog' },
        'Others may see your meeting differently',
        button('Got it', dismiss('gotIt')),
      ),
    noDevices: () =>
      make(
        'div',
        { role: 'dialog' },
        button('Continue without microphone and camera', dismiss('noDevices')),
      ),
    recorded: () =>
      make(
        'div',
        { role: 'dialog', 'aria-modal': 'true' },
        make('h2', {}, 'This video call is being recorded'),
        button('Leave', () => meetingPage.tell('wrong-button'), {
          'data-mdc-dialog-action': 'cancel',
        }),
        button('Join now', dismiss('recorded'), { 'data-mdc-dialog-action': 'ok' }),
      ),
  };
  const frame = (attributes) => make('iframe', attributes);
  const captchas = {
    invisible: () => frame({ class: 'background', src: '/recaptcha/check.html' }),
    badge: () => frame({ width: 1, height: 1, src: '/recaptcha/check.html' }),
    shown: () => frame({ width: 304, height: 78, src: '/recaptcha/check.html' }),
  };
  return [
    ...state.dialogs.map((name) => known[name]()),
    ...(state.captcha ? [captchas[state.captcha]()] : []),
  ];
};

const SCREENS = {
  prejoin: drawPrejoin,
  lobby: () => drawLobby(state.lobbyText),
  notStarted: () => drawLobby('Waiting for the host to join'),
  denied: () => [
    ...drawLastWord('You can’t join this call', 'Someone in the call denied your request to join'),
    button('Ask to join again', () => meetingPage.tell('wrong-button')),
  ],
  noAnswer: () =>
    drawLastWord('You can’t join this call', 'No one responded to your request to join the call'),
  blocked: () => drawLastWord('You can’t join this video call'),
  problem: () => drawLastWord('There is a problem connecting to this video call'),
  wrongCode: () =>
    drawLastWord('Check your meeting code', 'Make sure you entered the correct code'),
  signIn: drawSignIn,
  call: drawCall,
  removed: () => drawLastWord('You’ve been removed from the meeting'),
  ended: () => drawLastWord('Your host ended the meeting for everyone'),
  left: () => drawLastWord('You left the meeting', '', true),
  empty: () => [],
};

/** Nobody can type into a field that is drawn anew under their hands. */
let drawn = '';
const draw = () => {
  if (!state) return;
  const typed = root.querySelector('textarea')?.value ?? '';
  const now = JSON.stringify([state, panel, own, speaking]);
  if (now === drawn) return;
  drawn = now;
  root.replaceChildren(...SCREENS[state.screen]());
  const field = root.querySelector('textarea');
  if (field) field.value = typed;
};

const hear = () => {
  if (isHearing) return;
  isHearing = true;
  meetingPage.receiveSound({
    hasContributingSources: state.hasSources,
    onTrack({ track, label }) {
      if (!state.hasAudioElements) return;
      const element = make('audio', { autoplay: '' });
      element.srcObject = new MediaStream([track]);
      sound.append(element);
      meetingPage.tell('channel', label);
    },
    onConnection: (connection) => meetingPage.tell(`sound-${connection}`),
  });
};

let dialogsDrawn = '';
meetingPage.onState((next) => {
  if (state?.screen !== next.screen) panel = null;
  state = next;
  draw();
  const wanted = JSON.stringify([state.dialogs, state.captcha]);
  if (wanted !== dialogsDrawn) dialogs.replaceChildren(...drawDialogs());
  dialogsDrawn = wanted;
  if (state.screen === 'call') hear();
});
meetingPage.onSpeaking((people) => {
  speaking = people;
  draw();
});
meetingPage.tell('opened', { path: location.pathname });
