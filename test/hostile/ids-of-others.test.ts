import { isScope } from '../../domain/scopes';
import { makeBotToken, startTestApi, type TestApi } from '../api-server';
import { insertAttempt, insertMeeting } from '../records';
import { ask, ROUTES, type Answer, type Route } from './routes';
import {
  BODIES,
  QUERIES,
  fillIds,
  makePerson,
  makeVictim,
  readEverything,
  SECRET,
  type Person,
  type Victim,
} from './victim';

let api: TestApi;
let victim: Victim;
let attacker: Person;
beforeAll(async () => {
  // An installation that speaks, so that nothing but the meeting is in the way.
  api = await startTestApi({
    speech: { takesVoice: true, synthesise: async () => Promise.resolve(Buffer.alloc(44)) },
  });
  victim = await makeVictim(api);
  attacker = await makePerson(api, 'mine');
});
afterAll(() => api.close());

const PEOPLES = ROUTES.filter(
  ({ operation: { access } }) => access === 'session' || isScope(access),
);
const WITH_IDS = PEOPLES.filter(({ path }) => path.includes('{'));
const WITHOUT_IDS = PEOPLES.filter(({ path, method }) => !path.includes('{') && method === 'get');

/** What the route answers to the attacker's session, and to their key where it takes keys. */
async function tryAll(route: Route, params: Record<string, string>): Promise<Answer[]> {
  const [example] = Object.values(route.operation.bodyExamples ?? {});
  const body = BODIES[route.key] ?? (example as object | undefined) ?? {};
  const path = route.path + (QUERIES[route.key] ?? '');
  const byKey = isScope(route.operation.access) ? [attacker.apiKey] : [];
  const answers: Answer[] = [];
  for (const headers of [attacker.session, ...byKey]) {
    answers.push(await ask(api, { ...route, path }, { params, headers, body }));
  }
  return answers;
}

test('there are routes with ids of meetings, identities and keys', () => {
  expect(WITH_IDS.length).toBeGreaterThan(15);
});

test.each(WITH_IDS.map((route) => [route.key, route] as const))(
  '%s answers 404 to the id of somebody else’s, and changes nothing',
  async (_key, route) => {
    const before = await readEverything(api.db);
    for (const { status, text } of await tryAll(route, fillIds(route, victim))) {
      expect([status, text]).toEqual([404, expect.not.stringContaining(SECRET)]);
    }
    expect(await readEverything(api.db)).toEqual(before);
    expect([api.temporal.intents.size, api.temporal.deletions]).toEqual([0, []]);
  },
);

test.each(WITH_IDS.map((route) => [route.key, route] as const))(
  '%s tells the id of somebody else’s from one of nobody by nothing',
  async (_key, route) => {
    const nobody: Victim = {
      userId: 2_000_000_000,
      meetingId: 2_000_000_000,
      participantId: 2_000_000_000,
      identityId: 2_000_000_000,
      apiKeyId: 2_000_000_000,
      endpointId: 2_000_000_000,
      scheduleId: 2_000_000_000,
    };
    const withoutIds = ({ status, text }: Answer) => [status, text.replace(/\d+/g, 'n')];
    const theirs = await tryAll(route, fillIds(route, victim));
    const nobodys = await tryAll(route, fillIds(route, nobody));
    expect(theirs.map(withoutIds)).toEqual(nobodys.map(withoutIds));
  },
);

test.each(WITHOUT_IDS.map((route) => [route.key, route] as const))(
  '%s shows nothing of others',
  async (_key, route) => {
    for (const { status, text } of await tryAll(route, {})) {
      expect(status).toBeLessThan(500);
      expect(text).not.toContain(SECRET);
    }
  },
);

test('a meeting is not made with somebody else’s identity', async () => {
  const { status, body } = await api.http
    .post('/api/meetings')
    .set(attacker.session)
    .send({ meetingUrl: 'https://meet.google.com/abc-defg-hij', botIdentityId: victim.identityId });
  expect([status, body.error.code]).toEqual([422, 'invalid_request']);
});

test('webhooks are not made for somebody else’s meeting', async () => {
  const { status } = await api.http
    .post('/api/webhooks/endpoints')
    .set(attacker.session)
    .send({ url: 'https://hooks.example.com/mine', meetingId: victim.meetingId });
  expect(status).toBe(404);
});

test('a bot reads nothing of a meeting that is not its own', async () => {
  const { meetingId } = await insertMeeting(api.db);
  const token = await makeBotToken(await insertAttempt(api.db, meetingId));
  const id = '0b0f1f4e-7d9e-4a40-9f0a-5f6c3d1b2a10';
  await api.db.query(
    `INSERT INTO speeches (id, meeting_id, object_key, size_bytes) VALUES ($1, $2, 'x', 1)`,
    [id, victim.meetingId],
  );
  const { status, body } = await api.http
    .get(`/bot/v1/speech/${id}`)
    .set({ authorization: `Bearer ${token}` });
  expect([status, body.error.code]).toEqual([404, 'speech_not_found']);
});
