import type { ServerMessage } from './messages';
import { Room } from './room';

function enter(
  room: Room,
  name: string,
  options: { wantsWaitingRoom?: boolean; resume?: object } = {},
) {
  const received: ServerMessage[] = [];
  const connection = {
    send: (message: ServerMessage) => received.push(message),
    close: () => undefined,
  };
  const participantId = `${name.toLowerCase()}-id`;
  room.join(
    {
      type: 'join',
      participantId,
      name,
      muted: true,
      wantsWaitingRoom: options.wantsWaitingRoom ?? false,
      ...(options.resume && { resume: { isHost: false, isAdmitted: true, ...options.resume } }),
    },
    connection,
  );
  const latest = () => received.filter((message) => message.type === 'room').at(-1);
  return { participantId, connection, received, latest };
}

const makeRoom = () => new Room({ absenceMs: 60_000 });

describe('a room', () => {
  test('makes its first participant the host, and the next one after the host left', () => {
    const room = makeRoom();
    const maya = enter(room, 'Maya');
    const jonas = enter(room, 'Jonas');
    expect(maya.latest()?.participants.map(({ isHost }) => isHost)).toEqual([true, false]);
    room.receive(maya.participantId, { type: 'leave' });
    expect(jonas.latest()?.participants).toMatchObject([{ name: 'Jonas', isHost: true }]);
  });

  test('with a waiting room tells a guest nothing until the host admits them', () => {
    const room = makeRoom();
    const maya = enter(room, 'Maya', { wantsWaitingRoom: true });
    const jonas = enter(room, 'Jonas');
    room.receive(maya.participantId, { type: 'chat', text: 'between us' });
    expect(jonas.received).toEqual([{ type: 'waiting' }]);
    room.receive(maya.participantId, { type: 'admit', participantId: jonas.participantId });
    expect(jonas.latest()?.participants.map(({ name }) => name)).toEqual(['Maya', 'Jonas']);
  });

  test('obeys only the host', () => {
    const room = makeRoom();
    const maya = enter(room, 'Maya');
    const jonas = enter(room, 'Jonas');
    room.receive(jonas.participantId, { type: 'remove', participantId: maya.participantId });
    room.receive(jonas.participantId, { type: 'end' });
    expect(maya.latest()?.participants).toHaveLength(2);
    room.receive(maya.participantId, { type: 'end' });
    expect(jonas.received.at(-1)).toEqual({ type: 'closed', why: 'ended' });
  });

  test('shows a participant whose socket broke as absent, and as themselves when they are back', () => {
    const room = makeRoom();
    const maya = enter(room, 'Maya');
    const jonas = enter(room, 'Jonas');
    room.disconnected(jonas.participantId, jonas.connection);
    expect(maya.latest()?.participants[1]).toMatchObject({ name: 'Jonas', isConnected: false });
    enter(room, 'Jonas', { resume: {} });
    expect(maya.latest()?.participants).toHaveLength(2);
    expect(maya.latest()?.participants[1]).toMatchObject({ name: 'Jonas', isConnected: true });
    room.close();
  });

  test('made anew by a restart takes returning pages for what they were', () => {
    const room = makeRoom();
    enter(room, 'Jonas', { resume: { isHost: false } });
    const maya = enter(room, 'Maya', { resume: { isHost: true } });
    expect(maya.latest()?.participants.map(({ name, isHost }) => [name, isHost])).toEqual([
      ['Jonas', false],
      ['Maya', true],
    ]);
  });

  test('that has ended lets nobody in', () => {
    const room = makeRoom();
    const maya = enter(room, 'Maya');
    room.receive(maya.participantId, { type: 'end' });
    expect(enter(room, 'Jonas').received).toEqual([{ type: 'closed', why: 'ended' }]);
  });
});
