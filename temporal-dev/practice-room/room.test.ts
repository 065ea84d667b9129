import type { ServerMessage } from './messages';
import { Room } from './room';

function enter(
  room: Room,
  name: string,
  options: { wantsWaitingRoom?: boolean; resume?: object; secret?: string } = {},
) {
  const received: ServerMessage[] = [];
  let isClosed = false;
  const connection = {
    send: (message: ServerMessage) => received.push(message),
    close: () => (isClosed = true),
  };
  const participantId = `${name.toLowerCase()}-id`;
  room.join(
    {
      type: 'join',
      participantId,
      secret: options.secret ?? `secret-of-${name}`,
      name,
      muted: true,
      wantsWaitingRoom: options.wantsWaitingRoom ?? false,
      ...(options.resume && { resume: { isHost: false, isAdmitted: true, ...options.resume } }),
    },
    connection,
  );
  const latest = () => received.filter((message) => message.type === 'room').at(-1);
  return { participantId, connection, received, latest, isClosed: () => isClosed };
}

const makeRoom = ({ isReunion = false } = {}) =>
  new Room({ absenceMs: 60_000, isReunion: () => isReunion });

describe('a room', () => {
  test('makes its first participant the host, and the next one after the host left', () => {
    const room = makeRoom();
    const maya = enter(room, 'Maya');
    const jonas = enter(room, 'Jonas');
    expect(maya.latest()?.participants.map(({ isHost }) => isHost)).toEqual([true, false]);
    room.receive(maya.connection, { type: 'leave' });
    expect(jonas.latest()?.participants).toMatchObject([{ name: 'Jonas', isHost: true }]);
  });

  test('with a waiting room tells a guest nothing until the host admits them', () => {
    const room = makeRoom();
    const maya = enter(room, 'Maya', { wantsWaitingRoom: true });
    const jonas = enter(room, 'Jonas');
    room.receive(maya.connection, { type: 'chat', text: 'between us' });
    expect(jonas.received).toEqual([{ type: 'waiting' }]);
    room.receive(maya.connection, { type: 'admit', participantId: jonas.participantId });
    expect(jonas.latest()?.participants.map(({ name }) => name)).toEqual(['Maya', 'Jonas']);
  });

  test('obeys only the host', () => {
    const room = makeRoom();
    const maya = enter(room, 'Maya');
    const jonas = enter(room, 'Jonas');
    room.receive(jonas.connection, { type: 'remove', participantId: maya.participantId });
    room.receive(jonas.connection, { type: 'end' });
    expect(maya.latest()?.participants).toHaveLength(2);
    room.receive(maya.connection, { type: 'end' });
    expect(jonas.received.at(-1)).toEqual({ type: 'closed', why: 'ended' });
  });

  test('shows a participant whose socket broke as absent, and as themselves when they are back', () => {
    const room = makeRoom();
    const maya = enter(room, 'Maya');
    const jonas = enter(room, 'Jonas');
    room.disconnected(jonas.connection);
    expect(maya.latest()?.participants[1]).toMatchObject({ name: 'Jonas', isConnected: false });
    enter(room, 'Jonas', { resume: {} });
    expect(maya.latest()?.participants).toHaveLength(2);
    expect(maya.latest()?.participants[1]).toMatchObject({ name: 'Jonas', isConnected: true });
    room.close();
  });

  test('made anew by a restart takes returning pages for what they were', () => {
    const room = makeRoom({ isReunion: true });
    enter(room, 'Jonas', { resume: { isHost: false } });
    const maya = enter(room, 'Maya', { resume: { isHost: true } });
    expect(maya.latest()?.participants.map(({ name, isHost }) => [name, isHost])).toEqual([
      ['Jonas', false],
      ['Maya', true],
    ]);
  });

  test('that was not made anew takes nobody for what they say they were', () => {
    const room = makeRoom();
    const maya = enter(room, 'Maya', { wantsWaitingRoom: true });
    const jonas = enter(room, 'Jonas');
    room.receive(maya.connection, { type: 'refuse', participantId: jonas.participantId });
    const again = enter(room, 'Jonas', { resume: { isHost: true } });
    expect(again.received).toEqual([{ type: 'waiting' }]);
    expect(maya.latest()?.participants.map(({ name }) => name)).toEqual(['Maya']);
  });

  test('lets nobody be a participant whose secret they do not have', () => {
    const room = makeRoom();
    const maya = enter(room, 'Maya');
    const other = enter(room, 'Maya', { secret: 'another' });
    expect([other.isClosed(), maya.isClosed(), other.received]).toEqual([true, false, []]);
    room.receive(other.connection, { type: 'end' });
    room.disconnected(other.connection);
    expect(maya.received.at(-1)).toMatchObject({ type: 'room', participants: [{ name: 'Maya' }] });
    expect(maya.latest()?.participants[0]?.isConnected).toBe(true);
  });

  test('tells nobody the secret of another', () => {
    const room = makeRoom();
    const maya = enter(room, 'Maya', { secret: 'only-mine' });
    const jonas = enter(room, 'Jonas');
    room.receive(maya.connection, { type: 'chat', text: 'hello' });
    expect(JSON.stringify([maya.received, jonas.received])).not.toContain('only-mine');
  });

  test('that has ended lets nobody in', () => {
    const room = makeRoom();
    const maya = enter(room, 'Maya');
    room.receive(maya.connection, { type: 'end' });
    expect(enter(room, 'Jonas').received).toEqual([{ type: 'closed', why: 'ended' }]);
  });
});
