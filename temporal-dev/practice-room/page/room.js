import * as view from './call-view.js';
import { listMicrophones, Microphone } from './microphone.js';
import { PeerMesh } from './peer-mesh.js';
import { RoomSocket } from './room-socket.js';

const LEVEL_INTERVAL_MS = 200;
/** After the server came back, how long the others may take to do the same. */
const REUNION_MS = 6000;
const roomId = location.pathname.split('/')[2];
const self = {
  id: crypto.randomUUID(),
  secret: crypto.randomUUID(),
  name: '',
  isHost: false,
  isAdmitted: false,
};
const joinForm = document.querySelector('#join');
let microphone;
let mesh;
let socket;
let people = [];
let reunionEndsAt = 0;
let reunion;
let latestRoom;

for (const place of document.querySelectorAll('[data-room-name]')) place.textContent = roomId;
document.title = `${roomId} · Practice room`;
joinForm.elements.name.value = localStorage.getItem('name') ?? '';
void listMicrophones(joinForm.elements.microphone);

joinForm.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { name, microphone: choice, 'original-sound': originalSound } = joinForm.elements;
  self.name = name.value.trim();
  localStorage.setItem('name', self.name);
  const isSilent = choice.value === 'none';
  microphone = new Microphone({
    deviceId: isSilent ? '' : choice.value,
    originalSound: originalSound.checked,
  });
  if (!isSilent && !(await switchMicrophoneOn())) return;
  enter();
});

document.querySelector('#chat').addEventListener('submit', (event) => {
  event.preventDefault();
  const { text } = event.target.elements;
  if (text.value.trim()) socket.send({ type: 'chat', text: text.value });
  text.value = '';
});

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-action]');
  if (!button || button.form === joinForm) return;
  const participantId = button.closest('[data-participant-id]')?.dataset.participantId;
  actions[button.dataset.action]?.({ button, participantId });
});

const actions = {
  'toggle-microphone': toggleMicrophone,
  'copy-link': () => navigator.clipboard.writeText(`${location.origin}${location.pathname}`),
  'waiting-room': ({ button }) => socket.send({ type: 'set-waiting-room', isOn: button.checked }),
  admit: ({ participantId }) => socket.send({ type: 'admit', participantId }),
  refuse: ({ participantId }) => socket.send({ type: 'refuse', participantId }),
  remove: ({ participantId }) => socket.send({ type: 'remove', participantId }),
  end: () => socket.send({ type: 'end' }),
  leave: () => {
    socket.send({ type: 'leave' });
    close('left');
  },
};

addEventListener('pagehide', () => socket?.send({ type: 'leave' }));

function enter() {
  const hasBeenHere = () => self.isAdmitted || document.body.dataset.state === 'waiting';
  mesh = new PeerMesh({
    selfId: self.id,
    send: (message) => socket.send(message),
    onStream: view.playStream,
  });
  if (microphone.isOn) void microphone.switchOn().then((track) => mesh.setTrack(track));
  socket = new RoomSocket({
    url: `${location.origin.replace('http', 'ws')}${location.pathname}/socket`,
    introduce: () => ({
      type: 'join',
      participantId: self.id,
      secret: self.secret,
      name: self.name,
      muted: !microphone.isOn,
      wantsWaitingRoom: new URLSearchParams(location.search).has('waiting-room'),
      ...(hasBeenHere() && { resume: { isHost: self.isHost, isAdmitted: self.isAdmitted } }),
    }),
    onMessage: receive,
    onConnection: showConnection,
  });
  setInterval(showLevels, LEVEL_INTERVAL_MS);
}

function receive(message) {
  switch (message.type) {
    case 'waiting':
      return showWaiting();
    case 'room':
      return showRoom(message);
    case 'chat':
      return view.showChat(message, self.id);
    case 'signal':
      return mesh.receive(message.from, message.data);
    case 'closed':
      return close(message.why);
  }
}

/** Also after a page was away for too long: then it is nobody in the call any more. */
function showWaiting() {
  Object.assign(self, { isHost: false, isAdmitted: false });
  people = [];
  clearTimeout(reunion);
  mesh.update([]);
  view.showState('waiting');
}

function showConnection(state) {
  view.showConnection(state);
  if (state === 'ok' && self.isAdmitted) reunionEndsAt = Date.now() + REUNION_MS;
}

function showRoom(room) {
  people = [...room.participants, ...findMissing(room)];
  room = { ...room, participants: people };
  self.isAdmitted = true;
  self.isHost = people.some(({ id, isHost }) => id === self.id && isHost);
  view.showRoom(room);
  view.showState('in-call');
  view.showMicrophone(microphone.isOn);
  mesh.update(people.map(({ id }) => id));
}

/** A restarted server knows only who has come back so far: the rest are not thrown out yet. */
function findMissing(room) {
  const remainingMs = reunionEndsAt - Date.now();
  if (remainingMs <= 0) return [];
  const present = new Set(room.participants.map(({ id }) => id));
  const missing = people.filter(({ id }) => !present.has(id));
  clearTimeout(reunion);
  if (missing.length > 0) reunion = setTimeout(() => showRoom(latestRoom), remainingMs + 50);
  latestRoom = room;
  return missing.map((person) => ({ ...person, isConnected: false }));
}

function close(state) {
  clearTimeout(reunion);
  socket.close();
  mesh.close();
  microphone.stop();
  view.showRoom({ selfId: self.id, participants: [], waiting: [], waitingRoomIsOn: false });
  view.showState(state);
}

async function toggleMicrophone() {
  if (microphone.isOn) microphone.switchOff();
  else if (await switchMicrophoneOn()) await mesh.setTrack(await microphone.switchOn());
  view.showMicrophone(microphone.isOn);
  socket.send({ type: 'mute', muted: !microphone.isOn });
}

async function switchMicrophoneOn() {
  const error = document.querySelector('[data-join-error]');
  try {
    await microphone.switchOn();
    return true;
  } catch (cause) {
    error.hidden = false;
    error.textContent = `The microphone cannot be used (${cause.name}). Join without it, or allow it.`;
    return false;
  }
}

function showLevels() {
  for (const { id, muted } of people) {
    const level = id === self.id ? microphone.level() : mesh.level(id);
    view.showLevel(id, muted ? 0 : level);
  }
}
