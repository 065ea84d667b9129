import { randomBytes, randomUUID } from 'node:crypto';
import { mintBotToken } from '../infra/bot-token';
import type { Database } from '../infra/database/client';
import { makeSessionToken, PRACTICE_ROOM, startTestApi, type TestApi } from './api-server';
import { makeUserEvent, sendEvent } from './clerk';
import { insertAttempt, insertMeeting, openTestDatabase } from './records';

/*
 * Secrets are rotated as docs/operations.md says: the API with the old one, then with what the guide
 * puts there, then with the new one alone, all on one database.
 */

let db: Database;
let databaseUrl: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, url: databaseUrl, close } = await openTestDatabase());
});
afterAll(() => close());

const apis: TestApi[] = [];
afterEach(async () => {
  for (const api of apis.splice(0)) await api.close();
});

/** As a restart brings it: with these settings. */
async function startApi(settings: Record<string, string>, url = databaseUrl): Promise<TestApi> {
  const api = await startTestApi({ settings, databaseUrl: url });
  apis.push(api);
  return api;
}

const makeSecret = (): string => randomBytes(32).toString('base64');
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('`new,old`, and then the new one alone', () => {
  type Use = (api: TestApi, secret: string) => Promise<number>;

  /** What the old and the new secret are answered, at each step. */
  async function rotate(setting: string, secrets: [string, string], use: Use): Promise<number[][]> {
    const [old, next] = secrets;
    const answers: number[][] = [];
    for (const value of [old, `${next},${old}`, next]) {
      const api = await startApi({ [setting]: value });
      answers.push([await use(api, old), await use(api, next)]);
    }
    return answers;
  }

  test('lets administrators go over to another key without a moment of none', async () => {
    const list: Use = async (api, key) =>
      (await api.http.get('/api/admin/users').set({ 'x-api-key': key })).status;
    const answers = await rotate('ADMIN_API_KEYS', [makeSecret(), makeSecret()], list);
    expect(answers).toEqual([
      [200, 401],
      [200, 200],
      [401, 200],
    ]);
  });

  test('takes what Clerk signs with either secret', async () => {
    const send: Use = async (api, secret) =>
      (await sendEvent(api, makeUserEvent('user.created', randomUUID(), { at: 1 }), { secret }))
        .status;
    const secrets: [string, string] = [`whsec_${makeSecret()}`, `whsec_${makeSecret()}`];
    expect(await rotate('CLERK_WEBHOOK_SECRET', secrets, send)).toEqual([
      [200, 400],
      [200, 200],
      [400, 200],
    ]);
  });
});

/** What a bot is answered that shows a token of a secret. */
async function askAsBot(
  { http }: TestApi,
  meetingId: number,
  { secret, route = 'assignment' }: { secret: string; route?: string },
) {
  const { launchId, attempt } = await db.prisma.botAttempt.findFirstOrThrow({
    where: { meetingId },
  });
  const claims = { meetingId, attempt, launchId, lifetimeMs: 60_000 };
  return http.get(`/bot/v1/${route}`).set(bearer(await mintBotToken(claims, secret)));
}

test('another secret for bots’ tokens refuses bots that run, and takes those to come', async () => {
  const [old, next] = [makeSecret(), makeSecret()];
  const { meetingId } = await insertMeeting(db);
  await insertAttempt(db, meetingId);
  const before = await startApi({ BOT_TOKEN_SECRET: old });
  expect((await askAsBot(before, meetingId, { secret: old })).status).toBe(200);
  const after = await startApi({ BOT_TOKEN_SECRET: next });
  expect((await askAsBot(after, meetingId, { secret: old })).status).toBe(401);
  expect((await askAsBot(after, meetingId, { secret: next })).status).toBe(200);
});

test('another key to encrypt with reads what the one before wrote, as long as that is kept', async () => {
  const [old, next, forBots] = [makeSecret(), makeSecret(), makeSecret()];
  const me = bearer(await makeSessionToken());
  const localStorage = [{ name: 'session', value: 'very secret' }];
  const storageState = { cookies: [], origins: [{ origin: 'https://example.com', localStorage }] };
  const first = await startApi({ ENCRYPTION_KEY: old });
  const identity = { name: 'notes', platform: 'custom', storageState };
  const { body: kept } = await first.http.post('/api/identities').set(me).send(identity);
  const meeting = { meetingUrl: `${PRACTICE_ROOM}/r/standup`, botIdentityId: kept.id };
  const { body: made } = await first.http.post('/api/meetings').set(me).send(meeting);
  await insertAttempt(db, made.id);

  const readWith = async (settings: Record<string, string>): Promise<[number, unknown]> => {
    const api = await startApi({ ...settings, BOT_TOKEN_SECRET: forBots });
    const { status, body } = await askAsBot(api, made.id, { secret: forBots, route: 'identity' });
    return [status, status === 200 ? body : body.error.code];
  };
  const both = { ENCRYPTION_KEY: next, ENCRYPTION_OLD_KEYS: old };
  expect(await readWith(both)).toEqual([200, { storageState }]);
  expect(await readWith({ ENCRYPTION_KEY: next })).toEqual([409, 'no_identity']);
});

test('another password of PostgreSQL stops new connections alone, until it is told', async () => {
  const role = `role_${randomUUID().replaceAll('-', '')}`;
  const [old, next] = ['the old password', 'the new password'];
  await db.query(`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD '${old}'`);
  const as = (password: string): string => {
    const url = new URL(databaseUrl);
    Object.assign(url, { username: role, password });
    return url.href;
  };
  const before = await startApi({}, as(old));
  const me = bearer(await makeSessionToken());
  const list = async (api: TestApi): Promise<number> =>
    (await api.http.get('/api/meetings').set(me)).status;
  try {
    expect(await list(before)).toBe(200);
    await db.query(`ALTER ROLE ${role} PASSWORD '${next}'`);
    expect(await list(before)).toBe(200);
    await before.postgres.cut();
    await before.postgres.mend();
    expect(await list(before)).toBe(503);
    expect(await list(await startApi({}, as(next)))).toBe(200);
  } finally {
    for (const api of apis.splice(0)) await api.close();
    await db.query(`DROP ROLE ${role}`);
  }
});
