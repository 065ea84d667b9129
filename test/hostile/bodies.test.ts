import { gzipSync } from 'node:zlib';
import WebSocket from 'ws';
import {
  makeBotToken,
  makeChunkHeaders,
  makeSessionToken,
  startTestApi,
  type TestApi,
} from '../api-server';
import { insertAttempt, insertMeeting } from '../records';
import { ask, ROUTES, type Route } from './routes';

const KEY = 'an admin key of the tests that is long enough';

let api: TestApi;
let session: Record<string, string>;
let bot: Record<string, string>;
let meetingId: number;
beforeAll(async () => {
  api = await startTestApi({
    settings: {
      ADMIN_API_KEYS: KEY,
      CLERK_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 7).toString('base64')}`,
    },
  });
  session = { authorization: `Bearer ${await makeSessionToken()}` };
  const { body: me } = await api.http.get('/api/me').set(session);
  meetingId = (await insertMeeting(api.db, { userId: me.id })).meetingId;
  const token = await makeBotToken(await insertAttempt(api.db, meetingId));
  bot = { authorization: `Bearer ${token}` };
});
afterAll(() => api.close());

/** What lets a request through the gate, so that what lies behind it judges. */
function headersFor({ access }: Route['operation']): Record<string, string> {
  if (access === 'admin') return { 'x-api-key': KEY };
  return access === 'bot' ? bot : session;
}

/** Fields that a route insists on, so that another one is what it judges. */
const REQUIRED: Record<string, Record<string, string>> = {
  'get /api/search': { q: 'budget' },
  'get /api/meetings/{id}/export': { format: 'txt' },
};

/** A million letters, so that a pattern that goes back and forth would take hours. */
const LONG = 100_000;
const HOSTILE_TEXTS: Record<string, string> = {
  'a quote': `' OR '1'='1`,
  'a second statement': `1; DROP TABLE meetings; --`,
  'a union': `x' UNION SELECT key_hash FROM api_keys --`,
  'a sleep': `'||pg_sleep(20)||'`,
  'a pattern of LIKE': '%_%\\%_%',
  'a query of words that never ends': `${'('.repeat(5_000)}a & !b | <-> :*`,
  'quotes without an end': '"'.repeat(5_001),
  'a NUL': 'a\0b',
  'half a surrogate pair': '\uD800',
  'a letter again and again': 'a'.repeat(12_000),
  'spaces again and again': `${' '.repeat(12_000)}x`,
  'a path': '../../../../etc/passwd',
  'a template': '${7*7}{{7*7}}<%= 7*7 %>',
  'a script': '<script>alert(1)</script>',
  'a number beyond all': '9'.repeat(400),
  'a number that is none': 'NaN',
  'a negative': '-1',
  'an exponent': '1e308',
};

describe('query fields', () => {
  const withQuery = ROUTES.filter(({ operation }) => operation.query);

  test('there are some, and what some insist on is taken', async () => {
    expect(withQuery.length).toBeGreaterThan(3);
    for (const route of withQuery) {
      const path = `${route.path}?${new URLSearchParams(REQUIRED[route.key])}`;
      const headers = headersFor(route.operation);
      const { status } = await ask(
        api,
        { ...route, path },
        { headers, params: { id: String(meetingId) } },
      );
      expect(`${route.key} ${status}`).not.toMatch(/ (401|403|422)$/);
    }
  });

  test.each(Object.keys(HOSTILE_TEXTS))('take %s, or refuse it', async (name) => {
    const text = encodeURIComponent(toUsv(HOSTILE_TEXTS[name] ?? ''));
    for (const route of withQuery) {
      const headers = headersFor(route.operation);
      for (const field of Object.keys(route.operation.query?.shape ?? {})) {
        const { [field]: _hostile, ...others } = REQUIRED[route.key] ?? {};
        const path = `${route.path}?${field}=${text}&${new URLSearchParams(others)}`;
        const params = { id: String(meetingId) };
        const { status, code } = await ask(
          api,
          { method: route.method, path },
          { headers, params },
        );
        expect(`${route.key} ${field}: ${status} ${code}`).toMatch(/: (200|4(?!01|03)\d\d) /);
      }
    }
  });

  test.each([
    'q=a&q=b',
    'q[]=a',
    'q[$ne]=1',
    '__proto__[x]=1',
    'constructor=1',
    'q=%ED%A0%80',
    'q=%',
  ])('take %s for no other than it is', async (query) => {
    const { status } = await api.http.get(`/api/meetings?${query}`).set(session);
    expect([200, 400, 422]).toContain(status);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('find text as text, not as a pattern', async () => {
    const { body } = await api.http.get('/api/meetings').query({ q: '%' }).set(session);
    expect(body.meetings).toEqual([]);
  });
});

/** Lone surrogates cannot be written into an address at all. */
function toUsv(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

describe('ids in paths', () => {
  const IDS = [
    `1' OR '1'='1`,
    '1;DROP TABLE users',
    '0',
    '-1',
    '1e3',
    '0x1',
    '٣',
    '99999999999',
    ' 1',
  ];

  test.each(IDS)('“%s” is no id', async (id) => {
    const withId = ROUTES.filter(
      ({ path, operation: { access } }) =>
        path.includes('{id}') && access !== 'bot' && access !== 'public',
    );
    for (const route of withId) {
      const params = { id: encodeURIComponent(id) };
      const { status } = await ask(api, route, { headers: headersFor(route.operation), params });
      expect(`${route.key} ${status}`).toMatch(/ (400|404|422)$/);
    }
  });
});

describe('texts in bodies', () => {
  test.each(Object.keys(HOSTILE_TEXTS))(
    'with %s are kept as they are, or refused',
    async (name) => {
      const text = HOSTILE_TEXTS[name] ?? '';
      const { status, body } = await api.http
        .patch(`/api/meetings/${meetingId}`)
        .set(session)
        .send({ title: text });
      expect([200, 422]).toContain(status);
      if (status === 200) expect(body.title).toBe(text.trim());
      const tables = await api.db.query('SELECT 1 FROM meetings LIMIT 1');
      expect(tables.rows).toHaveLength(1);
    },
  );

  test.each([
    `https://meet.google.com/${'a-'.repeat(900)}`,
    `https://teams.microsoft.com/l/meetup-join/${'%20'.repeat(600)}`,
    `https://zoom.us/j/${'1'.repeat(1_900)}`,
    `https://zoom.us/j/1?pwd=${'.'.repeat(1_900)}`,
    `https://${'a.'.repeat(900)}example/`,
    `https://user:pass@meet.google.com/abc-defg-hij`,
    'javascript:alert(1)',
    'file:///etc/passwd',
    'http://169.254.169.254/latest/meta-data/',
    'https://[::1]/r/x',
  ])('that are links of no meeting are refused: %#', async (meetingUrl) => {
    const { status } = await api.http.post('/api/meetings').set(session).send({ meetingUrl });
    expect(status).toBe(422);
  });
});

describe('JSON', () => {
  const send = (body: string, path = '/api/meetings', type = 'application/json') =>
    api.http.post(path).set(session).set('content-type', type).send(body);

  test.each([
    ['100,000 arrays in each other', `${'['.repeat(LONG)}${']'.repeat(LONG)}`],
    ['objects in each other', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`],
    ['brackets that never close', '['.repeat(1_000)],
    ['half an object', '{"meetingUrl":'],
    ['two objects', '{}{}'],
  ])('with %s is malformed', async (_what, body) => {
    const answer = await send(body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'malformed_request']);
  });

  test('deep within fields that are kept whole is malformed', async () => {
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    const cookie = `{"name":"a","value":"b","domain":"x","path":"/","expires":1,"httpOnly":true,"secure":true,"sameSite":"Lax","more":${deep}}`;
    const body = `{"name":"a","platform":"zoom","storageState":{"cookies":[${cookie}],"origins":[]}}`;
    const answer = await send(body, '/api/identities');
    expect([answer.status, answer.body.error.code]).toEqual([400, 'malformed_request']);
  });

  test('with brackets in a text is not deep', async () => {
    const title = `${'['.repeat(200)}\\"${'{'.repeat(200)}`;
    const answer = await send(`{"meetingUrl":"http://127.0.0.1:8004/r/x","title":"${title}"}`);
    expect(answer.status).toBe(201);
  });

  test.each(['utf-16', 'utf-32', 'iso-8859-1'])('in %s is another type', async (charset) => {
    const answer = await send('{}', '/api/meetings', `application/json; charset=${charset}`);
    expect(answer.status).toBe(415);
  });

  test.each([
    '{"__proto__":{"polluted":1},"meetingUrl":"http://127.0.0.1:8004/r/x"}',
    '{"constructor":{"prototype":{"polluted":1}},"meetingUrl":"http://127.0.0.1:8004/r/x"}',
    '{"meetingUrl":"http://127.0.0.1:8004/r/x","leavePolicy":{"__proto__":{"polluted":1}}}',
  ])('that reaches for prototypes reaches none: %s', async (body) => {
    const answer = await send(body);
    expect([201, 422]).toContain(answer.status);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(answer.text).not.toContain('"polluted":1');
  });

  test('is refused beyond 256 KiB before it is parsed', async () => {
    const answer = await send(`{"title":"${'x'.repeat(300_000)}"}`);
    expect([answer.status, answer.body.error.code]).toEqual([413, 'payload_too_large']);
  });
});

describe('compressed bodies', () => {
  /** 64 KiB that would be 64 MiB. */
  const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));

  test.each(['gzip', 'deflate', 'br', 'x-gzip', 'gzip, gzip'])(
    'by %s are answered 415 on every route that takes JSON',
    async (encoding) => {
      const routes = ROUTES.filter(({ method, operation: { body } }) => body && method !== 'get');
      expect(routes.length).toBeGreaterThan(10);
      for (const { key, method, path, operation } of routes) {
        const filled = path.replace(/\{\w+\}/g, '1');
        const response = await fetch(api.url + filled, {
          method: method.toUpperCase(),
          headers: {
            ...headersFor(operation),
            'content-type': 'application/json',
            'content-encoding': encoding,
          },
          body: BOMB,
        });
        expect(`${key} ${response.status}`).toBe(`${key} 415`);
      }
    },
  );

  test('are answered 415 where their bytes are signed', async () => {
    const { status } = await api.http
      .post('/api/webhooks/clerk')
      .set({ 'content-type': 'application/json', 'content-encoding': 'gzip' })
      .send(BOMB);
    expect(status).toBe(415);
  });

  test('are taken for what they are where bytes are taken', async () => {
    const { status, body } = await api.http
      .put('/bot/v1/chunks/mixed/1')
      .set({ ...bot, ...makeChunkHeaders(BOMB), 'content-encoding': 'gzip' })
      .send(BOMB);
    expect([status, body.error.code]).toEqual([422, 'invalid_audio']);
  });

  test('are taken for what they are where a recorder sends its sound', async () => {
    const { body: recorder } = await api.http.post('/api/recorders').set(session).send({});
    const { status, body } = await api.http
      .put(`/api/meetings/${recorder.meeting.id}/chunks/room/1`)
      .set({ ...session, ...makeChunkHeaders(BOMB), 'content-encoding': 'gzip' })
      .send(BOMB);
    expect([status, body.error.code]).toEqual([422, 'invalid_audio']);
  });

  test('are kept as the bytes that they are where a file is uploaded', async () => {
    const sizeBytes = BOMB.length;
    const { body } = await api.http.post('/api/uploads').set(session).send({ sizeBytes });
    const { status, headers } = await fetch(api.url + body.upload.url, {
      method: 'PATCH',
      headers: {
        ...session,
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
        'content-encoding': 'gzip',
      },
      body: BOMB,
    });
    expect([status, headers.get('upload-offset')]).toEqual([204, String(sizeBytes)]);
    const kept = [...api.audio.objects].filter(([key]) => key.includes(`/${body.meeting.id}/`));
    expect(kept.map(([, bytes]) => bytes.length)).toEqual([sizeBytes]);
  });

  test('that claim to be sound are refused by their length', async () => {
    const header = Buffer.from(
      'RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\xff\xff\xff\xff',
      'latin1',
    );
    const { status } = await api.http
      .put('/bot/v1/chunks/mixed/2')
      .set({ ...bot, ...makeChunkHeaders(header) })
      .send(header);
    expect(status).toBe(422);
  });

  test('are not offered on /ws', async () => {
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws`, {
      perMessageDeflate: true,
    });
    await new Promise<void>((resolve) => socket.once('open', () => resolve()));
    expect(socket.extensions).toBe('');
    socket.terminate();
  });
});
