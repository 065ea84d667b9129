import { makeSessionToken, PRACTICE_ROOM, startTestApi, type TestApi } from '../test/api-server';
import type { BotStatus } from '../domain/statuses';
import { recordReport } from '../infra/database/attempts';

let api: TestApi;
let headers: { authorization: string };

beforeAll(async () => {
  api = await startTestApi();
  headers = { authorization: `Bearer ${await makeSessionToken()}` };
});
afterAll(() => api.close());
beforeEach(() => {
  api.temporal.mood = 'answers';
  api.temporal.intents.clear();
});

async function createMeeting(meetingUrl = `${PRACTICE_ROOM}/r/standup`): Promise<number> {
  const { body } = await api.http.post('/api/meetings').set(headers).send({ meetingUrl });
  return body.id;
}

const command = (id: number, name: string, key?: string) =>
  api.http
    .post(`/api/meetings/${id}/${name}`)
    .set({ ...headers, ...(key ? { 'idempotency-key': key } : {}) });

async function endBot(meetingId: number, state: BotStatus = 'ended'): Promise<void> {
  const attempt = await api.db.prisma.botAttempt.findFirstOrThrow({
    where: { meetingId },
    orderBy: { attempt: 'desc' },
  });
  const { launchId, lastReportSeq } = attempt;
  const report = { reportSeq: lastReportSeq + 1, state: state as 'ended', atMs: Date.now() };
  await recordReport(api.db, { meetingId, launchId }, report);
}

describe('POST start-bot', () => {
  test('answers with the meeting, the attempt and the way to the workflow', async () => {
    const id = await createMeeting();
    const { status, body } = await command(id, 'start-bot');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      outcome: 'carried_out',
      meeting: { id, status: 'joining', botStatus: 'launching' },
      attempt: { attempt: 1, status: 'launching' },
      workflowUrl: `http://127.0.0.1:8233/namespaces/meetings/workflows/meeting-${id}`,
    });
  });

  test('twice without a key gives the same bot', async () => {
    const id = await createMeeting();
    await command(id, 'start-bot');
    const { body } = await command(id, 'start-bot');
    expect(body.attempt.attempt).toBe(1);
    expect(await api.db.prisma.botAttempt.count({ where: { meetingId: id } })).toBe(1);
  });

  test('with a key gives the first answer again, also after that run is over', async () => {
    const id = await createMeeting();
    const first = await command(id, 'start-bot', `run-${id}`);
    await endBot(id);
    await command(id, 'start-bot');
    const again = await command(id, 'start-bot', `run-${id}`);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect(await api.db.prisma.botAttempt.count({ where: { meetingId: id } })).toBe(2);
  });

  test('sends one intent and gives one answer to simultaneous requests with one key', async () => {
    const id = await createMeeting();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => command(id, 'start-bot', `many-${id}`)),
    );
    expect(new Set(answers.map((each) => each.status))).toEqual(new Set([200]));
    expect(new Set(answers.map((each) => JSON.stringify(each.body))).size).toBe(1);
    expect(api.temporal.intents.size).toBe(1);
  });

  test('answers 202 when no worker is there, and keeps that the workflow has it', async () => {
    const id = await createMeeting();
    api.temporal.mood = 'no_worker';
    const { status, body } = await command(id, 'start-bot');
    expect([status, body.outcome, body.attempt]).toEqual([202, 'accepted', null]);
    const intents = await api.db.prisma.intent.findMany({ where: { meetingId: id } });
    expect(intents).toMatchObject([{ kind: 'start_bot', status: 'sent' }]);
  });

  test('answers 202 when Temporal is down, and leaves the intent for reconciliation', async () => {
    const id = await createMeeting();
    api.temporal.mood = 'down';
    expect((await command(id, 'start-bot')).status).toBe(202);
    const intents = await api.db.prisma.intent.findMany({ where: { meetingId: id } });
    expect(intents).toMatchObject([{ kind: 'start_bot', status: 'pending' }]);
  });

  test('refuses unknown fields and a key that is too long', async () => {
    const id = await createMeeting();
    const body = await command(id, 'start-bot').send({ now: true });
    expect(body.status).toBe(422);
    expect((await command(id, 'start-bot', 'k'.repeat(201))).status).toBe(422);
  });
});

describe('POST stop-bot', () => {
  test('asks the running bot to leave', async () => {
    const id = await createMeeting();
    await command(id, 'start-bot');
    const { status, body } = await command(id, 'stop-bot');
    expect([status, body.meeting.botStatus]).toEqual([200, 'leaving']);
  });

  test('answers 409 with the state when there is no bot', async () => {
    const id = await createMeeting();
    const { status, body } = await command(id, 'stop-bot');
    expect([status, body.error.code]).toEqual([409, 'no_running_bot']);
    expect(body.error.details).toEqual({ status: 'created', botStatus: 'none' });
  });

  test('with a key gives the first answer again after the bot has left', async () => {
    const id = await createMeeting();
    await command(id, 'start-bot');
    const first = await command(id, 'stop-bot', `stop-${id}`);
    await endBot(id);
    const again = await command(id, 'stop-bot', `stop-${id}`);
    expect([again.status, again.body]).toEqual([first.status, first.body]);
  });

  test('refuses a key that came with a start', async () => {
    const id = await createMeeting();
    await command(id, 'start-bot', `mixed-${id}`);
    const { body } = await command(id, 'stop-bot', `mixed-${id}`);
    expect(body.error.code).toBe('idempotency_key_reused');
  });
});

describe('GET attempts', () => {
  test('lists every run with how it ended', async () => {
    const id = await createMeeting();
    await command(id, 'start-bot');
    await endBot(id);
    await command(id, 'start-bot');
    const { body } = await api.http.get(`/api/meetings/${id}/attempts`).set(headers);
    expect(body.attempts).toMatchObject([
      { attempt: 1, status: 'ended' },
      { attempt: 2, status: 'launching', supersededAt: null },
    ]);
    expect(body.attempts[0].supersededAt).not.toBeNull();
  });

  test('tells what was wrong with the sound by the last heartbeat', async () => {
    const id = await createMeeting();
    await command(id, 'start-bot');
    const counted = { heardMs: 9_000, zeroRunMs: 700, clippedSamples: 3 };
    await api.db.prisma.botAttempt.updateMany({
      where: { meetingId: id },
      data: { heartbeat: { atMs: 1, spooledChunks: 0, acknowledgedChunks: 0, ...counted } },
    });
    const { body } = await api.http.get(`/api/meetings/${id}/attempts`).set(headers);
    expect(body.attempts[0].sound).toEqual(counted);
  });
});

describe('analysis', () => {
  const path = (id: number) => `/api/meetings/${id}/analysis`;

  test('answers 404 before there is one', async () => {
    const id = await createMeeting();
    const { status, body } = await api.http.get(path(id)).set(headers);
    expect([status, body.error.code]).toEqual([404, 'analysis_not_found']);
  });

  test('is refused while the meeting goes on', async () => {
    const id = await createMeeting();
    await command(id, 'start-bot');
    const { status, body } = await api.http.post(path(id)).set(headers);
    expect([status, body.error.code]).toEqual([409, 'meeting_not_over']);
  });

  test('is begun once, however often it is asked for while it runs', async () => {
    const id = await createMeeting();
    await Promise.all(Array.from({ length: 5 }, () => api.http.post(path(id)).set(headers)));
    const { body } = await api.http.get(path(id)).set(headers);
    expect(body).toMatchObject({ run: 1, status: 'running', content: null });
    expect(await api.db.prisma.analysisResult.count({ where: { meetingId: id } })).toBe(1);
  });

  test('is kept as a wish while Temporal is down', async () => {
    const id = await createMeeting();
    api.temporal.mood = 'down';
    const { status } = await api.http.post(path(id)).set(headers);
    expect(status).toBe(202);
    const intents = await api.db.prisma.intent.findMany({ where: { meetingId: id } });
    expect(intents).toMatchObject([{ kind: 'analyse', status: 'pending' }]);
  });
});
