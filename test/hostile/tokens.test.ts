import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mintBotToken } from '../../infra/bot-token';
import { SCOPES, type Scope } from '../../domain/scopes';
import {
  makeBotToken,
  makeSessionToken,
  startTestApi,
  TestSocket,
  WEB_ORIGIN,
  SESSION_PUBLIC_KEY,
  type TestApi,
} from '../api-server';
import { insertAttempt, insertMeeting } from '../records';
import { ask, ROUTES, type Route } from './routes';

let api: TestApi;
let elsewhere: TestApi;
let session: string;
let bot: string;
let key: string;
beforeAll(async () => {
  api = await startTestApi();
  elsewhere = await startTestApi();
  const sub = `user_${randomUUID()}`;
  session = await makeSessionToken({ sub });
  key = await makeKey(api, session);
  const { meetingId } = await insertMeeting(api.db);
  bot = await makeBotToken(await insertAttempt(api.db, meetingId));
});
afterAll(async () => {
  await elsewhere.close();
  await api.close();
});

async function makeKey(on: TestApi, token: string): Promise<string> {
  const { body } = await on.http
    .post('/api/api-keys')
    .set({ authorization: `Bearer ${token}` })
    .send({ name: 'all', scopes: Object.keys(SCOPES) });
  return body.key;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const payloadOf = (token: string) => token.split('.')[1] ?? '';

/** The token's claims under another header, with what `sign` makes of both. */
function resign(token: string, header: object, sign: (input: string) => string): string {
  const input = `${encode(header)}.${payloadOf(token)}`;
  return `${input}.${sign(input)}`;
}

const hs256 = (secret: string) => (input: string) =>
  createHmac('sha256', secret).update(input).digest('base64url');
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Tokens that Clerk alone can judge. */
const OPAQUE = {
  oauth: `oat_${'A'.repeat(32)}`,
  machine: `mt_${'A'.repeat(32)}`,
  key: `ak_${'A'.repeat(32)}`,
};

type Credential = () => Record<string, string> | Promise<Record<string, string>>;

/** What nobody may take for a person or their program. */
const FOR_PEOPLE: Record<string, Credential> = {
  'a bot’s token': () => bearer(bot),
  'a bot’s token as an API key': () => ({ 'x-api-key': bot }),
  'a session as an API key': () => ({ 'x-api-key': session }),
  'an API key as a session’s cookie': () => ({ cookie: `__session=${key}` }),
  'an API key and a session': () => ({ ...bearer(session), 'x-api-key': key }),
  'two API keys': () => ({ 'x-api-key': `${key}, ${key}` }),
  'an API key in the other case': () => bearer(key.toUpperCase()),
  'an API key by Basic': () => ({
    authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
  }),
  'a session that says `alg: none`': () =>
    bearer(resign(session, { alg: 'none', typ: 'JWT' }, () => '')),
  'a session signed HS256 with the public key': () =>
    bearer(resign(session, { alg: 'HS256', typ: 'JWT' }, hs256(SESSION_PUBLIC_KEY))),
  'a session that brings its own key': () =>
    bearer(
      resign(
        session,
        {
          alg: 'RS256',
          jwk: generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
            format: 'jwk',
          }),
        },
        hs256('x'),
      ),
    ),
  'an opaque OAuth token': () => bearer(OPAQUE.oauth),
  'an opaque token of a machine': () => bearer(OPAQUE.machine),
  'an API key of Clerk': () => bearer(OPAQUE.key),
  'an opaque OAuth token without its scheme': () => ({ authorization: OPAQUE.oauth }),
  'a signed OAuth token': async () => bearer(await makeSessionToken({ typ: 'at+jwt' })),
  'a signed OAuth token by its long name': async () =>
    bearer(await makeSessionToken({ typ: 'application/at+jwt' })),
  'a signed token of a machine': async () => bearer(await makeSessionToken({ sub: 'mch_1' })),
  'a session whose claims were changed': () => {
    const [header, , signature] = session.split('.');
    return bearer(`${header}.${encode({ sub: 'user_victim', exp: 9_999_999_999 })}.${signature}`);
  },
  'a session of another issuer': async () =>
    bearer(await makeSessionToken({ issuer: 'https://clerk.staging.example' })),
  'a session for another site': async () =>
    bearer(await makeSessionToken({ azp: 'https://evil.example' })),
  'a session that expired': async () => bearer(await makeSessionToken({ lifetimeSeconds: -120 })),
  'an API key of another environment': async () => ({
    'x-api-key': await makeKey(elsewhere, await makeSessionToken()),
  }),
  'an API key that nobody made': () => ({ 'x-api-key': `mtg_${'A'.repeat(43)}` }),
  nothing: () => ({}),
};

/** What nobody may take for a bot. */
const FOR_BOTS: Record<string, Credential> = {
  'a session': () => bearer(session),
  'an API key': () => bearer(key),
  'an API key as X-API-Key': () => ({ 'x-api-key': key }),
  'a bot’s token as X-API-Key': () => ({ 'x-api-key': bot }),
  'a bot’s token that says `alg: none`': () => bearer(resign(bot, { alg: 'none' }, () => '')),
  'a bot’s token signed with the sessions’ public key': () =>
    bearer(resign(bot, { alg: 'HS256' }, hs256(SESSION_PUBLIC_KEY))),
  'a bot’s token of another environment': async () =>
    bearer(
      await mintBotToken(
        { meetingId: 1, attempt: 1, launchId: randomUUID(), lifetimeMs: 60_000 },
        'the secret of another environment, long enough',
      ),
    ),
  nothing: () => ({}),
};

/** The routes that answered anything but a refusal of who asked. */
async function findTaken(credential: Credential, accesses: 'people' | 'bots'): Promise<string[]> {
  const headers = await credential();
  const routes = ROUTES.filter(({ operation: { access } }) =>
    accesses === 'bots' ? access === 'bot' : access !== 'bot' && access !== 'public',
  );
  expect(routes.length).toBeGreaterThan(10);
  const taken: string[] = [];
  for (const route of routes) {
    // What a cookie changes must say where it comes from; that is refused before.
    const origin: Record<string, string> = 'cookie' in headers ? { origin: WEB_ORIGIN } : {};
    const { status, code } = await ask(api, route, { headers: { ...headers, ...origin } });
    if (status !== 401 || code !== 'unauthenticated') taken.push(`${route.key}: ${status} ${code}`);
  }
  return taken;
}

describe('every route of people answers 401 to', () => {
  test.each(Object.keys(FOR_PEOPLE))('%s', async (name) => {
    const credential = FOR_PEOPLE[name] ?? (() => ({}));
    expect(await findTaken(credential, 'people')).toEqual([]);
  });
});

describe('every route of bots answers 401 to', () => {
  test.each(Object.keys(FOR_BOTS))('%s', async (name) => {
    const credential = FOR_BOTS[name] ?? (() => ({}));
    expect(await findTaken(credential, 'bots')).toEqual([]);
  });
});

test('every route of administrators refuses a person’s session and every API key', async () => {
  const routes = ROUTES.filter(({ operation }) => operation.access === 'admin');
  for (const route of routes) {
    for (const headers of [bearer(session), bearer(key), { 'x-api-key': key }]) {
      const { status } = await ask(api, route, { headers });
      expect(`${route.key} ${status}`).toMatch(/ 40[13]$/);
    }
  }
});

test('every route of sessions answers 403 to an API key, and every scoped one to a key without it', async () => {
  const { body } = await api.http
    .post('/api/api-keys')
    .set(bearer(session))
    .send({ name: 'webhooks only', scopes: ['webhooks'] });
  for (const route of ROUTES) {
    const { access, alsoNeeds } = route.operation;
    if (['public', 'bot', 'admin', 'any_key'].includes(access)) continue;
    if (access === 'webhooks' && alsoNeeds === undefined) continue;
    const answer = await ask(api, route, { headers: { 'x-api-key': body.key } });
    const code = access === 'session' ? 'session_required' : 'scope_missing';
    expect([route.key, answer.status, answer.code]).toEqual([route.key, 403, code]);
  }
});

describe.each(Object.keys(SCOPES) as Scope[])('every route with the scope %s', (scope) => {
  const own = ROUTES.filter(({ operation }) => operation.access === scope);
  const askAll = async (scopesFor: (route: Route) => Scope[]): Promise<string[]> => {
    const answers: string[] = [];
    for (const route of own) {
      const made = { name: 'some of them', scopes: scopesFor(route) };
      const { body } = await api.http.post('/api/api-keys').set(bearer(session)).send(made);
      const { status, code } = await ask(api, route, { headers: { 'x-api-key': body.key } });
      await api.http.delete(`/api/api-keys/${body.id}`).set(bearer(session));
      answers.push(`${route.key} ${status} ${code}`);
    }
    expect(answers.length).toBeGreaterThan(3);
    return answers;
  };

  test('answers 403 to a key with all the others', async () => {
    const others = (Object.keys(SCOPES) as Scope[]).filter((each) => each !== scope);
    for (const answer of await askAll(() => others)) expect(answer).toMatch(/ 403 scope_missing$/);
  });

  test('takes a key with no more than it needs', async () => {
    const answers = await askAll(({ operation: { alsoNeeds } }) =>
      alsoNeeds ? [scope, alsoNeeds] : [scope],
    );
    for (const answer of answers) expect(answer).not.toMatch(/ (401|403) /);
  });
});

test('a route that gives away transcripts answers 403 to a key with only one of its two scopes', async () => {
  const both = ROUTES.filter(({ operation }) => operation.alsoNeeds !== undefined);
  expect(both.map(({ operation }) => operation.id).sort()).toEqual([
    'createWebhookEndpoint',
    'renameParticipant',
    'replayWebhookEvents',
    'resendWebhookDelivery',
    'shareMeeting',
    'updateWebhookEndpoint',
    'writeNotes',
  ]);
  for (const route of both) {
    for (const scope of [route.operation.access, route.operation.alsoNeeds]) {
      const made = { name: 'one of two', scopes: [scope] };
      const { body } = await api.http.post('/api/api-keys').set(bearer(session)).send(made);
      const answer = await ask(api, route, { headers: { 'x-api-key': body.key } });
      expect([route.key, answer.status, answer.code]).toEqual([route.key, 403, 'scope_missing']);
    }
  }
});

test('a bot’s token of this secret is worth nothing in an environment with other launches', async () => {
  const { meetingId } = await insertMeeting(elsewhere.db);
  await insertAttempt(elsewhere.db, meetingId);
  const launch = { meetingId, attempt: 1, launchId: randomUUID() };
  const token = await makeBotToken({ ...(await insertAttempt(api.db, 1)), ...launch });
  const { status, body } = await elsewhere.http.get('/bot/v1/assignment').set(bearer(token));
  expect([status, body.error.code]).toEqual([409, 'superseded']);
});

test('what nobody may take for a person is never shown to Clerk', async () => {
  const shown: string[] = [];
  const clerk = createHttpServer((request, response) => {
    shown.push(`${request.method} ${request.url}`);
    response.writeHead(500).end();
  }).listen(0, '127.0.0.1');
  await once(clerk, 'listening');
  const before = process.env['CLERK_API_URL'];
  process.env['CLERK_API_URL'] = `http://127.0.0.1:${(clerk.address() as AddressInfo).port}`;
  for (const credential of Object.values(FOR_PEOPLE)) {
    const { status } = await api.http.get('/api/meetings').set(await credential());
    expect(status).toBe(401);
  }
  if (before === undefined) delete process.env['CLERK_API_URL'];
  else process.env['CLERK_API_URL'] = before;
  clerk.close();
  expect(shown).toEqual([]);
});

/** Those of them that are one token. */
const SOCKET_TOKENS = Object.keys(FOR_PEOPLE).filter((name) =>
  /bot’s token$|^a session (that|signed|whose|of|for)|^an API key (of|that)|OAuth|a machine$/.test(
    name,
  ),
);

test.each(SOCKET_TOKENS)('/ws closes with 4401 on %s', async (name) => {
  const headers: Record<string, string> = (await FOR_PEOPLE[name]?.()) ?? {};
  const socket = new TestSocket(api.url);
  await new Promise<void>((resolve) => socket.socket.once('open', () => resolve()));
  const token = headers['x-api-key'] ?? headers['authorization']?.replace('Bearer ', '');
  socket.send({ type: 'auth', token });
  expect(await socket.waitForClose()).toBe(4401);
});
