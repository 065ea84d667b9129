import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { makeSessionToken, PRACTICE_ROOM, startTestApi, type TestApi } from '../test/api-server';
import { makeDeletedEvent, makeUserEvent } from '../test/clerk';
import { insertAttempt, insertMeeting } from '../test/records';
import { findOrMakeUser } from '../infra/database/users';
import { OPERATIONS } from './operations/all';

const KEY = 'an admin key of the tests that is long enough';
const NEXT_KEY = 'the admin key that replaces the old one';

let api: TestApi;
let clerkId: string;
beforeAll(async () => {
  api = await startTestApi({
    settings: {
      ADMIN_API_KEYS: `${KEY},${NEXT_KEY}`,
      ADMIN_REQUIRES_SECOND_FACTOR: 'true',
      TRUST_PROXY: '1',
    },
  });
});
afterAll(() => api.close());
beforeEach(() => {
  clerkId = `user_${randomUUID()}`;
});

const admin = { 'x-api-key': KEY };
const as = (token: string) => ({ authorization: `Bearer ${token}` });
const role = { metadata: { role: 'admin' } };
const get = (path: string) => api.http.get(`/api/admin${path}`).set(admin);
const send = (method: 'post' | 'patch' | 'delete', path: string, body: object = {}) =>
  api.http[method](`/api/admin${path}`).set(admin).send(body);

describe('an admin key that could be guessed', () => {
  const SHORT = 'only-thirty-one-characters-long';
  const logged: string[] = [];
  let other: TestApi;
  beforeAll(async () => {
    other = await startTestApi({
      settings: { ADMIN_API_KEYS: `${SHORT},${KEY}` },
      logger: pino({}, { write: (line) => void logged.push(line) }),
    });
  });
  afterAll(() => other.close());

  test('is ignored and logged about without its text, and the API serves the other one', async () => {
    const listUsers = async (key: string): Promise<number> =>
      (await other.http.get('/api/admin/users').set({ 'x-api-key': key })).status;
    expect(SHORT).toHaveLength(31);
    expect(await listUsers(SHORT)).toBe(401);
    expect(await listUsers(KEY)).toBe(200);
    const warnings = logged.filter((line) => line.includes('ADMIN_API_KEYS'));
    expect(warnings).toHaveLength(1);
    expect(JSON.parse(warnings[0] ?? '')).toMatchObject({ level: 40, ignored: 1 });
    expect(logged.join()).not.toContain(SHORT);
  });
});

describe('administrators', () => {
  const listUsers = (headers: Record<string, string>) =>
    api.http.get('/api/admin/users').set(headers);

  test.each([KEY, NEXT_KEY])('sign in by any of the admin keys', async (key) => {
    expect((await listUsers({ 'x-api-key': key })).status).toBe(200);
  });

  test.each<[string, () => Promise<Record<string, string>>, string]>([
    ['shows nothing', async () => ({}), 'unauthenticated'],
    ['shows another key', async () => ({ 'x-api-key': 'x'.repeat(45) }), 'unauthenticated'],
    ['shows no key', async () => ({ 'x-api-key': '' }), 'unauthenticated'],
    ['sends the key as a token', async () => as(KEY), 'unauthenticated'],
    [
      'shows a wrong key beside a good session',
      async () => ({
        'x-api-key': 'wrong',
        ...as(await makeSessionToken({ claims: { ...role, fva: [1, 1] } })),
      }),
      'unauthenticated',
    ],
    ['has no role', async () => as(await makeSessionToken()), 'admin_required'],
    [
      'has another role',
      async () => as(await makeSessionToken({ claims: { metadata: { role: 'adm' } } })),
      'admin_required',
    ],
    [
      'has the role in a list',
      async () => as(await makeSessionToken({ claims: { metadata: { role: ['admin'] } } })),
      'admin_required',
    ],
    [
      'has the role and no word of factors',
      async () => as(await makeSessionToken({ claims: role })),
      'second_factor_required',
    ],
    [
      'has the role and one factor',
      async () => as(await makeSessionToken({ claims: { ...role, fva: [0, -1] } })),
      'second_factor_required',
    ],
  ])('are no people or programs of whom each %s', async (_what, headers, code) => {
    const { status, body } = await listUsers(await headers());
    expect([status, body.error.code]).toEqual([code === 'unauthenticated' ? 401 : 403, code]);
  });

  test('sign in by a session with the role and a second factor', async () => {
    const token = await makeSessionToken({ claims: { ...role, fva: [7, 3] } });
    expect((await listUsers(as(token))).status).toBe(200);
  });

  test('are not let in by a user’s API key, and their key is none of a user', async () => {
    const owner = as(await makeSessionToken());
    const { body } = await api.http
      .post('/api/api-keys')
      .set(owner)
      .send({ name: 'all', scopes: ['meetings:read', 'meetings:write', 'bots'] });
    expect(body.key).toEqual(expect.any(String));
    for (const headers of [{ 'x-api-key': body.key }, as(body.key)]) {
      expect((await api.http.get('/api/meetings').set(headers)).status).toBe(200);
      expect((await listUsers(headers)).status).toBe(401);
    }
    expect((await api.http.get('/api/meetings').set(admin)).status).toBe(401);
  });

  test('are no more once they are disabled', async () => {
    const userId = await findOrMakeUser(api.db, clerkId);
    await send('patch', `/users/${userId}`, { disabled: true });
    const token = await makeSessionToken({ sub: clerkId, claims: { ...role, fva: [1, 1] } });
    expect((await listUsers(as(token))).body.error.code).toBe('user_disabled');
  });

  test('have every one of their requests in the audit log', () => {
    const routes = Object.entries(OPERATIONS).filter(([, { access }]) => access === 'admin');
    expect(routes.length).toBeGreaterThan(0);
    expect(routes.filter(([, { audit }]) => audit === undefined)).toEqual([]);
  });
});

describe('/api/admin/users', () => {
  test('makes a user with limits, who is there when they first sign in', async () => {
    const email = `${clerkId}@Example.com`;
    const made = await send('post', '/users', { clerkId, email, maxConcurrentBots: 2 });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ clerkId, email: email.toLowerCase(), maxConcurrentBots: 2 });
    const { body: me } = await api.http
      .get('/api/me')
      .set(as(await makeSessionToken({ sub: clerkId })));
    expect(me.id).toBe(made.body.id);
    const again = await send('post', '/users', { clerkId });
    expect([again.status, again.body.error.code]).toEqual([409, 'user_exists']);
    const sameEmail = await send('post', '/users', { clerkId: `${clerkId}2`, email });
    expect(sameEmail.body.error.code).toBe('user_exists');
  });

  test('finds users by part of name or e-mail and by Clerk id, page by page', async () => {
    const mark = randomUUID();
    for (const number of [1, 2, 3]) {
      const person = { clerkId: `user_${mark}_${number}`, fullName: `Ann_${mark} ${number}` };
      await send('post', '/users', person);
    }
    const first = await get(`/users?q=ann_${mark}&limit=2`);
    expect(first.body.users.map((user: { fullName: string }) => user.fullName)).toEqual([
      `Ann_${mark} 3`,
      `Ann_${mark} 2`,
    ]);
    const rest = await get(`/users?q=ann_${mark}&limit=2&cursor=${first.body.nextCursor}`);
    expect(rest.body).toMatchObject({ users: [{ fullName: `Ann_${mark} 1` }], nextCursor: null });
    expect((await get(`/users?q=user_${mark}_2`)).body.users).toHaveLength(1);
    expect((await get(`/users?q=ann%25${mark}`)).body.users).toEqual([]);
  });

  test('changes limits, back to the installation’s as well', async () => {
    const userId = await findOrMakeUser(api.db, clerkId);
    const limits = { maxConcurrentBots: 1, maxBotMinutesPerMonth: 60 };
    expect((await send('patch', `/users/${userId}`, limits)).body).toMatchObject(limits);
    const less = await send('patch', `/users/${userId}`, { maxConcurrentBots: null });
    expect(less.body).toMatchObject({ maxConcurrentBots: null, maxBotMinutesPerMonth: 60 });
    expect((await send('patch', `/users/${userId}`, {})).status).toBe(422);
  });

  test('disables a user by session and key, and enables them again', async () => {
    const session = as(await makeSessionToken({ sub: clerkId }));
    const { body: me } = await api.http.get('/api/me').set(session);
    const { body: key } = await api.http
      .post('/api/api-keys')
      .set(session)
      .send({ name: 'k', scopes: ['meetings:read'] });
    const ask = async (headers: Record<string, string>) => {
      const { status, body } = await api.http.get('/api/me').set(headers);
      return [status, body.error?.code];
    };
    const disabled = await send('patch', `/users/${me.id}`, { disabled: true });
    expect(disabled.body.disabledAt).not.toBeNull();
    for (const headers of [session, { 'x-api-key': key.key }]) {
      expect(await ask(headers)).toEqual([403, 'user_disabled']);
    }
    expect((await get('/users?status=disabled&q=' + clerkId)).body.users).toHaveLength(1);
    await send('patch', `/users/${me.id}`, { disabled: false });
    for (const headers of [session, { 'x-api-key': key.key }]) {
      expect(await ask(headers)).toEqual([200, undefined]);
    }
  });

  test('leaves the running bot of a disabled user alone until an administrator stops it', async () => {
    const userId = await findOrMakeUser(api.db, clerkId);
    const { meetingId } = await insertMeeting(api.db, { userId, title: 'Secret plans' });
    await insertAttempt(api.db, meetingId);
    await send('patch', `/users/${userId}`, { disabled: true });
    const attempt = await api.db.prisma.botAttempt.findFirstOrThrow({ where: { meetingId } });
    expect(attempt.fencedAt).toBeNull();
    const stopped = await send('post', `/meetings/${meetingId}/stop-bot`);
    expect(stopped.status).toBe(200);
    expect(Object.keys(stopped.body).sort()).toEqual(['id', 'workflowUrl']);
    const again = await send('post', '/meetings/2000000000/stop-bot');
    expect([again.status, again.body.error.code]).toEqual([404, 'meeting_not_found']);
  });

  test('deletes a user for good, whose keys are worth nothing then', async () => {
    const session = as(await makeSessionToken({ sub: clerkId }));
    const { body: me } = await api.http.get('/api/me').set(session);
    const { body: key } = await api.http
      .post('/api/api-keys')
      .set(session)
      .send({ name: 'k', scopes: ['meetings:read'] });
    const { status, body } = await send('delete', `/users/${me.id}`);
    expect([status, body.id]).toEqual([202, me.id]);
    expect(api.temporal.userDeletions).toContain(me.id);
    for (const headers of [session, { 'x-api-key': key.key }]) {
      expect((await api.http.get('/api/me').set(headers)).status).toBe(401);
    }
    expect((await send('delete', `/users/${me.id}`)).status).toBe(404);
    const made = await send('post', '/users', { clerkId });
    expect([made.status, made.body.error.code]).toEqual([410, 'user_deleted']);
  });
});

describe('/api/admin/users/sync', () => {
  const sync = async (body: object) => (await send('post', '/users/sync', body)).body;
  const read = () => api.db.prisma.user.findUnique({ where: { clerkId } });

  test('takes an event of Clerk that a gateway passes on', async () => {
    const event = makeUserEvent('user.created', clerkId, { at: 5, email: `${clerkId}@a.example` });
    expect(await sync(event)).toEqual({ outcome: 'applied' });
    expect(await sync({ ...event, data: { ...event.data, updated_at: 4 } })).toEqual({
      outcome: 'older',
    });
    expect(await read()).toMatchObject({ fullName: 'Maya Okafor' });
    expect(await sync(makeDeletedEvent(clerkId))).toEqual({ outcome: 'deleted' });
    expect(await sync(event)).toEqual({ outcome: 'deleted' });
  });

  test('takes a plain user under the old names of its fields as well', async () => {
    const email = `${clerkId}@example.com`;
    await sync({ clerk_id: clerkId, email, name: 'Tom', image_url: 'https://a.example/b.png' });
    const avatarUrl = 'https://a.example/b.png';
    expect(await read()).toMatchObject({ email, fullName: 'Tom', avatarUrl });
    await sync({ clerkId, email, fullName: 'Tom Lee' });
    expect(await read()).toMatchObject({ email, fullName: 'Tom Lee', avatarUrl: null });
  });

  test('changes nothing that Clerk has said by a user without a time', async () => {
    await sync(makeUserEvent('user.created', clerkId, { at: 5 }));
    expect(await sync({ clerkId, fullName: 'Other' })).toEqual({ outcome: 'older' });
    const updatedAt = '2026-01-01T09:00:00Z';
    expect(await sync({ clerkId, fullName: 'Other', updatedAt })).toEqual({ outcome: 'applied' });
    expect(await read()).toMatchObject({ fullName: 'Other' });
  });

  test('refuses what is neither', async () => {
    const { status, body } = await send('post', '/users/sync', { email: 'a@b.example', admin: 1 });
    expect(status).toBe(422);
    expect(JSON.stringify(body.error.details)).toContain('admin');
  });
});

describe('/api/admin/meetings', () => {
  test('shows state and workflow of everybody’s meetings, and nothing of what they are about', async () => {
    const userId = await findOrMakeUser(api.db, clerkId);
    const meetingUrl = `${PRACTICE_ROOM}/r/board-room`;
    const ids: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      ids.unshift(
        (await insertMeeting(api.db, { userId, meetingUrl, title: 'Layoffs' })).meetingId,
      );
    }
    await api.db.prisma.meeting.updateMany({ where: { id: ids[0] }, data: { status: 'live' } });
    const first = await get(`/meetings?userId=${userId}&limit=2`);
    expect(first.body.meetings).toMatchObject([
      {
        id: ids[0],
        userId,
        status: 'live',
        workflowUrl: expect.stringContaining(`meeting-${ids[0]}`),
      },
      { id: ids[1], userId, status: 'created' },
    ]);
    expect(first.text).not.toMatch(/Layoffs|board-room/);
    const rest = await get(`/meetings?userId=${userId}&limit=2&cursor=${first.body.nextCursor}`);
    expect(rest.body).toMatchObject({ meetings: [{ id: ids[2] }], nextCursor: null });
    const live = await get(`/meetings?userId=${userId}&status=live`);
    expect(live.body.meetings).toHaveLength(1);
    await api.db.prisma.meeting.updateMany({
      where: { id: ids[1] },
      data: { status: 'processing' },
    });
    const underWay = await get(`/meetings?userId=${userId}&when=live`);
    expect(underWay.body.meetings).toMatchObject([{ id: ids[0] }, { id: ids[1] }]);
  });
});

describe('the audit log', () => {
  test('is read by administrators with filters, and says who of them read it', async () => {
    const userId = await findOrMakeUser(api.db, clerkId);
    await send('patch', `/users/${userId}`, { maxConcurrentBots: 1 });
    await get(`/users/${userId}`);
    const { body } = await get(`/audit?userId=${userId}&action=admin.user.changed`);
    expect(body.entries).toMatchObject([
      { action: 'admin.user.changed', actorKind: 'admin', actorId: expect.stringMatching(/^key-/) },
    ]);
    expect(JSON.stringify(body)).not.toContain(KEY);
    const page = await get(`/audit?userId=${userId}&limit=1`);
    expect(page.body.entries).toMatchObject([{ action: 'admin.user.read' }]);
    const next = await get(`/audit?userId=${userId}&limit=1&cursor=${page.body.nextCursor}`);
    expect(next.body).toMatchObject({
      entries: [{ action: 'admin.user.changed' }],
      nextCursor: null,
    });
    const later = await get(`/audit?userId=${userId}&since=2200-01-01T00:00:00Z`);
    expect(later.body.entries).toEqual([]);
    const reads = await get('/audit?action=admin.audit.read&limit=1');
    expect(reads.body.entries).toHaveLength(1);
  });

  const ROUTES = Object.entries(OPERATIONS).filter(([, { access }]) => access === 'admin');

  /** The newest entry of an action once it has its status, which is written after the answer. */
  async function readNewest(action: string | undefined, address: string) {
    for (;;) {
      const entry = await api.db.prisma.auditEntry.findFirst({
        where: { action: String(action), address, status: { not: null } },
        orderBy: { id: 'desc' },
      });
      if (entry) return entry;
    }
  }

  /** Each test asks from an address of its own. */
  const makeAddress = () => `2001:db8::${randomUUID().slice(0, 4)}`;
  const normalize = (address: string) => new URL(`http://[${address}]`).hostname.slice(1, -1);

  test.each(ROUTES)('keeps %s with a wrong key, and nothing of the key', async (key, { audit }) => {
    const [method = '', path = ''] = key.split(' ');
    const address = normalize(makeAddress());
    const wrong = `wrong-${randomUUID()}`;
    const answer = await fetch(api.url + path.replace('{id}', '7'), {
      method: method.toUpperCase(),
      headers: { 'x-api-key': wrong, 'x-forwarded-for': address },
    });
    expect(answer.status).toBe(401);
    const entry = await readNewest(audit, address);
    expect(entry).toMatchObject({ actorKind: 'admin', actorId: 'unknown', status: 401 });
    expect(JSON.stringify(entry)).not.toContain(wrong.slice(0, 14));
  });

  test.each(ROUTES.filter(([, { body }]) => body))(
    'keeps %s with a broken body',
    async (key, { audit }) => {
      const [method = '', path = ''] = key.split(' ');
      const address = normalize(makeAddress());
      const answer = await fetch(api.url + path.replace('{id}', '7'), {
        method: method.toUpperCase(),
        headers: { ...admin, 'x-forwarded-for': address, 'content-type': 'application/json' },
        body: '{"half":',
      });
      expect(answer.status).toBe(400);
      expect(await readNewest(audit, address)).toMatchObject({
        actorKind: 'admin',
        actorId: expect.stringMatching(/^key-/),
        status: 400,
      });
    },
  );

  test('names who was refused for their role, and the meeting they asked for', async () => {
    const address = normalize(makeAddress());
    const { status } = await api.http
      .post('/api/admin/meetings/77/stop-bot')
      .set({ ...as(await makeSessionToken({ sub: clerkId })), 'x-forwarded-for': address })
      .send({});
    expect(status).toBe(403);
    expect(await readNewest('admin.bot.stopped', address)).toMatchObject({
      actorKind: 'session',
      actorId: clerkId,
      meetingId: 77,
      status: 403,
    });
  });

  test('refuses as ever while it cannot be written', async () => {
    await api.postgres.cut();
    const { status } = await api.http.get('/api/admin/users').set('x-api-key', 'wrong');
    await api.postgres.mend();
    expect(status).toBe(401);
  });

  test('shows users what concerns them, also what administrators did, but not from where', async () => {
    const session = as(await makeSessionToken({ sub: clerkId }));
    const { body: me } = await api.http.get('/api/me').set(session);
    await api.http.patch('/api/me').set(session).send({ fullName: 'Maya' });
    await send('patch', `/users/${me.id}`, { maxConcurrentBots: 1 });
    const { body } = await api.http.get('/api/me/audit').set(session);
    expect(body.entries).toMatchObject([
      { action: 'admin.user.changed', address: null },
      {
        action: 'profile.changed',
        actorId: clerkId,
        address: expect.stringContaining('127.0.0.1'),
      },
    ]);
    const other = as(await makeSessionToken());
    expect((await api.http.get('/api/me/audit').set(other)).body.entries).toEqual([]);
  });
});
