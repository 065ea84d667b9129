import { randomUUID } from 'node:crypto';
import { makeBotToken, makeSessionToken, TestSocket, type TestApi } from '../../test/api-server';
import { list, setUpLimits, signIn, statusesOf } from '../../test/limit-runs';
import { insertAttempt, insertMeeting } from '../../test/records';
import { findOrMakeUser } from '../../infra/database/users';

const { sockets, start, open, signInOn } = setUpLimits();

const pongsOf = (socket: TestSocket) => socket.frames.filter(({ type }) => type === 'pong').length;

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
