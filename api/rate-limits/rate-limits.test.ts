import { randomInt, randomUUID } from 'node:crypto';
import {
  makeBotToken,
  makeSessionToken,
  startTestApi,
  TestSocket,
  type TestApi,
  type TestApiOptions,
} from '../../test/api-server';
import { insertAttempt, insertMeeting } from '../../test/records';
import { getRedisUrl } from '../../test/redis-url';
import { openTcpProxy, type TcpProxy } from '../../test/tcp-proxy';
import { findOrMakeUser } from '../../infra/database/users';
import { createRateCounters, type RateCounters } from '../../infra/rate-counters';

const running: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.close();
});

async function start(settings: Record<string, string>, more: TestApiOptions = {}) {
  const api = await startTestApi({ settings, ...more });
  running.push(api);
  return api;
}

async function signIn(sub = `user_${randomUUID()}`): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await makeSessionToken({ sub })}` };
}

const list = (api: TestApi, headers: Record<string, string> = {}) =>
  api.http.get('/api/meetings').set(headers);

const pongsOf = (socket: TestSocket) => socket.frames.filter(({ type }) => type === 'pong').length;

function readSub(token: string): string {
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(claims) as { sub: string }).sub;
}

/** The statuses of so many requests, one after the other. */
async function statusesOf(count: number, ask: () => PromiseLike<{ status: number }>) {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push((await ask()).status);
  return statuses;
}

const sockets: TestSocket[] = [];
afterEach(() => {
  for (const each of sockets.splice(0)) each.socket.terminate();
});

async function open(api: TestApi, headers = {}): Promise<TestSocket> {
  const socket = new TestSocket(api.url, headers);
  sockets.push(socket);
  await new Promise<void>((resolve, reject) => {
    socket.socket.once('open', () => resolve());
    socket.socket.once('error', reject);
  });
  return socket;
}

/** Opens a socket and shows a token: `ready`, or the code it was closed with. */
async function signInOn(api: TestApi, token: string): Promise<'ready' | number> {
  const socket = await open(api);
  socket.send({ type: 'auth', token });
  return Promise.race([
    socket.waitForClose(),
    socket.waitFor((frame) => frame.type === 'ready').then(() => 'ready' as const),
  ]).catch(() => socket.waitForClose());
}

describe('the limit per user', () => {
  test('says what is left, and when to come again once nothing is', async () => {
    const api = await start({ RATE_LIMIT_USER: '3' });
    const session = await signIn();
    const first = await list(api, session);
    expect(first.headers['ratelimit-policy']).toMatch(/"user"; q=3; w=60; pk=:.+:/);
    expect(first.headers['ratelimit']).toMatch(/"user"; r=2; t=\d+/);
    await statusesOf(2, () => list(api, session));
    const { status, body, headers } = await list(api, session);
    expect([status, body.error.code]).toEqual([429, 'rate_limited']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
  });

  test('leaves other users alone, and counts the user’s own keys', async () => {
    const api = await start({ RATE_LIMIT_USER: '4' });
    const session = await signIn();
    const { body } = await api.http
      .post('/api/api-keys')
      .set(session)
      .send({ name: 'x', scopes: ['meetings:read'] });
    const byKey = { 'x-api-key': body.key };
    expect(await statusesOf(2, () => list(api, byKey))).toEqual([200, 200]);
    expect(await statusesOf(2, () => list(api, session))).toEqual([200, 429]);
    expect((await list(api, byKey)).status).toBe(429);
    expect((await list(api, await signIn())).status).toBe(200);
  });

  test('is stricter for what costs', async () => {
    const api = await start({ RATE_LIMIT_COSTLY: '1' });
    const session = await signIn();
    const begin = () => api.http.post('/api/meetings/1/start-bot').set(session).send({});
    expect(await statusesOf(2, begin)).toEqual([404, 429]);
    expect((await list(api, session)).status).toBe(200);
  });

  test('changes nothing when it refuses', async () => {
    const api = await start({ RATE_LIMIT_USER: '1' });
    const session = await signIn();
    await list(api, session);
    const { status } = await api.http
      .post('/api/meetings')
      .set(session)
      .send({ meetingUrl: 'http://127.0.0.1:8004/r/limited' });
    expect(status).toBe(429);
    expect(await api.db.prisma.meeting.count()).toBe(0);
    expect(await api.db.prisma.auditEntry.count()).toBe(0);
  });
});

describe('the limit of administrators', () => {
  const KEYS = [
    'one admin key that is long enough for it',
    'another one that is as long as it must be',
  ];
  const read = (api: TestApi, key?: string) => () =>
    api.http.get('/api/admin/users').set('x-api-key', key ?? 'wrong');

  test('is each key’s own, and refusals are in the audit log', async () => {
    const api = await start({ RATE_LIMIT_ADMIN: '2', ADMIN_API_KEYS: KEYS.join() });
    expect(await statusesOf(3, read(api, KEYS[0]))).toEqual([200, 200, 429]);
    expect(await statusesOf(3, read(api, KEYS[1]))).toEqual([200, 200, 429]);
    while ((await api.db.prisma.auditEntry.count({ where: { status: 429 } })) < 2);
    expect(await api.db.prisma.auditEntry.count()).toBe(6);
  });

  test('leaves the audit log alone beyond the limit per address', async () => {
    const api = await start({ RATE_LIMIT_ADDRESS: '2', ADMIN_API_KEYS: KEYS.join() });
    expect(await statusesOf(4, read(api))).toEqual([401, 401, 429, 429]);
    expect(await api.db.prisma.auditEntry.count()).toBe(2);
  });
});

describe('the limit of shared pages', () => {
  test('is by address, for pages and texts, and none of those who are signed in elsewhere', async () => {
    const api = await start({ RATE_LIMIT_SHARE: '2' });
    const pages = ['/s/nothing', '/s/nothing.txt', '/s/nothing'];
    let last = 0;
    const open = () => api.http.get(String(pages[(last += 1) - 1]));
    expect(await statusesOf(3, open)).toEqual([404, 404, 429]);
    expect((await list(api, await signIn())).status).toBe(200);
  });
});

describe('the limit per address', () => {
  test('counts everybody before they sign in, but no health checks', async () => {
    const api = await start({ RATE_LIMIT_ADDRESS: '2' });
    expect(await statusesOf(3, () => list(api))).toEqual([401, 401, 429]);
    expect((await list(api, await signIn())).status).toBe(429);
    for (const path of ['/health', '/ready', '/metrics']) {
      expect((await api.http.get(path)).status).toBe(200);
    }
  });

  test('takes X-Forwarded-For for nothing when no proxy is in front', async () => {
    const api = await start({ RATE_LIMIT_ADDRESS: '2' });
    let last = 0;
    const ask = () => list(api, { 'x-forwarded-for': `203.0.113.${(last += 1)}` });
    expect(await statusesOf(3, ask)).toEqual([401, 401, 429]);
  });

  test('goes by what the trusted proxy says, and not by what the client told it', async () => {
    const api = await start({ RATE_LIMIT_ADDRESS: '2', TRUST_PROXY: '1' });
    let last = 0;
    const from = (address: string) => () =>
      list(api, { 'x-forwarded-for': `198.51.100.${(last += 1)}, ${address}` });
    expect(await statusesOf(3, from('203.0.113.1'))).toEqual([401, 401, 429]);
    expect((await from('203.0.113.2')()).status).toBe(401);
  });

  test('takes an IPv6 network for one address', async () => {
    const api = await start({ RATE_LIMIT_ADDRESS: '2', TRUST_PROXY: '1' });
    let last = 0;
    const ask = () => list(api, { 'x-forwarded-for': `2001:db8::${(last += 1)}` });
    expect(await statusesOf(3, ask)).toEqual([401, 401, 429]);
  });
});

describe('failed sign-ins', () => {
  const wrong = { authorization: 'Bearer wrong' };

  test('keep an address from trying more, whatever it shows and where', async () => {
    const api = await start({ RATE_LIMIT_FAILED_SIGN_INS: '3' });
    expect(await statusesOf(3, () => list(api, wrong))).toEqual([401, 401, 401]);
    const refused = await list(api, { 'x-api-key': `mtg_${'x'.repeat(43)}` });
    expect([refused.status, refused.body.error.code]).toEqual([429, 'rate_limited']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await list(api, await signIn())).status).toBe(429);
    const socket = new TestSocket(api.url);
    await new Promise<void>((resolve) => socket.socket.once('open', () => resolve()));
    socket.send({ type: 'auth', token: 'wrong' });
    expect(await socket.waitForClose()).toBe(4429);
  });

  test('let no more through when they come at the same time', async () => {
    const api = await start({ RATE_LIMIT_FAILED_SIGN_INS: '3' });
    const session = await signIn();
    const burst = await Promise.all(Array.from({ length: 20 }, () => list(api, wrong)));
    expect(burst.filter(({ status }) => status === 401)).toHaveLength(3);
    expect(burst.filter(({ status }) => status === 429)).toHaveLength(17);
    expect((await list(api, session)).status).toBe(429);
  });

  test('are none of many that succeed at the same time', async () => {
    const api = await start({ RATE_LIMIT_FAILED_SIGN_INS: '3' });
    const session = await signIn();
    const burst = await Promise.all(Array.from({ length: 20 }, () => list(api, session)));
    expect(new Set(burst.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('are no requests that show nothing, and none that succeed', async () => {
    const api = await start({ RATE_LIMIT_FAILED_SIGN_INS: '2' });
    const session = await signIn();
    expect(await statusesOf(3, () => list(api))).toEqual([401, 401, 401]);
    expect(await statusesOf(3, () => list(api, session))).toEqual([200, 200, 200]);
    expect((await list(api, wrong)).status).toBe(401);
  });

  test('count on /ws as well', async () => {
    const api = await start({ RATE_LIMIT_FAILED_SIGN_INS: '1' });
    const socket = new TestSocket(api.url);
    await new Promise<void>((resolve) => socket.socket.once('open', () => resolve()));
    socket.send({ type: 'auth', token: 'wrong' });
    expect(await socket.waitForClose()).toBe(4401);
    expect((await list(api, wrong)).status).toBe(429);
  });
});

describe('bots', () => {
  test('have a limit per attempt, and none of their user', async () => {
    const api = await start({ RATE_LIMIT_BOT: '2', RATE_LIMIT_USER: '1', RATE_LIMIT_ADDRESS: '1' });
    const { meetingId } = await insertMeeting(api.db);
    const ask = async () => {
      const bearer = await makeBotToken(await insertAttempt(api.db, meetingId));
      return () => api.http.get('/bot/v1/time').set({ authorization: `Bearer ${bearer}` });
    };
    const first = await ask();
    expect(await statusesOf(3, first)).toEqual([200, 200, 429]);
    expect((await first()).headers['retry-after']).toBeDefined();
    expect((await (await ask())()).status).toBe(200);
  });
});

describe('replicas on one Redis', () => {
  let redis: TcpProxy;
  let counters: RateCounters[];
  beforeEach(async () => {
    redis = await openTcpProxy(getRedisUrl());
    running.push(redis);
    // exact counts need every answer, however busy the machine is
    await connect({ answerTimeoutMs: 30_000 });
  });

  async function connect(options: { answerTimeoutMs?: number } = {}): Promise<void> {
    counters = [0, 1].map(() => createRateCounters({ url: redis.url, ...options }));
    running.push(...counters);
    await untilUsable();
  }

  async function untilUsable(): Promise<void> {
    while (!counters.every((each) => each.isUsable())) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function startTwo(
    settings: Record<string, string>,
    limits: TestApiOptions['limits'] = {},
  ): Promise<[TestApi, TestApi]> {
    const [one, other] = counters;
    if (!one || !other) throw new Error('Expected two connections');
    const first = await start(settings, { rateCounters: one, limits });
    // Users of other databases with the same ids are counted on the same Redis.
    await first.db.query(`SELECT setval('users_id_seq', $1)`, [randomInt(1, 2 ** 30)]);
    const { databaseUrl } = first;
    const second = await startTestApi({ settings, limits, rateCounters: other, databaseUrl });
    running.push(second);
    return [first, second];
  }

  test('share what a user has left', async () => {
    const [first, second] = await startTwo({ RATE_LIMIT_USER: '4' });
    const session = await signIn();
    let turn = 0;
    const ask = () => list((turn += 1) % 2 === 0 ? first : second, session);
    expect(await statusesOf(6, ask)).toEqual([200, 200, 200, 200, 429, 429]);
  });

  test('let through exactly as many as the limit when all come at once', async () => {
    const [first, second] = await startTwo({ RATE_LIMIT_USER: '20' });
    const session = await signIn();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => list(index % 2 ? first : second, session)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
  });

  test('share failed sign-ins', async () => {
    const [first, second] = await startTwo({ RATE_LIMIT_FAILED_SIGN_INS: '2', TRUST_PROXY: '1' });
    const address = `203.0.113.${randomUUID()}`;
    const wrong = { authorization: 'Bearer wrong', 'x-forwarded-for': address };
    expect(await statusesOf(2, () => list(first, wrong))).toEqual([401, 401]);
    expect((await list(second, wrong)).status).toBe(429);
  });

  test('each count for themselves while Redis is down, and together again afterwards', async () => {
    const [first, second] = await startTwo({ RATE_LIMIT_USER: '2' });
    await redis.cut();
    const session = await signIn();
    expect(await statusesOf(3, () => list(first, session))).toEqual([200, 200, 429]);
    expect(await statusesOf(3, () => list(second, session))).toEqual([200, 200, 429]);
    await redis.mend();
    await untilUsable();
    const other = await signIn();
    expect(await statusesOf(2, () => list(first, other))).toEqual([200, 200]);
    expect((await list(second, other)).status).toBe(429);
  });

  test('answer, each counting for itself, while Redis takes commands and says nothing', async () => {
    await connect();
    const [first] = await startTwo({ RATE_LIMIT_USER: '2' });
    await list(first, await signIn());
    redis.hang();
    const session = await signIn();
    expect(await statusesOf(3, () => list(first, session))).toEqual([200, 200, 429]);
    expect(counters[0]?.isUsable()).toBe(false);
  });

  test('count a user’s sockets together, and give back the place of one that closes', async () => {
    const [first, second] = await startTwo({ MAX_SOCKETS_PER_USER: '2' });
    const token = await makeSessionToken();
    expect(await signInOn(first, token)).toBe('ready');
    expect(await signInOn(second, token)).toBe('ready');
    expect(await signInOn(first, token)).toBe(4429);
    expect(await signInOn(second, token)).toBe(4429);
    expect(await signInOn(second, await makeSessionToken())).toBe('ready');
    sockets[0]?.socket.close();
    let outcome = await signInOn(second, token);
    while (outcome !== 'ready') outcome = await signInOn(second, token);
    expect(await signInOn(first, token)).toBe(4429);
  });

  test('let in exactly as many sockets as the limit when all come at once', async () => {
    const [first, second] = await startTwo({ MAX_SOCKETS_PER_USER: '5' });
    const token = await makeSessionToken();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => signInOn(index % 2 ? first : second, token)),
    );
    expect(outcomes.filter((outcome) => outcome === 'ready')).toHaveLength(5);
    expect(outcomes.filter((outcome) => outcome === 4429)).toHaveLength(15);
  });

  test('each count sockets for themselves while Redis is down, and tell it of them afterwards', async () => {
    const limits = { pingIntervalMs: 100 };
    const [first, second] = await startTwo({ MAX_SOCKETS_PER_USER: '2' }, limits);
    await redis.cut();
    const token = await makeSessionToken();
    expect(await signInOn(first, token)).toBe('ready');
    expect(await signInOn(first, token)).toBe('ready');
    expect(await signInOn(first, token)).toBe(4429);
    await redis.mend();
    await untilUsable();
    const userId = await findOrMakeUser(first.db, readSub(token));
    const count = () => counters[0]?.send(['ZCARD', `sockets:${userId}`]);
    while ((await count()) !== 2) await new Promise(setImmediate);
    expect(await signInOn(second, token)).toBe(4429);
  });

  test('have the places back of a process that died, after three missed signs of life', async () => {
    const [first] = await startTwo({ MAX_SOCKETS_PER_USER: '1' }, { pingIntervalMs: 100 });
    const token = await makeSessionToken();
    const userId = await findOrMakeUser(first.db, readSub(token));
    // what another process would have left
    const [seconds, micros] = (await counters[0]?.send(['TIME'])) as string[];
    const endsAt = String(Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000) + 1_500);
    await counters[0]?.send(['ZADD', `sockets:${userId}`, endsAt, 'of the dead']);
    const outcomes = [await signInOn(first, token)];
    while (outcomes.at(-1) !== 'ready') outcomes.push(await signInOn(first, token));
    expect(outcomes.length).toBeGreaterThan(1);
  });

  test('go on when Redis has forgotten everything', async () => {
    const [first] = await startTwo({ RATE_LIMIT_USER: '2' });
    const session = await signIn();
    await list(first, session);
    await counters[1]?.send(['SCRIPT', 'FLUSH']);
    expect(await statusesOf(2, () => list(first, session))).toEqual([200, 429]);
  });
});

describe('sockets', () => {
  test('are closed with 4429 beyond so many per user', async () => {
    const api = await start({ MAX_SOCKETS_PER_USER: '2' });
    const token = await makeSessionToken();
    const connect = async () => {
      const socket = await open(api);
      socket.send({ type: 'auth', token });
      return socket;
    };
    const held = [await connect(), await connect()];
    for (const each of held) await each.waitFor((frame) => frame.type === 'ready');
    expect(await (await connect()).waitForClose()).toBe(4429);
    held[0]?.socket.close();
    await held[0]?.waitForClose();
    const next = await connect();
    await next.waitFor((frame) => frame.type === 'ready');
  });

  test('have each sign-in and subscription counted as a request of their user', async () => {
    const api = await start({ RATE_LIMIT_USER: '3' });
    const sub = `user_${randomUUID()}`;
    const socket = await TestSocket.open(api.url, await makeSessionToken({ sub }));
    sockets.push(socket);
    const { meetingId } = await insertMeeting(api.db, {
      userId: await findOrMakeUser(api.db, sub),
    });
    expect((await list(api, await signIn(sub))).status).toBe(200);
    for (const after of [0, 1]) socket.send({ type: 'subscribe', meetingId, after });
    await socket.waitFor((frame) => frame.type === 'subscribed');
    const refused = await socket.waitFor((frame) => frame.type === 'error');
    expect(refused).toMatchObject({ meetingId, error: { code: 'rate_limited' } });
    expect((await list(api, await signIn(sub))).status).toBe(429);
    expect(await signInOn(api, await makeSessionToken({ sub }))).toBe(4429);
    expect(socket.closed).toBeNull();
  });

  test('are closed with 4400 when frames come in a flood, however little they cost', async () => {
    const api = await start({});
    const socket = await TestSocket.open(api.url, await makeSessionToken());
    sockets.push(socket);
    // one after the other: too many at once is another matter
    for (let count = 0; count < 600 && !socket.closed; count += 1) {
      socket.send({ type: 'ping' });
      while (pongsOf(socket) <= count && !socket.closed) await new Promise(setImmediate);
    }
    expect(socket.closed?.code).toBe(4400);
    expect(pongsOf(socket)).toBe(499);
  });

  test('are refused beyond so many per address, and in all', async () => {
    const api = await start({
      MAX_SOCKETS_PER_ADDRESS: '2',
      MAX_SOCKETS: '3',
      TRUST_PROXY: '1',
    });
    const from = (address: string) => open(api, { 'x-forwarded-for': address });
    await from('203.0.113.1');
    await from('203.0.113.1');
    await expect(from('203.0.113.1')).rejects.toThrow('429');
    await from('203.0.113.2');
    await expect(from('203.0.113.3')).rejects.toThrow('503');
  });
});
