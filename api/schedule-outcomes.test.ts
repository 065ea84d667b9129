import type { ScheduleDetail } from '../domain/schedules';
import { beginPlannedAttempt } from '../infra/database/plans';
import { makeSessionToken, startTestApi, type TestApi } from '../test/api-server';
import { NO_LIMITS } from '../test/records';
import { makeSchedule, planAt, pretendLook } from '../test/schedule-records';

const HOUR_MS = 3_600_000;
const BOUNDS = { lateLimitMs: HOUR_MS / 2, limits: NO_LIMITS };

let api: TestApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  headers = { authorization: `Bearer ${await makeSessionToken()}` };
});
afterAll(() => api.close());

/** An hourly schedule that nobody looked at for thirty hours. */
async function openOverdue(): Promise<number> {
  const { body: me } = await api.http.get('/api/me').set(headers);
  const { id } = await makeSchedule(api.db, {
    userId: me.id,
    cron: '0 * * * *',
    startsAt: new Date(Date.now() - 40 * HOUR_MS),
  });
  await pretendLook(api.db, id, new Date(Date.now() - 30 * HOUR_MS));
  await planAt(api.db, id);
  return id;
}

/** What the workflows of those meetings do whose start has passed. */
async function beginOverdue(scheduleId: number): Promise<void> {
  const rows = await api.db.prisma.meeting.findMany({
    where: { scheduleId, scheduledStart: { lt: new Date(Date.now() - BOUNDS.lateLimitMs) } },
  });
  for (const { id: meetingId, planRevision: revision } of rows) {
    await beginPlannedAttempt(api.db, { meetingId, revision, ...BOUNDS });
  }
}

const read = async (id: number): Promise<ScheduleDetail> =>
  (await api.http.get(`/api/schedules/${id}`).set(headers)).body;

describe('the last outcomes of a schedule', () => {
  test('are those of the last ten, newest first, each with the reason why nobody came', async () => {
    const id = await openOverdue();
    await beginOverdue(id);
    const { lastOutcomes, nextOccurrences } = await read(id);
    const starts = lastOutcomes.map(({ scheduledStart }) => scheduledStart ?? '');
    expect(starts.length).toBeGreaterThanOrEqual(9);
    expect(starts).toEqual([...starts].sort().reverse());
    for (const outcome of lastOutcomes) {
      expect(outcome).toMatchObject({
        status: 'failed',
        reason: 'start_missed',
        message: expect.stringContaining('.'),
      });
    }
    expect(nextOccurrences).toHaveLength(10);
  });

  test('are ten at the most, one that was asked for between times among them', async () => {
    const id = await openOverdue();
    await beginOverdue(id);
    for (let run = 0; run < 3; run += 1) {
      const { body } = await api.http.post(`/api/schedules/${id}/run`).set(headers).send({});
      await api.http.post(`/api/meetings/${body.id}/start-bot`).set(headers);
    }
    const { lastOutcomes } = await read(id);
    expect(lastOutcomes).toHaveLength(10);
    expect(lastOutcomes.slice(0, 3)).toMatchObject(
      Array.from({ length: 3 }, () => ({ status: 'joining', occurrenceStart: null })),
    );
  });
});
