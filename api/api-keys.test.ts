import { randomUUID } from 'node:crypto';
import { SCOPES, type Scope } from '../domain/scopes';
import { MAX_API_KEYS } from '../domain/api-keys';
import { makeSessionToken, startTestApi, TestSocket, type TestApi } from '../test/api-server';
import { insertMeeting } from '../test/records';

let api: TestApi;
let replica: TestApi;
let sub: string;
let session: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi({ limits: { lookIntervalMs: 50 } });
  replica = await startTestApi({
    limits: { lookIntervalMs: 50 },
    databaseUrl: api.databaseUrl,
  });
});
afterAll(async () => {
  await replica.close();
  await api.close();
});
beforeEach(async () => {
  sub = `user_${randomUUID()}`;
  session = { authorization: `Bearer ${await makeSessionToken({ sub })}` };
});

interface MadeKey {
  id: number;
  key: string;
}

async function makeKey(scopes: Scope[] = ['meetings:read'], more: object = {}): Promise<MadeKey> {
  const { status, body } = await api.http
    .post('/api/api-keys')
    .set(session)
    .send({ name: 'my program', scopes, ...more });
  expect(status).toBe(201);
  return body;
}

const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
const list = (headers: Record<string, string>, on = api) =>
  on.http.get('/api/meetings').set(headers);
const codeOf = async (answer: ReturnType<typeof list>) => {
  const { status, body } = await answer;
  return [status, body.error?.code];
};

describe('an API key', () => {
  test('is taken as X-API-Key and as a bearer token, for its user', async () => {
    const { key } = await makeKey();
    const { body: me } = await api.http.get('/api/me').set(session);
    for (const headers of [{ 'x-api-key': key }, { authorization: `Bearer ${key}` }]) {
      const { status, body } = await api.http.get('/api/me').set(headers);
      expect([status, body.id]).toEqual([200, me.id]);
    }
  });

  test('is shown once and kept as a hash', async () => {
    const { key, id } = await makeKey();
    expect(key).toMatch(/^mtg_[A-Za-z0-9_-]{43}$/);
    const { body } = await api.http.get('/api/api-keys').set(session);
    expect(body.apiKeys).toEqual([
      expect.objectContaining({ id, name: 'my program', lastFour: key.slice(-4) }),
    ]);
    const kept = JSON.stringify([body, await api.db.prisma.apiKey.findMany()]);
    expect(kept).not.toContain(key);
    expect(kept).not.toContain(key.slice(4, 30));
  });

  test.each(Object.keys(SCOPES) as Scope[])('may with %s what that scope says', async (scope) => {
    const ROUTES: Record<Scope, () => ReturnType<typeof list>> = {
      'meetings:read': () => api.http.get('/api/meetings'),
      'meetings:write': () => api.http.patch('/api/meetings/1').send({ title: 'x' }),
      'transcripts:read': () => api.http.get('/api/meetings/1/transcription'),
      bots: () => api.http.get('/api/identities'),
      webhooks: () => api.http.get('/api/meetings'),
    };
    const { key } = await makeKey([scope]);
    for (const [name, ask] of Object.entries(ROUTES)) {
      const { status, body } = await ask().set({ 'x-api-key': key });
      if (name === 'webhooks') continue;
      if (name === scope) expect([200, 404]).toContain(status);
      else expect([status, body.error.code]).toEqual([403, 'scope_missing']);
    }
  });

  test.each(['post', 'get'] as const)('never makes or sees keys (%s)', async (method) => {
    const { key } = await makeKey(Object.keys(SCOPES) as Scope[]);
    const { status, body } = await api.http[method]('/api/api-keys').set({ 'x-api-key': key });
    expect([status, body.error.code]).toEqual([403, 'session_required']);
  });

  test('beside a session, or another key, is refused as ambiguous', async () => {
    const { key } = await makeKey();
    const both = await list({ ...session, 'x-api-key': key });
    expect([both.status, both.body.error.code]).toEqual([401, 'unauthenticated']);
    expect(both.body.error.message).toContain('both');
    const twice = { 'x-api-key': key, authorization: `Bearer ${key}` };
    expect((await list(twice)).status).toBe(401);
    const token = session['authorization']?.split(' ')[1];
    expect((await list({ 'x-api-key': key, cookie: `__session=${token}` })).status).toBe(401);
  });

  test('is refused on every replica from the moment it is revoked', async () => {
    const { key, id } = await makeKey();
    expect((await list({ 'x-api-key': key }, replica)).status).toBe(200);
    expect((await api.http.delete(`/api/api-keys/${id}`).set(session)).status).toBe(204);
    for (const on of [api, replica]) {
      expect(await codeOf(list({ 'x-api-key': key }, on))).toEqual([401, 'unauthenticated']);
    }
  });

  test('is refused once it expired', async () => {
    const { key, id } = await makeKey(['meetings:read'], { expiresAt: soon(60_000) });
    expect((await list({ 'x-api-key': key })).status).toBe(200);
    await api.db.query(`UPDATE api_keys SET expires_at = now() WHERE id = $1`, [id]);
    expect(await codeOf(list({ 'x-api-key': key }))).toEqual([401, 'unauthenticated']);
  });

  test('is revoked by its owner only', async () => {
    const { id, key } = await makeKey();
    const other = { authorization: `Bearer ${await makeSessionToken()}` };
    const { status, body } = await api.http.delete(`/api/api-keys/${id}`).set(other);
    expect([status, body.error.code]).toEqual([404, 'api_key_not_found']);
    expect((await list({ 'x-api-key': key })).status).toBe(200);
  });

  test('notes its use, at most once a minute', async () => {
    const { id, key } = await makeKey();
    const readUse = async () =>
      (await api.db.prisma.apiKey.findUniqueOrThrow({ where: { id } })).lastUsedAt?.getTime();
    const use = async (): Promise<void> => {
      for (const on of [api, replica, api]) await list({ 'x-api-key': key }, on);
    };
    await use();
    let first = await readUse();
    while (first === undefined) first = await readUse();
    await use();
    expect(await readUse()).toBe(first);
    const old = new Date(first - 61_000);
    await api.db.prisma.apiKey.update({ where: { id }, data: { lastUsedAt: old } });
    await use();
    while ((await readUse()) === old.getTime()) await list({ 'x-api-key': key });
    expect(await readUse()).toBeGreaterThanOrEqual(first);
  });

  test('is answered 503 while the database is down, and not 401', async () => {
    const { key } = await makeKey();
    await replica.postgres.cut();
    expect(await codeOf(list({ 'x-api-key': key }, replica))).toEqual([503, 'unavailable']);
    await replica.postgres.mend();
  });

  test('stands in the audit log by its id', async () => {
    const { id, key } = await makeKey(['meetings:write']);
    await api.http.delete('/api/meetings/2000000000').set({ 'x-api-key': key });
    const entry = await api.db.prisma.auditEntry.findFirst({
      where: { action: 'meeting.deleted', actorKind: 'api_key', actorId: String(id) },
    });
    expect(entry).not.toBeNull();
  });
});

describe('making an API key', () => {
  test.each([
    ['no scope', { scopes: [] }],
    ['a scope that keys never have', { scopes: ['admin'] }],
    ['the same scope twice', { scopes: ['bots', 'bots'] }],
    ['a time that is over', { scopes: ['bots'], expiresAt: '2020-01-01T00:00:00Z' }],
  ])('is refused with %s', async (_what, fields) => {
    const { status } = await api.http
      .post('/api/api-keys')
      .set(session)
      .send({ name: 'x', ...fields });
    expect(status).toBe(422);
  });

  test(`ends at ${MAX_API_KEYS} keys, also when they are asked for together`, async () => {
    await makeKey();
    const answers = await Promise.all(
      Array.from({ length: MAX_API_KEYS + 5 }, () =>
        api.http
          .post('/api/api-keys')
          .set(session)
          .send({ name: 'x', scopes: ['bots'] }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(MAX_API_KEYS - 1);
    expect(answers.filter(({ body }) => body.error?.code === 'too_many_api_keys')).toHaveLength(6);
  });
});

describe('an API key on /ws', () => {
  const sockets: TestSocket[] = [];
  afterEach(() => {
    for (const each of sockets.splice(0)) each.socket.terminate();
  });

  async function open(key: string): Promise<TestSocket> {
    const socket = new TestSocket(replica.url);
    sockets.push(socket);
    await new Promise<void>((resolve) => socket.socket.once('open', () => resolve()));
    socket.send({ type: 'auth', token: key });
    return socket;
  }

  test('follows its user’s meetings, until it is revoked on another replica', async () => {
    const { id, key } = await makeKey(['transcripts:read']);
    const { body: me } = await api.http.get('/api/me').set(session);
    const { meetingId } = await insertMeeting(api.db, { userId: me.id });
    const socket = await open(key);
    expect(await socket.waitFor((frame) => frame.type === 'ready')).toMatchObject({
      expiresAt: null,
    });
    socket.send({ type: 'subscribe', meetingId });
    await socket.waitFor((frame) => frame.type === 'subscribed');
    await api.http.delete(`/api/api-keys/${id}`).set(session);
    expect(await socket.waitForClose()).toBe(4410);
  });

  test.each(['session', 'key'])('is closed when its user is disabled (%s)', async (kind) => {
    const { key } = await makeKey(['transcripts:read']);
    const token = session['authorization']?.replace('Bearer ', '') ?? '';
    const socket = await open(kind === 'key' ? key : token);
    await socket.waitFor((frame) => frame.type === 'ready');
    await api.db.query('UPDATE users SET disabled_at = now() WHERE clerk_id = $1', [sub]);
    expect(await socket.waitForClose()).toBe(4410);
  });

  test('is closed as revoked when it expires', async () => {
    const { key } = await makeKey(['transcripts:read'], { expiresAt: soon(2_000) });
    expect(await (await open(key)).waitForClose()).toBe(4410);
  });

  test('is told apart when it lacks the scope, and when there is no such key', async () => {
    const { key } = await makeKey(['meetings:read']);
    expect(await (await open(key)).waitForClose()).toBe(4403);
    expect(await (await open(`mtg_${'x'.repeat(43)}`)).waitForClose()).toBe(4401);
  });

  test('outlives an outage of the database', async () => {
    const { key } = await makeKey(['transcripts:read']);
    const socket = await open(key);
    await socket.waitFor((frame) => frame.type === 'ready');
    await replica.postgres.cut();
    const { status } = await list({ 'x-api-key': key }, replica);
    expect([status, socket.closed]).toEqual([503, null]);
    await replica.postgres.mend();
    socket.send({ type: 'ping' });
    await socket.waitFor((frame) => frame.type === 'pong');
  });
});
