import { randomUUID } from 'node:crypto';
import { makeSessionToken, startTestApi, type TestApi } from '../test/api-server';
import { insertAttempt, insertMeeting } from '../test/records';
import { recordUnreportedEnd } from '../infra/database/attempts';
import { projectMeeting } from '../infra/database/meetings';
import { findOrMakeUser } from '../infra/database/users';

let api: TestApi;
let headers: Record<string, string>;
let userId: number;
beforeAll(async () => {
  api = await startTestApi({
    settings: { MAX_CONCURRENT_BOTS: '3', MAX_BOT_MINUTES_PER_MONTH: '100' },
  });
});
afterAll(() => api.close());
beforeEach(async () => {
  api.temporal.mood = 'answers';
  const sub = `user_${randomUUID()}`;
  userId = await findOrMakeUser(api.db, sub);
  headers = { authorization: `Bearer ${await makeSessionToken({ sub })}` };
});

const makeMeeting = async () => (await insertMeeting(api.db, { userId })).meetingId;
const start = (meetingId: number, more: Record<string, string> = {}) =>
  api.http
    .post(`/api/meetings/${meetingId}/start-bot`)
    .set({ ...headers, ...more })
    .send({});

async function startMany(count: number): Promise<number[]> {
  const ids = await Promise.all(Array.from({ length: count }, makeMeeting));
  const answers = await Promise.all(ids.map((id) => start(id)));
  return answers.map(({ status }) => status).sort();
}

async function endBot(meetingId: number): Promise<void> {
  await recordUnreportedEnd(api.db, { meetingId, attempt: 1 }, { reason: 'stopped' });
  const decidedAtMs = Date.now() + 1;
  await projectMeeting(api.db, { meetingId, decidedAtMs, status: 'completed', botStatus: 'ended' });
}

describe('the limit of bots at the same time', () => {
  test.each(['answers', 'no_worker', 'down'] as const)(
    'holds for ten requests at the same time while Temporal %s',
    async (mood) => {
      api.temporal.mood = mood;
      const statuses = await startMany(10);
      expect(statuses.filter((status) => status === 409)).toHaveLength(7);
      expect(statuses.filter((status) => status === 200 || status === 202)).toHaveLength(3);
    },
  );

  test('is named with its value', async () => {
    await startMany(3);
    const { status, body } = await start(await makeMeeting());
    expect([status, body.error.code]).toEqual([409, 'too_many_bots']);
    expect(body.error.details).toEqual({ limit: 'maxConcurrentBots', value: 3, used: 3 });
  });

  test('never refuses a meeting that has its bot, nor a request that was answered', async () => {
    const meetingId = await makeMeeting();
    const key = { 'idempotency-key': randomUUID() };
    expect((await start(meetingId, key)).status).toBe(200);
    await startMany(2);
    expect((await start(meetingId)).status).toBe(200);
    expect((await start(meetingId, key)).headers['idempotency-replayed']).toBe('true');
  });

  test('lets the next one in when a bot has ended, with the same key as before', async () => {
    const first = await makeMeeting();
    await start(first);
    // for a bot that runs already: it is no second one, and none once that has ended
    await start(first);
    await startMany(2);
    const meetingId = await makeMeeting();
    const key = { 'idempotency-key': randomUUID() };
    expect((await start(meetingId, key)).status).toBe(409);
    await endBot(first);
    expect((await start(meetingId, key)).status).toBe(200);
    expect((await start(await makeMeeting())).status).toBe(409);
  });

  test('is the user’s own where they have one', async () => {
    await api.db.prisma.user.update({ where: { id: userId }, data: { maxConcurrentBots: 1 } });
    expect(await startMany(5)).toEqual([200, 409, 409, 409, 409]);
    await api.db.prisma.user.update({ where: { id: userId }, data: { maxConcurrentBots: 0 } });
    expect((await start(await makeMeeting())).body.error.details.value).toBe(0);
  });

  test('is nobody else’s matter', async () => {
    await startMany(3);
    const sub = `user_${randomUUID()}`;
    const other = await insertMeeting(api.db, { userId: await findOrMakeUser(api.db, sub) });
    const theirs = { authorization: `Bearer ${await makeSessionToken({ sub })}` };
    expect((await start(other.meetingId, theirs)).status).toBe(200);
  });
});

describe('the limit of bot minutes', () => {
  async function useMinutes(minutes: number): Promise<number> {
    const meetingId = await makeMeeting();
    const { id } = await insertAttempt(api.db, meetingId);
    const now = Date.now();
    // within this month, whatever day of it is today
    const month = new Date(new Date(now).toISOString().slice(0, 7)).getTime();
    const createdAt = new Date(Math.max(month, now - minutes * 60_000));
    const endedAt = new Date(createdAt.getTime() + minutes * 60_000);
    await api.db.prisma.botAttempt.update({
      where: { id },
      data: { createdAt, endedAt, status: 'ended' },
    });
    return meetingId;
  }

  test('refuses a bot once the month’s minutes are used up, and says so', async () => {
    await useMinutes(99);
    expect((await start(await makeMeeting())).status).toBe(200);
    await useMinutes(2);
    const { status, body } = await start(await makeMeeting());
    expect([status, body.error.code]).toEqual([409, 'bot_minutes_used_up']);
    expect(body.error.details).toMatchObject({ limit: 'maxBotMinutesPerMonth', value: 100 });
  });

  test('counts no minutes of another month', async () => {
    const meetingId = await makeMeeting();
    const { id } = await insertAttempt(api.db, meetingId);
    const [createdAt, endedAt] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];
    await api.db.prisma.botAttempt.update({
      where: { id },
      data: { createdAt, endedAt, status: 'ended' },
    });
    expect((await start(await makeMeeting())).status).toBe(200);
  });

  test('is not lifted by deleting the meetings', async () => {
    const meetingId = await useMinutes(101);
    await api.http.delete(`/api/meetings/${meetingId}`).set(headers);
    expect((await start(await makeMeeting())).body.error.code).toBe('bot_minutes_used_up');
  });
});
