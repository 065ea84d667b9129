import { makeSessionToken, startTestApi, type TestApi } from '../api-server';
import { sendRaw, statusesIn } from './raw-socket';

let api: TestApi;
let authorization: string;
beforeAll(async () => {
  api = await startTestApi();
  authorization = `Authorization: Bearer ${await makeSessionToken()}`;
});
afterAll(() => api.close());

/** A request of these lines with a host and a session, and a body. */
function make(start: string, headers: string[], body = ''): string {
  return [start, 'Host: api.example', authorization, ...headers, '', body].join('\r\n');
}

const POST = 'POST /api/meetings HTTP/1.1';
const GET = 'GET /api/me HTTP/1.1';
/** What a smuggler wants to be taken for a request of its own. */
const SMUGGLED = 'GET /api/me HTTP/1.1\r\nHost: api.example\r\nX-Ignore: ';
const CLOSE = 'Connection: close';
const JSON_TYPE = 'Content-Type: application/json';

const REFUSED: [string, number, () => string][] = [
  [
    'two Content-Lengths that differ',
    400,
    () => make(POST, [JSON_TYPE, 'Content-Length: 2', 'Content-Length: 40'], `{}${SMUGGLED}`),
  ],
  [
    'the same Content-Length twice',
    400,
    () => make(POST, [JSON_TYPE, 'Content-Length: 2', 'Content-Length: 2'], '{}'),
  ],
  [
    'Content-Length with Transfer-Encoding',
    400,
    () =>
      make(
        POST,
        [JSON_TYPE, 'Content-Length: 5', 'Transfer-Encoding: chunked'],
        `0\r\n\r\n${SMUGGLED}`,
      ),
  ],
  [
    'Transfer-Encoding before Content-Length',
    400,
    () =>
      make(
        POST,
        [JSON_TYPE, 'Transfer-Encoding: chunked', 'Content-Length: 5'],
        `0\r\n\r\n${SMUGGLED}`,
      ),
  ],
  [
    'a Transfer-Encoding that is not chunked at its end',
    400,
    () => make(POST, [JSON_TYPE, 'Transfer-Encoding: chunked, identity'], `0\r\n\r\n${SMUGGLED}`),
  ],
  [
    'a Transfer-Encoding that nearly says chunked',
    400,
    () => make(POST, [JSON_TYPE, 'Transfer-Encoding: xchunked'], `0\r\n\r\n${SMUGGLED}`),
  ],
  ['a folded header', 400, () => make(GET, ['X-Folded: one', ' two'])],
  [
    'a folded Transfer-Encoding',
    400,
    () => make(POST, ['Transfer-Encoding:', ' chunked'], '0\r\n\r\n'),
  ],
  ['a space before the colon', 400, () => make(POST, ['Content-Length : 2'], '{}')],
  ['a Content-Length with a sign', 400, () => make(POST, ['Content-Length: +2'], '{}')],
  ['a Content-Length in hex', 400, () => make(POST, ['Content-Length: 0x2'], '{}')],
  ['a NUL in a header', 400, () => make(GET, ['X-Nul: a\0b'])],
  ['a bare CR in a header', 400, () => make(GET, ['X-Cr: a\rX-Admin: true'])],
  ['lines that end in LF alone', 400, () => make(GET, []).replaceAll('\r\n', '\n')],
  [
    'a chunk size with junk',
    400,
    () => make(POST, ['Transfer-Encoding: chunked'], '2x\r\n{}\r\n0\r\n\r\n'),
  ],
  [
    'a chunk size beyond 64 bits',
    400,
    () => make(POST, ['Transfer-Encoding: chunked'], 'fffffffffffffffff\r\n{}\r\n0\r\n\r\n'),
  ],
  ['no Host', 400, () => `${GET}\r\n${authorization}\r\n\r\n`],
  ['two Hosts', 400, () => make(GET, ['Host: other.example', CLOSE])],
  ['two Authorizations', 400, () => make(GET, ['Authorization: Bearer x', CLOSE])],
  ['two API keys', 400, () => make(GET, ['X-API-Key: a', 'x-api-key: b', CLOSE])],
  ['another protocol', 400, () => make('GET /api/me HTTP/9.9', [])],
  ['a method that is none', 400, () => make('G\tET /api/me HTTP/1.1', [])],
  ['a head of 20 kB', 431, () => make(GET, [`X-Long: ${'x'.repeat(20_000)}`])],
  [
    '101 headers',
    431,
    () => make(GET, [CLOSE, ...Array.from({ length: 98 }, (_, n) => `X-${n}: 1`)]),
  ],
  ['an expectation that nobody meets', 417, () => make(GET, ['Expect: 200-ok', CLOSE])],
  ['an upgrade to another protocol', 404, () => make(GET, ['Connection: Upgrade', 'Upgrade: h2c'])],
];

describe('the server answers once, and never with what was smuggled', () => {
  test.each(REFUSED)('%s: %i', async (_what, status, makeBytes) => {
    const answer = await sendRaw(api.url, makeBytes());
    expect(statusesIn(answer)).toEqual([status]);
    expect(answer).not.toContain('"botDefaults"');
  });

  test('is still there afterwards', async () => {
    expect(statusesIn(await sendRaw(api.url, make(GET, [CLOSE])))).toEqual([200]);
  });
});

describe('headers that proxies and frameworks believe in', () => {
  test.each([
    'X-HTTP-Method-Override: DELETE',
    'X-HTTP-Method: DELETE',
    'X-Method-Override: DELETE',
  ])('%s changes no method', async (header) => {
    const answer = await sendRaw(api.url, make(GET, [header, CLOSE]));
    expect(statusesIn(answer)).toEqual([200]);
  });

  test.each(['X-Original-URL: /health', 'X-Rewrite-URL: /health', 'X-Forwarded-Prefix: /health'])(
    '%s changes no path',
    async (header) => {
      const bytes = `${GET}\r\nHost: api.example\r\n${header}\r\nConnection: close\r\n\r\n`;
      expect(statusesIn(await sendRaw(api.url, bytes))).toEqual([401]);
    },
  );

  test.each(['X-User-Id: 1', 'X-Forwarded-User: admin', 'X-Clerk-Auth-Status: signed-in'])(
    '%s signs nobody in',
    async (header) => {
      const bytes = `${GET}\r\nHost: api.example\r\n${header}\r\nConnection: close\r\n\r\n`;
      expect(statusesIn(await sendRaw(api.url, bytes))).toEqual([401]);
    },
  );

  test.each([
    '/health/../api/me',
    '//api/me',
    '/api//me',
    '/api/%6de',
    '/api/me%00',
    '/api/me;x=1',
    '/api/me/..;/me',
    '/API/ME',
    '/./api/me',
    '\\api\\me',
    'http://evil.example/api/me',
  ])('the path %s gets nobody past the gate', async (path) => {
    const bytes = `GET ${path} HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n`;
    const [status] = statusesIn(await sendRaw(api.url, bytes));
    expect([400, 401, 404]).toContain(status);
  });
});
