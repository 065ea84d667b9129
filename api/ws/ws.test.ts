import { once } from 'node:events';
import net from 'node:net';
import WebSocket from 'ws';
import {
  makeSessionToken,
  startTestApi,
  TestSocket,
  WEB_ORIGIN,
  type TestApi,
} from '../../test/api-server';
import { insertAttempt, insertMeeting, makeChunk } from '../../test/records';
import { completeChunk, insertChunk } from '../../infra/database/chunks';
import type { Database } from '../../infra/database/client';
import { appendEvent } from '../../infra/database/events';
import { markMeetingDeleted } from '../../infra/database/meetings';
import { findOrMakeUser } from '../../infra/database/users';

const SUB = 'user_ws';
let api: TestApi;
let token: string;
let userId: number;
let meetingId: number;
const sockets: TestSocket[] = [];

beforeAll(async () => {
  api = await startTestApi({ limits: { subscriptionsPerSocket: 3 } });
  token = await makeSessionToken({ sub: SUB });
  userId = await findOrMakeUser(api.db, SUB);
});
afterAll(() => api.close());
beforeEach(async () => {
  meetingId = (await insertMeeting(api.db, { userId })).meetingId;
});
afterEach(() => {
  for (const each of sockets.splice(0)) each.socket.terminate();
  api.bell.isDown = false;
});

async function open(on = api, bearer = token): Promise<TestSocket> {
  const socket = await TestSocket.open(on.url, bearer);
  sockets.push(socket);
  return socket;
}

async function connect(headers: Record<string, string> = {}): Promise<TestSocket> {
  const socket = new TestSocket(api.url, headers);
  sockets.push(socket);
  await once(socket.socket, 'open');
  return socket;
}

async function chat(count: number, text = 'hi', id = meetingId): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await appendEvent(api.db, id, { body: { type: 'chat.message', from: null, text } });
  }
}

const seqsOf = (socket: TestSocket) => socket.events.map((each) => each.seq);
const upTo = (last: number, from = 1) =>
  Array.from({ length: last - from + 1 }, (_, index) => from + index);

describe('signing in on /ws', () => {
  test.each([
    ['another frame comes first', { type: 'subscribe', meetingId: 1 }],
    ['the token is none', { type: 'auth', token: 'abc' }],
  ])('closes with 4401 when %s', async (_what, frame) => {
    const socket = await connect();
    socket.send(frame);
    expect(await socket.waitForClose()).toBe(4401);
  });

  test('closes with 4401 when no auth comes in time', async () => {
    const hasty = await startTestApi({ limits: { authTimeoutMs: 30 } });
    const socket = new TestSocket(hasty.url);
    expect(await socket.waitForClose()).toBe(4401);
    await hasty.close();
  });

  test('closes with 4401 when the token expires', async () => {
    const socket = await open(api, await makeSessionToken({ sub: SUB, lifetimeSeconds: 1 }));
    expect(await socket.waitForClose()).toBe(4401);
  });

  test('goes on past the first token when a newer one came before', async () => {
    const socket = await open(api, await makeSessionToken({ sub: SUB, lifetimeSeconds: 1 }));
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    socket.send({ type: 'auth', token });
    const expiresAt = new Date(exp * 1000).toISOString();
    await socket.waitFor((frame) => frame.type === 'ready' && frame.expiresAt === expiresAt);
    const other = await open(api, await makeSessionToken({ sub: SUB, lifetimeSeconds: 1 }));
    await other.waitForClose();
    expect(socket.closed).toBeNull();
  });

  test('closes with 4401 when the newer token is another user’s', async () => {
    const socket = await open();
    socket.send({ type: 'auth', token: await makeSessionToken() });
    expect(await socket.waitForClose()).toBe(4401);
  });

  test.each([
    ['no JSON', 'hello'],
    ['an unknown frame', '{"type":"dance"}'],
    ['an unknown field', '{"type":"ping","x":1}'],
    ['binary', Buffer.from([1, 2, 3])],
  ])('closes with 4400 on %s', async (_what, data) => {
    const socket = await open();
    socket.socket.send(data);
    expect(await socket.waitForClose()).toBe(4400);
  });

  test('closes with 1009 on a frame that is too long', async () => {
    const socket = await open();
    socket.socket.send('x'.repeat(20_000));
    expect(await socket.waitForClose()).toBe(1009);
  });

  test('lets in only allowed pages', async () => {
    expect((await connect({ origin: WEB_ORIGIN })).socket.readyState).toBe(WebSocket.OPEN);
    const foreign = new WebSocket(`${api.url.replace('http', 'ws')}/ws`, {
      headers: { origin: 'http://evil.example' },
    });
    const [error] = await once(foreign, 'error').catch((reason: unknown) => [reason]);
    expect(String(error)).toContain('403');
  });

  test('exists nowhere else', async () => {
    const lost = new WebSocket(`${api.url.replace('http', 'ws')}/elsewhere`);
    const [error] = await once(lost, 'error').catch((reason: unknown) => [reason]);
    expect(String(error)).toContain('404');
  });
});

describe('following a meeting', () => {
  test('replays from the client’s place and then follows, segments as REST gives them', async () => {
    await chat(3);
    const socket = await open();
    socket.send({ type: 'subscribe', meetingId, after: 1 });
    await socket.waitForEvents(2);
    await say(api.db, meetingId, 'a word');
    api.bell.ring('meeting', meetingId);
    await socket.waitForEvents(3);
    expect(seqsOf(socket)).toEqual([2, 3, 4]);
    const { body } = await api.http
      .get(`/api/meetings/${meetingId}/events`)
      .query({ after: 3 })
      .set({ authorization: `Bearer ${token}` });
    const { type: _type, meetingId: _meetingId, ...event } = socket.events.at(-1) ?? {};
    expect([event]).toEqual(body.events);
    expect(socket.events.at(-1)?.event).toMatchObject({ segment: { text: 'a word', seq: 4 } });
  });

  test('brings every event once and in order while many write and some rings are lost', async () => {
    const followers = await Promise.all(upTo(3).map(() => open()));
    for (const socket of followers) socket.send({ type: 'subscribe', meetingId });
    const write = async (writer: number): Promise<void> => {
      for (let index = 0; index < 25; index += 1) {
        await chat(1, `${writer}-${index}`);
        if ((writer + index) % 3 > 0) api.bell.ring('meeting', meetingId);
      }
    };
    await Promise.all(upTo(8).map(write));
    const late = await open();
    late.send({ type: 'subscribe', meetingId, after: 50 });
    await Promise.all([
      ...followers.map((each) => each.waitForEvents(200)),
      late.waitForEvents(150),
    ]);
    for (const socket of followers) expect(seqsOf(socket)).toEqual(upTo(200));
    expect(seqsOf(late)).toEqual(upTo(200, 51));
  });

  test('catches up after Redis was down', async () => {
    const socket = await open();
    socket.send({ type: 'subscribe', meetingId });
    await socket.waitFor((frame) => frame.type === 'subscribed');
    api.bell.isDown = true;
    await chat(3);
    api.bell.ring('meeting', meetingId);
    await socket.waitForEvents(3);
    expect(seqsOf(socket)).toEqual([1, 2, 3]);
  });

  test('tells of nothing after unsubscribe, and from any place when subscribed again', async () => {
    await chat(2);
    const socket = await open();
    socket.send({ type: 'subscribe', meetingId });
    await socket.waitForEvents(2);
    socket.send({ type: 'unsubscribe', meetingId });
    await socket.waitFor((frame) => frame.type === 'unsubscribed');
    await chat(1);
    api.bell.ring('meeting', meetingId);
    socket.send({ type: 'subscribe', meetingId, after: 1 });
    await socket.waitForEvents(4);
    expect(seqsOf(socket)).toEqual([1, 2, 2, 3]);
  });

  test('follows several meetings on one socket, up to the limit', async () => {
    const socket = await open();
    const ids = [meetingId];
    for (let more = 0; more < 3; more += 1) {
      ids.push((await insertMeeting(api.db, { userId })).meetingId);
    }
    for (const id of ids) {
      await chat(1, 'hi', id);
      socket.send({ type: 'subscribe', meetingId: id });
    }
    const error = await socket.waitFor((frame) => frame.type === 'error');
    expect(error).toMatchObject({
      meetingId: ids[3],
      error: { code: 'too_many_subscriptions' },
    });
    await socket.waitForEvents(3);
    expect(new Set(socket.events.map((each) => each.meetingId))).toEqual(new Set(ids.slice(0, 3)));
  });

  test('does not know somebody else’s meeting, and stays open', async () => {
    const { meetingId: foreign } = await insertMeeting(api.db);
    const socket = await open();
    socket.send({ type: 'subscribe', meetingId: foreign });
    const error = await socket.waitFor((frame) => frame.type === 'error');
    expect(error).toMatchObject({ error: { code: 'meeting_not_found' }, meetingId: foreign });
    socket.send({ type: 'ping' });
    await socket.waitFor((frame) => frame.type === 'pong');
  });

  test('ends when the meeting is deleted', async () => {
    const socket = await open();
    socket.send({ type: 'subscribe', meetingId });
    await socket.waitFor((frame) => frame.type === 'subscribed');
    await markMeetingDeleted(api.db, { meetingId, userId });
    const frame = await socket.waitFor((each) => each.type === 'unsubscribed');
    expect(frame).toMatchObject({ reason: 'meeting_deleted', meetingId });
  });
});

describe('readers that do not keep up', () => {
  /** Many long events at once. */
  async function fill(db: Database, id: number, count: number): Promise<void> {
    await db.query(
      `INSERT INTO meeting_events (meeting_id, seq, type, data)
       SELECT $1, seq, 'chat.message', jsonb_build_object('from', null, 'text', repeat('x', 9000))
       FROM generate_series(1, $2::int) AS seq`,
      [id, count],
    );
    await db.query('UPDATE meeting_cursors SET seq = $2 WHERE meeting_id = $1', [id, count]);
  }

  test('are closed with 4408 and go on from their last seq without a hole or a repeat', async () => {
    const limits = { socketBufferBytes: 64 * 1024, slowReaderMs: 50 };
    const strict = await startTestApi({ limits });
    const owner = await findOrMakeUser(strict.db, SUB);
    const { meetingId: id } = await insertMeeting(strict.db, { userId: owner });
    await fill(strict.db, id, 1_500);
    const slow = await open(strict);
    slow.send({ type: 'subscribe', meetingId: id });
    await slow.waitForEvents(1);
    slow.socket.pause();
    await waitForCloseOnServer(strict);
    slow.socket.resume();
    expect(await slow.waitForClose()).toBe(4408);
    const last = seqsOf(slow).at(-1) ?? 0;
    expect(last).toBeLessThan(1_500);
    const again = await open(strict);
    again.send({ type: 'subscribe', meetingId: id, after: last });
    await again.waitForEvents(1_500 - last);
    expect([...seqsOf(slow), ...seqsOf(again)]).toEqual(upTo(1_500));
    await strict.close();
  });

  test('that pause for a while get everything, and hold up nobody else', async () => {
    const limits = { socketBufferBytes: 64 * 1024, lookIntervalMs: 1_000_000 };
    const patient = await startTestApi({ limits });
    const owner = await findOrMakeUser(patient.db, SUB);
    const { meetingId: id } = await insertMeeting(patient.db, { userId: owner });
    await fill(patient.db, id, 1_000);
    const slow = await open(patient);
    const quick = await open(patient);
    for (const socket of [slow, quick]) socket.send({ type: 'subscribe', meetingId: id });
    await slow.waitForEvents(1);
    slow.socket.pause();
    await quick.waitForEvents(1_000);
    slow.socket.resume();
    await slow.waitForEvents(1_000);
    expect(seqsOf(slow)).toEqual(upTo(1_000));
    await patient.close();
  });

  test('that answer no ping are dropped', async () => {
    const brisk = await startTestApi({ limits: { pingIntervalMs: 100 } });
    const dead = new WebSocket(`${brisk.url.replace('http', 'ws')}/ws`, { autoPong: false });
    await once(dead, 'close');
    expect(dead.readyState).toBe(WebSocket.CLOSED);
    await brisk.close();
  });

  test('get a ping now and then that scripts in browsers can see', async () => {
    const brisk = await startTestApi({ limits: { pingIntervalMs: 500 } });
    const socket = await open(brisk);
    await socket.waitFor((frame) => frame.type === 'ping');
    await brisk.close();
  });
});

describe('shutting down', () => {
  test('closes sockets with 1012 and the hint to reconnect', async () => {
    const ending = await startTestApi();
    const owner = await findOrMakeUser(ending.db, SUB);
    const { meetingId: id } = await insertMeeting(ending.db, { userId: owner });
    const socket = await open(ending);
    socket.send({ type: 'subscribe', meetingId: id });
    await socket.waitFor((frame) => frame.type === 'subscribed');
    await ending.close();
    expect(await socket.waitForClose()).toBe(1012);
    expect(socket.closed?.reason).toContain('reconnect');
  });

  test('ends sockets that never answer the close', async () => {
    const ending = await startTestApi();
    const socket = await open(ending);
    socket.socket.pause();
    await ending.server.drain(1);
    socket.socket.resume();
    expect(await socket.waitForClose()).toBe(1012);
    await ending.close();
    // `ws` ends such a socket by itself after 30 s, which must not be what this sees.
  }, 20_000);

  test('is not held by a client that keeps a refused upgrade open', async () => {
    const ending = await startTestApi();
    const { port, hostname } = new URL(ending.url);
    const idle = net.connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    idle.on('error', () => undefined);
    idle.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await once(idle, 'data');
    await ending.server.drain(1);
    idle.destroy();
    await ending.close();
  });

  test('ends connections that send their request slowly on purpose', async () => {
    const ending = await startTestApi();
    ending.server.headersTimeout = 100;
    const { port, hostname } = new URL(ending.url);
    const slow = net.connect(Number(port), hostname);
    slow.on('error', () => undefined);
    slow.write('GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    let answer = '';
    slow.on('data', (part: Buffer) => (answer += part.toString()));
    await once(slow, 'close');
    expect(answer).toContain('408');
    await ending.close();
  });
});

async function say(db: Database, id: number, text: string): Promise<void> {
  const attempt = await insertAttempt(db, id);
  const chunk = await insertChunk(db, makeChunk(attempt));
  if (chunk.kind !== 'accepted') throw new Error(`Expected an accepted chunk, got ${chunk.kind}`);
  await completeChunk(db, {
    chunkId: chunk.chunkId,
    version: 1,
    segments: [{ startMs: 0, endMs: 10, text, language: 'en', confidence: 0.9, words: [] }],
    dropped: {},
  });
}

/** Resolves once the server has closed a socket as too slow, as its own metric tells. */
async function waitForCloseOnServer(on: TestApi): Promise<void> {
  for (;;) {
    const { values } = await on.server.metrics.socketCloses.get();
    if (values.some((each) => each.labels.code === 4408)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
