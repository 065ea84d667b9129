const find = (selector) => document.querySelector(selector);
const CLOSED = {
  refused: ['You were not admitted', 'The host declined your request to join.'],
  removed: ['You were removed', 'The host removed you from this call.'],
  ended: ['This call has ended', 'The host ended it for everyone.'],
  left: ['You left', 'You can close this tab now.'],
  replaced: ['Open in another tab', 'This call goes on in another tab of yours.'],
};

export function showState(state) {
  document.body.dataset.state = state;
  const [title, text] = CLOSED[state] ?? [];
  if (!title) return;
  find('[data-closed-title]').textContent = title;
  find('[data-closed-text]').textContent = text;
}

export function showConnection(state) {
  document.body.dataset.connection = state;
  find('[data-notice]').hidden = state === 'ok';
}

export function showMicrophone(isOn) {
  const button = find('[data-action="toggle-microphone"]');
  button.dataset.microphone = isOn ? 'on' : 'off';
  button.textContent = isOn ? 'Mute' : 'Unmute';
}

export function showRoom(room) {
  const self = room.participants.find(({ id }) => id === room.selfId);
  document.body.dataset.host = String(self?.isHost === true);
  find('[data-count]').textContent = room.participants.length;
  find('[data-action="waiting-room"]').checked = room.waitingRoomIsOn;
  syncList(find('[data-tiles]'), room.participants, (person, item) => showTile(person, item, room));
  syncList(find('[data-people]'), room.participants, (person, item) =>
    showPerson(person, item, { self, selfId: room.selfId }),
  );
  find('[data-waiting-panel]').hidden = room.waiting.length === 0;
  syncList(find('[data-waiting-list]'), room.waiting, showWaiting);
}

export function showLevel(id, level) {
  const tile = tileOf(id);
  if (tile) tile.dataset.speaking = String(level > 0.02);
}

export function playStream(id, stream) {
  const tile = tileOf(id);
  if (!tile) return;
  const audio = tile.querySelector('audio') ?? tile.appendChild(document.createElement('audio'));
  audio.autoplay = true;
  audio.srcObject = stream;
  audio.play().catch(() => undefined);
}

export function showChat(message, selfId) {
  const log = find('[data-chat-log]');
  if (log.querySelector(`[data-message-id="${message.id}"]`)) return;
  const item = document.createElement('li');
  item.dataset.messageId = message.id;
  item.dataset.senderId = message.fromId;
  item.dataset.self = String(message.fromId === selfId);
  item.append(element('b', message.fromName), element('span', message.text));
  log.append(item);
  log.scrollTop = log.scrollHeight;
}

function tileOf(id) {
  return find(`[data-tiles] [data-participant-id="${CSS.escape(id)}"]`);
}

/** Keeps one item per person, so that an <audio> element lives as long as its person stays. */
function syncList(list, people, fill) {
  const ids = new Set(people.map(({ id }) => id));
  for (const item of [...list.children]) if (!ids.has(item.dataset.participantId)) item.remove();
  for (const person of people) {
    let item = list.querySelector(`[data-participant-id="${CSS.escape(person.id)}"]`);
    if (!item) {
      item = list.appendChild(document.createElement('li'));
      item.dataset.participantId = person.id;
    }
    fill(person, item);
  }
}

function showTile(person, item, room) {
  item.className = 'tile';
  item.dataset.self = String(person.id === room.selfId);
  item.dataset.host = String(person.isHost);
  item.dataset.muted = String(person.muted);
  item.dataset.connected = String(person.isConnected);
  item.style.setProperty('--hue', hueOf(person.id));
  const avatar = item.querySelector('.avatar') ?? item.appendChild(element('span', '', 'avatar'));
  avatar.textContent = initialsOf(person.name);
  let caption = item.querySelector('.caption');
  if (!caption) {
    caption = item.appendChild(element('span', '', 'caption'));
    caption.append(element('span', ''), element('span', ''));
    caption.firstChild.dataset.participantName = '';
  }
  caption.firstChild.textContent = person.name;
  caption.lastChild.textContent = person.muted ? ' · muted' : '';
}

function showPerson(person, item, { self, selfId }) {
  const tags = [person.id === selfId && 'you', person.isHost && 'host', person.muted && 'muted'];
  const name = element('span', person.name);
  name.dataset.name = '';
  item.replaceChildren(name, element('span', tags.filter(Boolean).join(', '), 'tag'));
  if (self?.isHost && person.id !== selfId) item.append(action('remove', 'Remove'));
}

function showWaiting(person, item) {
  if (item.firstChild) return;
  const name = element('span', person.name);
  name.dataset.name = '';
  item.append(name, action('admit', 'Admit'), action('refuse', 'Refuse'));
}

function action(name, text) {
  const button = element('button', text);
  button.dataset.action = name;
  return button;
}

function element(tag, text, className = '') {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function initialsOf(name) {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : '']
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase();
}

function hueOf(id) {
  return [...id].reduce((hue, letter) => (hue * 31 + letter.codePointAt(0)) % 360, 7);
}
