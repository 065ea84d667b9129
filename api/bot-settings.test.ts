import { createServer, type Server } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { beginAttempt, findAttempt, recordReport, type Attempt } from '../infra/database/attempts';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { MAX_IDENTITIES } from '../domain/identity';
import { makeBotToken, makeSessionToken, PRACTICE_ROOM, startTestApi } from '../test/api-server';
import type { TestApi } from '../test/api-server';

const SIGNING_SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const ROOM = `${PRACTICE_ROOM}/r/standup`;
const POLICY = {
  waitingRoomSeconds: 900,
  nobodyJoinedSeconds: 600,
  aloneSeconds: 60,
  silenceSeconds: 600,
  silenceAfterSeconds: 1200,
  longestMeetingSeconds: 14_400,
};
const STATE = {
  cookies: [
    {
      ...{ name: 'SID', value: 'very-secret', domain: '.example.com', path: '/', expires: -1 },
      ...{ httpOnly: true, secure: true, sameSite: 'Lax' },
    },
  ],
  origins: [{ origin: 'https://example.com', localStorage: [{ name: 'a', value: 'b' }] }],
};

let api: TestApi;
let me: { authorization: string };
let stranger: { authorization: string };
beforeAll(async () => {
  api = await startTestApi({
    settings: { OUTGOING_ALLOWED_HOSTS: '127.0.0.1', OUTGOING_SIGNING_SECRET: SIGNING_SECRET },
  });
  stranger = { authorization: `Bearer ${await makeSessionToken()}` };
});
beforeEach(async () => {
  api.audio.objects.clear();
  me = { authorization: `Bearer ${await makeSessionToken()}` };
});
afterAll(() => api.close());

const create = (body: object = {}) =>
  api.http
    .post('/api/meetings')
    .set(me)
    .send({ meetingUrl: ROOM, ...body });
const patch = (path: string, body: object) => api.http.patch(path).set(me).send(body);

async function startAttempt(body: object = {}): Promise<Attempt> {
  const made = await create(body);
  const begun = await beginAttempt(api.db, made.body.id, randomUUID());
  const attempt = begun && (await findAttempt(api.db, made.body.id, begun.attempt));
  if (!attempt) throw new Error(`Expected an attempt, got ${JSON.stringify(made.body)}`);
  return attempt;
}

const asBot = async (attempt: Attempt) => ({
  authorization: `Bearer ${await makeBotToken(attempt)}`,
});

describe('a meeting’s bot', () => {
  test('takes the defaults of the installation where nobody says anything', async () => {
    const { body } = await create();
    expect(body).toMatchObject({
      leavePolicy: POLICY,
      entryMessage: expect.stringContaining('{botName}, taking notes'),
      recording: false,
      recordingStatus: 'none',
      recordingUrl: null,
      botIdentityId: null,
      joinTokenUrl: null,
    });
  });

  test('takes the meeting’s wishes over the user’s defaults, part by part', async () => {
    const botDefaults = {
      botName: 'Scribe',
      language: 'de',
      recording: true,
      entryMessage: 'Hello from {owner}',
      leavePolicy: { aloneSeconds: 5, silenceSeconds: 50 },
    };
    const changed = await patch('/api/me', { botDefaults });
    expect([changed.status, changed.body.botDefaults]).toEqual([200, botDefaults]);
    const wishes = { language: null, entryMessage: null, leavePolicy: { aloneSeconds: 7 } };
    const { body } = await create(wishes);
    expect(body).toMatchObject({
      botName: 'Scribe',
      language: null,
      entryMessage: null,
      recording: true,
      leavePolicy: { ...POLICY, aloneSeconds: 7, silenceSeconds: 50 },
    });
    expect((await create()).body).toMatchObject({
      language: 'de',
      entryMessage: botDefaults.entryMessage,
    });
  });

  test('is changed part by part', async () => {
    const { body } = await create({ leavePolicy: { aloneSeconds: 7 } });
    const changes = { recording: true, entryMessage: null, leavePolicy: { silenceSeconds: 9 } };
    const changed = await patch(`/api/meetings/${body.id}`, changes);
    expect(changed.body).toMatchObject({
      title: null,
      botName: 'Notetaker',
      recording: true,
      entryMessage: null,
      leavePolicy: { ...POLICY, aloneSeconds: 7, silenceSeconds: 9 },
    });
  });

  test('has limits, and all that is wrong is told at once', async () => {
    const { status, body } = await create({
      entryMessage: 'x'.repeat(501),
      recording: 'yes',
      leavePolicy: { silenceSeconds: 0, longestMeetingSeconds: 100_000 },
    });
    expect(status).toBe(422);
    expect(body.error.details.map((each: { field: string }) => each.field).sort()).toEqual([
      'entryMessage',
      'leavePolicy.longestMeetingSeconds',
      'leavePolicy.silenceSeconds',
      'recording',
    ]);
  });

  test('reads its entry message with the names filled in', async () => {
    await patch('/api/me', { fullName: 'Maya $& Levi' });
    const attempt = await startAttempt({ entryMessage: '{botName} for {owner}', recording: true });
    const { body } = await api.http.get('/bot/v1/assignment').set(await asBot(attempt));
    expect(body).toMatchObject({
      entryMessage: 'Notetaker for Maya $& Levi',
      isRecorded: true,
      hasIdentity: false,
      needsJoinToken: false,
      leavePolicy: POLICY,
    });
  });
});

describe('the entry message', () => {
  const readMessage = async (attempt: Attempt) =>
    (await api.http.get('/bot/v1/assignment').set(await asBot(attempt))).body.entryMessage;
  const beat = async (attempt: Attempt, more: object) =>
    api.http
      .post('/bot/v1/heartbeat')
      .set(await asBot(attempt))
      .send({ atMs: Date.now(), spooledChunks: 0, acknowledgedChunks: 0, ...more });
  async function follow({ meetingId }: Attempt): Promise<Attempt> {
    const begun = await beginAttempt(api.db, meetingId, randomUUID());
    const attempt = begun && (await findAttempt(api.db, meetingId, begun.attempt));
    if (!attempt) throw new Error('Expected another attempt');
    return attempt;
  }

  test('goes to each attempt until one has told that it was written, then to none', async () => {
    const first = await startAttempt({ entryMessage: 'I take notes.' });
    expect((await beat(first, {})).status).toBe(204);
    const second = await follow(first);
    expect(await readMessage(second)).toBe('I take notes.');
    expect((await beat(second, { hasSentEntryMessage: true })).status).toBe(204);
    expect(await readMessage(second)).toBeNull();
    const third = await follow(second);
    expect(await readMessage(third)).toBeNull();
    expect((await beat(third, {})).status).toBe(204);
    expect(await readMessage(await follow(third))).toBeNull();
  });
});

test('GET /api/me tells who is signed in', async () => {
  const { body } = await api.http.get('/api/me').set(me);
  expect(body).toEqual({
    id: expect.any(Number),
    email: null,
    fullName: null,
    botDefaults: {},
    isAdmin: false,
  });
  expect((await patch('/api/me', { botDefaults: { colour: 'red' } })).status).toBe(422);
  expect((await api.http.get('/api/me')).status).toBe(401);
});

describe('identities', () => {
  const keep = (body: object = {}) =>
    api.http
      .post('/api/identities')
      .set(me)
      .send({ name: 'notes', platform: 'custom', storageState: STATE, ...body });

  test('are kept encrypted and never given back but to the meeting’s bot', async () => {
    const { status, body: identity } = await keep();
    expect([status, identity]).toEqual([
      201,
      expect.objectContaining({ name: 'notes', allowsParallel: false, refusedAt: null }),
    ]);
    expect(JSON.stringify(identity)).not.toContain('secret');
    const row = await api.db.prisma.botIdentity.findUniqueOrThrow({ where: { id: identity.id } });
    expect(JSON.stringify(row)).not.toContain('secret');
    const attempt = await startAttempt({ botIdentityId: identity.id });
    const { body } = await api.http.get('/bot/v1/identity').set(await asBot(attempt));
    expect(body).toEqual({ storageState: STATE });
    const { body: listed } = await api.http.get('/api/identities').set(me);
    expect(listed.identities).toMatchObject([{ lastUsedAt: expect.any(String) }]);
    const guest = await startAttempt();
    const refused = await api.http.get('/bot/v1/identity').set(await asBot(guest));
    expect([refused.status, refused.body.error.code]).toEqual([409, 'no_identity']);
  });

  test(`end at ${MAX_IDENTITIES}, also when they are asked for together`, async () => {
    const sub = `user_${randomUUID()}`;
    const owner = { authorization: `Bearer ${await makeSessionToken({ sub })}` };
    const answers = await Promise.all(
      Array.from({ length: MAX_IDENTITIES + 5 }, (_, index) =>
        keep({ name: `notes ${index}` }).set(owner),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(MAX_IDENTITIES);
    const codes = answers.flatMap(({ body }) => body.error?.code ?? []);
    expect(codes).toEqual(Array<string>(5).fill('too_many_identities'));
    const kept = answers.find(({ status }) => status === 201)?.body;
    const again = await keep({ name: kept.name }).set(owner);
    expect(again.body.error.code).toBe('identity_exists');
    await api.http.delete(`/api/identities/${kept.id}`).set(owner);
    expect((await keep().set(owner)).status).toBe(201);
  });

  test('remember a refusal until they are signed in again', async () => {
    const { body: identity } = await keep();
    const attempt = await startAttempt({ botIdentityId: identity.id });
    const report = { reportSeq: 1, state: 'failed' as const, atMs: Date.now() };
    await recordReport(api.db, attempt, { ...report, reason: 'auth_required' });
    const path = `/api/identities/${identity.id}`;
    expect((await api.http.get(path).set(me)).body.refusedAt).toEqual(expect.any(String));
    expect((await patch(path, { name: 'other' })).body.refusedAt).toEqual(expect.any(String));
    const { body } = await patch(path, { storageState: STATE, allowsParallel: true });
    expect(body).toMatchObject({ name: 'other', refusedAt: null, allowsParallel: true });
  });

  test('exist once per name and for nobody else', async () => {
    const { body } = await keep();
    expect((await keep()).body.error.code).toBe('identity_exists');
    await keep({ name: 'second' });
    const path = `/api/identities/${body.id}`;
    expect((await patch(path, { name: 'second' })).body.error.code).toBe('identity_exists');
    const answers = await Promise.all([
      api.http.get(path).set(stranger),
      api.http.patch(path).set(stranger).send({ name: 'mine' }),
      api.http.delete(path).set(stranger),
    ]);
    expect(answers.map((each) => each.status)).toEqual([404, 404, 404]);
    const foreign = await api.http
      .post('/api/meetings')
      .set(stranger)
      .send({ meetingUrl: ROOM, botIdentityId: body.id });
    expect([foreign.status, foreign.body.error.details[0].field]).toEqual([422, 'botIdentityId']);
  });

  test('serve meetings of their own platform, and are not changed under a bot', async () => {
    const { body: zoom } = await keep({ name: 'zoom', platform: 'zoom' });
    expect((await create({ botIdentityId: zoom.id })).status).toBe(422);
    const { body: own } = await keep();
    const { body: meeting } = await create();
    const path = `/api/meetings/${meeting.id}`;
    expect((await patch(path, { botIdentityId: zoom.id })).status).toBe(422);
    expect((await patch(path, { botIdentityId: own.id })).body.botIdentityId).toBe(own.id);
    await api.http.post(`${path}/start-bot`).set(me);
    expect((await patch(path, { botIdentityId: null })).body.error.code).toBe('command_refused');
  });

  test('can be deleted; their meetings’ bots then join as guests', async () => {
    const { body: identity } = await keep();
    const { body: meeting } = await create({ botIdentityId: identity.id });
    const path = `/api/identities/${identity.id}`;
    expect((await api.http.delete(path).set(me)).status).toBe(204);
    expect((await api.http.get(path).set(me)).body.error.code).toBe('identity_not_found');
    const { body } = await api.http.get(`/api/meetings/${meeting.id}`).set(me);
    expect(body.botIdentityId).toBeNull();
  });

  test.each([
    ['that is no storage state', { cookies: 'none' }],
    ['that is empty', { cookies: [], origins: [] }],
    ['with a broken cookie', { ...STATE, cookies: [{ name: 'SID' }] }],
  ])('refuse a state %s', async (_what, storageState) => {
    expect((await keep({ storageState })).status).toBe(422);
  });

  test('take a state larger than other bodies, up to a limit', async () => {
    const withBytes = (bytes: number) => ({
      ...STATE,
      origins: [
        {
          origin: 'https://example.com',
          localStorage: [{ name: 'a', value: 'x'.repeat(bytes) }],
        },
      ],
    });
    expect((await keep({ storageState: withBytes(900_000) })).status).toBe(201);
    expect((await keep({ name: 'b', storageState: withBytes(1_100_000) })).status).toBe(413);
  });
});

describe('POST join-token', () => {
  let server: Server;
  let url: string;
  let answer: { status: number; body: string; headers?: Record<string, string> };
  let asked: unknown;
  beforeAll(async () => {
    server = createServer((request, response) => {
      void request.toArray().then((parts: Buffer[]) => {
        const text = Buffer.concat(parts).toString();
        const signature = request.headers as Record<string, string>;
        asked = new Webhook(SIGNING_SECRET).verify(text, signature);
        response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  const ask = async (attempt: Attempt) =>
    api.http.post('/bot/v1/join-token').set(await asBot(attempt));

  test('asks the meeting’s address with a signature and hands the token on', async () => {
    const attempt = await startAttempt({ joinTokenUrl: url });
    answer = { status: 200, body: '{"token": "for-once", "more": 1}' };
    const { status, body } = await ask(attempt);
    expect([status, body]).toEqual([200, { token: 'for-once' }]);
    expect(asked).toEqual({ meetingId: attempt.meetingId, platform: 'custom', attempt: 1 });
  });

  test.each([
    ['an error', { status: 500, body: '{"token": "x"}' }],
    ['a redirect', { status: 302, body: '', headers: { location: 'https://example.com' } }],
    ['no JSON', { status: 200, body: 'token' }],
    ['no token', { status: 200, body: '{"token": ""}' }],
    ['too much', { status: 200, body: `{"token": "${'x'.repeat(17_000)}"}` }],
  ])('answers 502 when the address gives %s', async (_what, given) => {
    const attempt = await startAttempt({ joinTokenUrl: url });
    answer = given;
    const { status, body } = await ask(attempt);
    expect([status, body.error.code]).toEqual([502, 'join_token_failed']);
    expect(body.error.message).not.toContain('127.0.0.1');
  });

  test('is refused for a meeting without an address, and to a superseded bot', async () => {
    const guest = await startAttempt();
    expect((await ask(guest)).body.error.code).toBe('no_join_token_url');
    const attempt = await startAttempt({ joinTokenUrl: url });
    await beginAttempt(api.db, attempt.meetingId, randomUUID());
    expect((await ask(attempt)).body.error.code).toBe('superseded');
  });

  test.each(['http://example.com/token', 'https://me:pw@example.com/', 'ftp://127.0.0.1/'])(
    'refuses %s as an address',
    async (joinTokenUrl) => {
      const { status, body } = await create({ joinTokenUrl });
      expect([status, body.error.details[0].field]).toEqual([422, 'joinTokenUrl']);
    },
  );
});
