import { randomUUID } from 'node:crypto';
import { makeSessionToken, startTestApi, type TestApi } from '../test/api-server';
import { insertAttempt, insertMeeting, makeChunk } from '../test/records';
import { completeChunk, insertChunk } from '../infra/database/chunks';
import { deleteMeetingRows } from '../infra/database/deletion';
import { markMeetingDeleted } from '../infra/database/meetings';
import { findOrMakeUser } from '../infra/database/users';

const KEY = 'an admin key of the tests that is long enough';

let api: TestApi;
let headers: Record<string, string>;
let userId: number;
beforeAll(async () => {
  api = await startTestApi({
    settings: { ADMIN_API_KEYS: KEY, WHISPER_COST_PER_SECOND: '0.5' },
  });
});
afterAll(() => api.close());
beforeEach(async () => {
  const sub = `user_${randomUUID()}`;
  userId = await findOrMakeUser(api.db, sub);
  headers = { authorization: `Bearer ${await makeSessionToken({ sub })}` };
});

async function insertEndedAttempt(meetingId: number, from: string, to: string): Promise<number> {
  const { id } = await insertAttempt(api.db, meetingId);
  await api.db.prisma.meeting.update({ where: { id: meetingId }, data: { createdAt: from } });
  await api.db.prisma.botAttempt.update({
    where: { id },
    data: { createdAt: from, endedAt: to, fencedAt: null, status: 'ended' },
  });
  return id;
}

const readDays = async (range: string) =>
  (await api.http.get(`/api/me/usage?${range}`).set(headers)).body.days;

/** A bot over midnight, a transcribed and a waiting chunk, and an analysis. */
async function useAll(): Promise<number> {
  const { meetingId } = await insertMeeting(api.db, { userId });
  const id = await insertEndedAttempt(meetingId, '2026-03-31T23:50:00Z', '2026-04-01T00:30:00Z');
  const attempt = await api.db.prisma.botAttempt.findUniqueOrThrow({ where: { id } });
  for (const seq of [1, 2]) {
    const keys = { meetingId, id, attempt: attempt.attempt };
    const chunk = makeChunk({ ...keys } as Parameters<typeof makeChunk>[0], { seq });
    const inserted = await insertChunk(api.db, { ...chunk, startMs: 0, endMs: 1_500 });
    if (inserted.kind !== 'accepted') throw new Error(`Expected a chunk, got ${inserted.kind}`);
    if (seq === 1) {
      await completeChunk(api.db, {
        chunkId: inserted.chunkId,
        version: 1,
        segments: [],
        dropped: {},
      });
    }
  }
  const at = '2026-04-01T00:31:00Z';
  await api.db.prisma.audioChunk.updateMany({ where: { meetingId }, data: { acknowledgedAt: at } });
  await api.db.prisma.audioChunk.updateMany({
    where: { meetingId, status: 'done' },
    data: { doneAt: at },
  });
  await api.db.prisma.analysisResult.create({
    data: {
      meetingId,
      run: 1,
      transcriptVersion: 1,
      inputTokens: 70,
      outputTokens: 7,
      createdAt: at,
    },
  });
  return meetingId;
}

const USED = [
  {
    day: '2026-03-31',
    botMinutes: 10,
    audioSeconds: 0,
    whisperSeconds: 0,
    whisperCost: 0,
    inputTokens: 0,
    outputTokens: 0,
  },
  {
    day: '2026-04-01',
    botMinutes: 30,
    audioSeconds: 3,
    whisperSeconds: 1.5,
    whisperCost: 0.75,
    inputTokens: 70,
    outputTokens: 7,
  },
];

describe('usage', () => {
  test('is counted per day, an attempt over midnight on both', async () => {
    await useAll();
    expect(await readDays('from=2026-03-01&to=2026-04-30')).toEqual(USED);
    expect(await readDays('from=2026-04-01&to=2026-04-01')).toEqual(USED.slice(1));
  });

  test('belongs to the day at whose first moment it was, and not to the day before', async () => {
    const meetingId = await useAll();
    const set = async (at: string) => {
      await api.db.prisma.audioChunk.updateMany({
        where: { meetingId },
        data: { acknowledgedAt: at },
      });
      await api.db.prisma.audioChunk.updateMany({
        where: { meetingId, status: 'done' },
        data: { doneAt: at },
      });
      await api.db.prisma.analysisResult.updateMany({
        where: { meetingId },
        data: { createdAt: at },
      });
    };
    const day = (date: string) => readDays(`from=${date}&to=${date}`);
    const used = { audioSeconds: 3, whisperSeconds: 1.5, inputTokens: 70, outputTokens: 7 };
    const unused = { audioSeconds: 0, whisperSeconds: 0, inputTokens: 0, outputTokens: 0 };
    await set('2026-04-01T00:00:00.000Z');
    expect(await day('2026-03-31')).toMatchObject([{ botMinutes: 10, ...unused }]);
    expect(await day('2026-04-01')).toMatchObject([{ botMinutes: 30, ...used }]);
    await set('2026-03-31T23:59:59.999Z');
    expect(await day('2026-03-31')).toMatchObject([{ botMinutes: 10, ...used }]);
    expect(await day('2026-04-01')).toMatchObject([{ botMinutes: 30, ...unused }]);
    expect([await day('2026-03-30'), await day('2026-04-02')]).toEqual([[], []]);
  });

  test('stays when the meeting is deleted, and is counted once when that is done twice', async () => {
    const meetingId = await useAll();
    await markMeetingDeleted(api.db, { meetingId, userId });
    const range = 'from=2026-03-01&to=2026-04-30';
    expect(await readDays(range)).toEqual(USED);
    await Promise.all([1, 2].map(() => deleteMeetingRows(api.db, { meetingId, objects: 0 })));
    await deleteMeetingRows(api.db, { meetingId, objects: 0 });
    expect(await api.db.prisma.meeting.count({ where: { id: meetingId } })).toBe(0);
    expect(await readDays(range)).toEqual(USED);
    const other = await useAll();
    await markMeetingDeleted(api.db, { meetingId: other, userId });
    await deleteMeetingRows(api.db, { meetingId: other, objects: 0 });
    expect((await readDays(range))[0].botMinutes).toBe(20);
  });

  test('of everybody is read by administrators, page by page of users', async () => {
    await useAll();
    const ask = (query: string) =>
      api.http.get(`/api/admin/usage?from=2026-03-01&to=2026-04-30&${query}`).set('x-api-key', KEY);
    const { body } = await ask('limit=1');
    const user = { email: null, fullName: null };
    expect(body.usage).toEqual(USED.map((day) => ({ userId, user, ...day })));
    expect(body.nextCursor).not.toBeNull();
    const own = await ask(`userId=${userId}`);
    expect(own.body).toEqual({ usage: body.usage, nextCursor: null });
    expect((await ask('userId=2000000000')).body).toEqual({ usage: [], nextCursor: null });
  });

  test('says what runs now and what the limits are', async () => {
    const { meetingId } = await insertMeeting(api.db, { userId });
    await insertAttempt(api.db, meetingId);
    const { body } = await api.http.get('/api/me/usage').set(headers);
    expect(body).toMatchObject({
      botsNow: 1,
      limits: { maxConcurrentBots: null, maxBotMinutesPerMonth: null },
    });
  });

  test.each(['from=2026-04-02&to=2026-04-01', 'from=2026-01-01&to=2026-12-31', 'from=0000-01-01'])(
    'refuses the range %s',
    async (range) => {
      expect((await api.http.get(`/api/me/usage?${range}`).set(headers)).status).toBe(422);
    },
  );
});
