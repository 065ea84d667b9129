import { makeSessionToken, startTestApi, TestSocket, type TestApi } from '../test/api-server';
import { insertMeeting } from '../test/records';
import { getRedisUrl } from '../test/redis-url';
import { openTcpProxy, type TcpProxy } from '../test/tcp-proxy';
import { appendEvent } from '../infra/database/events';
import { findOrMakeUser } from '../infra/database/users';
import { createDoorbell, type Doorbell } from '../infra/doorbell';

const SUB = 'user_outages';
const LOOK_RARELY = { lookIntervalMs: 1_000_000 };

const chat = (api: TestApi, meetingId: number) =>
  appendEvent(api.db, meetingId, { body: { type: 'chat.message', from: null, text: 'hi' } });
const seqsOf = (socket: TestSocket) => socket.events.map((each) => each.seq);

async function makeMeeting(api: TestApi): Promise<number> {
  const userId = await findOrMakeUser(api.db, SUB);
  return (await insertMeeting(api.db, { userId })).meetingId;
}

async function follow(api: TestApi, meetingId: number): Promise<TestSocket> {
  const socket = await TestSocket.open(api.url, await makeSessionToken({ sub: SUB }));
  socket.send({ type: 'subscribe', meetingId });
  await socket.waitFor((frame) => frame.type === 'subscribed');
  return socket;
}

describe('while PostgreSQL is down', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi({ limits: { lookIntervalMs: 50 } });
  });
  afterAll(() => api.close());

  test('followers stay connected and catch up from where they were', async () => {
    const meetingId = await makeMeeting(api);
    await chat(api, meetingId);
    const socket = await follow(api, meetingId);
    await socket.waitForEvents(1);
    await api.postgres.cut();
    for (let index = 0; index < 3; index += 1) {
      await chat(api, meetingId);
      api.bell.ring('meeting', meetingId);
    }
    expect((await api.http.get('/ready')).body.dependencies.postgresql.state).toBe('down');
    expect(socket.closed).toBeNull();
    await api.postgres.mend();
    await socket.waitForEvents(4);
    expect(seqsOf(socket)).toEqual([1, 2, 3, 4]);
    socket.socket.terminate();
  });

  test('requests are answered with 503 and when to try again', async () => {
    const headers = { authorization: `Bearer ${await makeSessionToken({ sub: SUB })}` };
    await api.postgres.cut();
    const list = await api.http.get('/api/meetings').set(headers);
    expect([list.status, list.body.error.code]).toEqual([503, 'unavailable']);
    expect(list.headers['retry-after']).toBe('1');
    expect((await api.http.get('/ready')).status).toBe(503);
    expect((await api.http.get('/health')).status).toBe(200);
    await api.postgres.mend();
    expect((await api.http.get('/api/meetings').set(headers)).status).toBe(200);
  });
});

describe('two API processes on one Redis', () => {
  let redis: TcpProxy;
  let bells: Doorbell[];
  let first: TestApi;
  let second: TestApi;

  beforeAll(async () => {
    redis = await openTcpProxy(getRedisUrl());
    bells = [0, 1].map(() => createDoorbell({ url: redis.url }));
    const [bell, otherBell] = bells;
    if (!bell || !otherBell) throw new Error('Expected two doorbells');
    first = await startTestApi({ doorbell: bell, limits: LOOK_RARELY });
    const { databaseUrl } = first;
    second = await startTestApi({ doorbell: otherBell, limits: LOOK_RARELY, databaseUrl });
  });
  afterAll(async () => {
    await second.close();
    await first.close();
    await Promise.all(bells.map((bell) => bell.close()));
    await redis.close();
  });

  /** Rings until the follower has heard: a ring before Redis has the subscription is lost. */
  async function ringUntil(meetingId: number, heard: Promise<void>): Promise<void> {
    let isHeard = false;
    void heard.then(() => (isHeard = true));
    while (!isHeard) {
      bells[0]?.ring('meeting', meetingId);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  test('a ring in one reaches the followers of the other, again after Redis was down', async () => {
    const meetingId = await makeMeeting(first);
    const socket = await follow(second, meetingId);
    await chat(first, meetingId);
    await ringUntil(meetingId, socket.waitForEvents(1));
    await redis.cut();
    await chat(first, meetingId);
    await redis.mend();
    await ringUntil(meetingId, socket.waitForEvents(2));
    expect(seqsOf(socket)).toEqual([1, 2]);
    socket.socket.terminate();
  });
});
