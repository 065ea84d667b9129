import { makeSessionToken, PRACTICE_ROOM, startTestApi, type TestApi } from '../test/api-server';

let api: TestApi;
let token: string;

beforeAll(async () => {
  api = await startTestApi();
  token = await makeSessionToken();
});
afterAll(() => api.close());

const as = (bearer: string) => ({ authorization: `Bearer ${bearer}` });
const ROOM = `${PRACTICE_ROOM}/r/standup`;

async function create(body: object, bearer = token) {
  return api.http.post('/api/meetings').set(as(bearer)).send(body);
}

describe('POST /api/meetings', () => {
  test('makes a meeting from its link, with defaults told', async () => {
    const { status, body } = await create({ title: 'Standup', meetingUrl: ROOM });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      title: 'Standup',
      platform: 'custom',
      meetingUrl: ROOM,
      hasPasscode: false,
      botName: 'Notetaker',
      language: null,
      status: 'created',
      botStatus: 'none',
      leavePolicy: { aloneSeconds: 60 },
    });
  });

  test('keeps the passcode apart and encrypted', async () => {
    const { body } = await create({ meetingUrl: 'https://acme.zoom.us/j/1234567890?pwd=s3cret' });
    expect(body).toMatchObject({
      platform: 'zoom',
      meetingUrl: 'https://acme.zoom.us/j/1234567890',
      hasPasscode: true,
    });
    const row = await api.db.prisma.meeting.findUniqueOrThrow({ where: { id: body.id } });
    expect(JSON.stringify(row)).not.toContain('s3cret');
  });

  test.each([
    ['Arabic', 'اجتماع الفريق ١٢'],
    ['Hebrew with direction marks', '\u202bפגישה\u202c'],
    ['emoji and combining marks', '👩‍💻 café ṩ'],
    ['Chinese', '每周例会'],
  ])('gives back a title in %s as it came', async (_script, title) => {
    const { body } = await create({ title, meetingUrl: ROOM });
    const read = await api.http.get(`/api/meetings/${body.id}`).set(as(token));
    expect(read.body.title).toBe(title);
  });

  test('lists every problem of a body at once, unknown fields among them', async () => {
    const { status, body } = await create({
      title: 'a\u0000b',
      meetingUrl: 12,
      botName: '',
      colour: 'red',
      leavePolicy: { aloneSeconds: -1, whenBored: true },
    });
    expect(status).toBe(422);
    expect(body.error.code).toBe('invalid_request');
    expect(body.error.details.map((each: { field: string }) => each.field).sort()).toEqual([
      'botName',
      'colour',
      'leavePolicy.aloneSeconds',
      'leavePolicy.whenBored',
      'meetingUrl',
      'title',
    ]);
  });

  test.each([
    ['credentials', 'https://me:pw@meet.google.com/abc-defg-hij', /without a user name/],
    ['an internal address', 'https://10.0.0.8/room', /public address/],
    ['a loopback name', 'https://localhost/room', /public address/],
    [
      'an unknown site',
      'https://example.com/meeting',
      /meet\.google\.com.*zoom\.us.*practice room/,
    ],
  ])('refuses a link with %s and says what is wrong', async (_what, meetingUrl, message) => {
    const { status, body } = await create({ meetingUrl });
    expect(status).toBe(422);
    expect(body.error.details).toEqual([
      { in: 'body', field: 'meetingUrl', message: expect.stringMatching(message) },
    ]);
    expect(body.error.message).not.toContain('pw@');
  });

  test('answers 400 to malformed JSON', async () => {
    const { status, body } = await api.http
      .post('/api/meetings')
      .set({ ...as(token), 'content-type': 'application/json' })
      .send('{"title": ');
    expect(status).toBe(400);
    expect(body.error.code).toBe('malformed_request');
  });

  test('answers 413 to a body that is too long and 415 to another type', async () => {
    const long = await create({ title: 'x'.repeat(300_000), meetingUrl: ROOM });
    expect([long.status, long.body.error.code]).toEqual([413, 'payload_too_large']);
    const other = await api.http
      .post('/api/meetings')
      .set({ ...as(token), 'content-type': 'text/plain' })
      .send('hello');
    expect([other.status, other.body.error.code]).toEqual([415, 'unsupported_media_type']);
  });

  test('makes one meeting of simultaneous requests with one Idempotency-Key', async () => {
    const body = { title: 'once', meetingUrl: ROOM };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        api.http
          .post('/api/meetings')
          .set({ ...as(token), 'idempotency-key': 'create-once' })
          .send(body),
      ),
    );
    expect(new Set(answers.map((each) => each.status))).toEqual(new Set([201]));
    expect(new Set(answers.map((each) => each.body.id)).size).toBe(1);
  });

  test('refuses another body under the same Idempotency-Key', async () => {
    const send = (title: string) =>
      api.http
        .post('/api/meetings')
        .set({ ...as(token), 'idempotency-key': 'two-bodies' })
        .send({ title, meetingUrl: ROOM });
    expect((await send('one')).status).toBe(201);
    const second = await send('two');
    expect([second.status, second.body.error.code]).toEqual([409, 'idempotency_key_reused']);
  });
});

describe('GET /api/meetings', () => {
  test('pages from the newest on without a repeat while new ones are made', async () => {
    const bearer = await makeSessionToken();
    const made: number[] = [];
    for (let index = 0; index < 5; index += 1) {
      made.unshift((await create({ title: `m${index}`, meetingUrl: ROOM }, bearer)).body.id);
    }
    const seen: number[] = [];
    let cursor: string | null = '';
    type Page = { body: { meetings: { id: number }[]; nextCursor: string | null } };
    while (cursor !== null) {
      const query: object = { limit: 2, ...(cursor ? { cursor } : {}) };
      const page: Page = await api.http.get('/api/meetings').query(query).set(as(bearer));
      seen.push(...page.body.meetings.map((each) => each.id));
      cursor = page.body.nextCursor;
      await create({ meetingUrl: ROOM }, bearer);
    }
    expect(seen).toEqual(made);
  });

  test('filters by platform, by its old name, by status and by part of the title', async () => {
    const bearer = await makeSessionToken();
    await create({ title: '100% done_x', meetingUrl: ROOM }, bearer);
    await create(
      { title: '1000 dones', meetingUrl: 'https://meet.google.com/abc-defg-hij' },
      bearer,
    );
    const find = async (query: object) => {
      const { body } = await api.http.get('/api/meetings').query(query).set(as(bearer));
      return body.meetings.map((each: { title: string }) => each.title);
    };
    expect(await find({ platform: 'meet' })).toEqual(['1000 dones']);
    expect(await find({ platform: 'custom' })).toEqual(['100% done_x']);
    expect(await find({ q: '100% DONE_' })).toEqual(['100% done_x']);
    expect(await find({ status: 'live' })).toEqual([]);
  });

  test('refuses a cursor that is none and parameters it does not know', async () => {
    const wrong = await api.http.get('/api/meetings?cursor=zzz').set(as(token));
    expect(wrong.status).toBe(422);
    const unknown = await api.http.get('/api/meetings?sort=up&limit=0').set(as(token));
    expect(unknown.body.error.details).toHaveLength(2);
  });
});

describe('one meeting', () => {
  test('somebody else’s meeting does not exist, whatever is asked of it', async () => {
    const { body } = await create({ meetingUrl: ROOM });
    const stranger = as(await makeSessionToken());
    const path = `/api/meetings/${body.id}`;
    const answers = await Promise.all([
      api.http.get(path).set(stranger),
      api.http.patch(path).set(stranger).send({ title: 'mine' }),
      api.http.delete(path).set(stranger),
      api.http.post(`${path}/start-bot`).set(stranger),
      api.http.post(`${path}/stop-bot`).set(stranger),
      api.http.get(`${path}/transcription`).set(stranger),
      api.http.get(`${path}/events`).set(stranger),
      api.http.get(`${path}/attempts`).set(stranger),
      api.http.get(`${path}/analysis`).set(stranger),
      api.http.post(`${path}/analysis`).set(stranger),
    ]);
    expect(answers.map((each) => [each.status, each.body.error.code])).toEqual(
      answers.map(() => [404, 'meeting_not_found']),
    );
    expect(api.temporal.deletions).not.toContain(body.id);
  });

  test.each(['0', '-1', '1.5', 'abc', '99999999999', '2147483648', '%00'])(
    'refuses the id %s',
    async (id) => {
      const { status, body } = await api.http.get(`/api/meetings/${id}`).set(as(token));
      expect([status, body.error.code]).toEqual([422, 'invalid_request']);
    },
  );

  test('answers 400 to a path that cannot be read', async () => {
    const { status, body } = await api.http.get('/api/meetings/%E0%A4%A').set(as(token));
    expect([status, body.error.code]).toEqual([400, 'malformed_request']);
  });

  test('changes only what is named', async () => {
    const { body } = await create({ title: 'before', meetingUrl: ROOM, language: 'de' });
    const changed = await api.http
      .patch(`/api/meetings/${body.id}`)
      .set(as(token))
      .send({ title: null, botName: 'Scribe' });
    expect(changed.body).toMatchObject({ title: null, botName: 'Scribe', language: 'de' });
    const nothing = await api.http.patch(`/api/meetings/${body.id}`).set(as(token)).send({});
    expect(nothing.status).toBe(422);
  });

  test('is hidden at once when deleted, and its deletion is started', async () => {
    const { body } = await create({ meetingUrl: ROOM });
    const path = `/api/meetings/${body.id}`;
    const deleted = await api.http.delete(path).set(as(token));
    expect(deleted.status).toBe(202);
    expect(deleted.body.workflowUrl).toContain(`deletion-${body.id}`);
    expect(api.temporal.deletions).toContain(body.id);
    expect((await api.http.get(path).set(as(token))).status).toBe(404);
    expect((await api.http.delete(path).set(as(token))).status).toBe(404);
  });

  test('is deleted also while Temporal is down', async () => {
    const { body } = await create({ meetingUrl: ROOM });
    api.temporal.mood = 'down';
    const deleted = await api.http.delete(`/api/meetings/${body.id}`).set(as(token));
    api.temporal.mood = 'answers';
    expect(deleted.status).toBe(202);
  });
});
