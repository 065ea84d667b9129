import type { Database } from '../../infra/database/client';
import { markUserDeleted } from '../../infra/database/user-deletion';
import { beginPlannedAttempt } from '../../infra/database/plans';
import {
  keepException,
  listOutcomes,
  lockSchedule,
  updateSchedule,
  type ScheduleRow,
} from '../../infra/database/schedules';
import { replanOccurrences } from '../../infra/schedules/plan-occurrences';
import { NO_LIMITS, openTestDatabase } from '../records';
import { makeSchedule, planAt, pretendLook, readStarts } from '../schedule-records';

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
afterAll(() => close());

const HOUR_MS = 3_600_000;
const begin = (meetingId: number) =>
  beginPlannedAttempt(db, {
    meetingId,
    revision: 0,
    lateLimitMs: HOUR_MS / 2,
    limits: NO_LIMITS,
  });

/** Looks at the schedule at each of its starts, as its Temporal Schedule does. */
async function followClock(schedule: ScheduleRow, from: string, rings: number): Promise<string[]> {
  let now = new Date(from);
  await pretendLook(db, schedule.id, now);
  await planAt(db, schedule.id, now);
  for (let ring = 0; ring < rings; ring += 1) {
    const starts = await readStarts(db, schedule.id);
    const next = starts.find((start) => new Date(start) > now);
    if (next === undefined) break;
    now = new Date(next);
    await planAt(db, schedule.id, now);
  }
  return readStarts(db, schedule.id);
}

describe('a schedule', () => {
  test.each([
    [
      'Europe/Berlin',
      '2026-03-27T12:00:00Z',
      ['2026-03-28T08:00', '2026-03-29T07:00', '2026-03-30T07:00'],
    ],
    [
      'Europe/Berlin',
      '2026-10-23T12:00:00Z',
      ['2026-10-24T07:00', '2026-10-25T08:00', '2026-10-26T08:00'],
    ],
    [
      'America/New_York',
      '2026-03-06T15:00:00Z',
      ['2026-03-07T14:00', '2026-03-08T13:00', '2026-03-09T13:00'],
    ],
    [
      'America/New_York',
      '2026-10-30T15:00:00Z',
      ['2026-10-31T13:00', '2026-11-01T14:00', '2026-11-02T14:00'],
    ],
  ])(
    'has one meeting a day at nine while the clocks of %s change (from %s)',
    async (timeZone, from, days) => {
      const startsAt = new Date('2026-01-01T00:00:00Z');
      const schedule = await makeSchedule(db, { cron: '0 9 * * *', timeZone, startsAt });
      const starts = await followClock(schedule, from, 2);
      expect(starts).toEqual(days.map((day) => `${day}:00.000Z`));
    },
  );

  test('has its leap day, and the last day of each month', async () => {
    const startsAt = new Date('2024-02-29T09:00:00Z');
    const leap = await makeSchedule(db, { rrule: 'FREQ=YEARLY', startsAt });
    expect(await followClock(leap, '2026-01-01T00:00:00Z', 1)).toEqual([
      '2028-02-29T09:00:00.000Z',
      '2032-02-29T09:00:00.000Z',
    ]);
    const last = await makeSchedule(db, { rrule: 'FREQ=MONTHLY;BYMONTHDAY=-1', startsAt });
    expect(await followClock(last, '2026-01-31T12:00:00Z', 1)).toEqual([
      '2026-02-28T09:00:00.000Z',
      '2026-03-31T09:00:00.000Z',
    ]);
  });

  test('has a meeting for each occurrence, however often it is looked at at the same time', async () => {
    const schedule = await makeSchedule(db, { rrule: 'FREQ=DAILY;BYHOUR=0,6,12,18' });
    await Promise.all(Array.from({ length: 6 }, () => planAt(db, schedule.id)));
    expect(await readStarts(db, schedule.id)).toHaveLength(4);
  });

  test('plans meetings that follow or overlap each other', async () => {
    const schedule = await makeSchedule(db, { cron: '*/5 * * * *' });
    await planAt(db, schedule.id);
    expect(await readStarts(db, schedule.id)).toHaveLength(288);
  });

  test('tells of what passed while nobody looked, of ten at the most', async () => {
    const schedule = await makeSchedule(db, {
      cron: '0 * * * *',
      startsAt: new Date(Date.now() - 40 * HOUR_MS),
    });
    await pretendLook(db, schedule.id, new Date(Date.now() - 30 * HOUR_MS));
    const planned = await planAt(db, schedule.id);
    const now = new Date().toISOString();
    const starts = await readStarts(db, schedule.id);
    const [oldest] = starts;
    expect(starts.filter((start) => start < now)).toHaveLength(10);
    const meeting = await db.prisma.meeting.findFirstOrThrow({
      where: { scheduleId: schedule.id, scheduledStart: new Date(oldest ?? '') },
    });
    expect(planned).toContain(meeting.id);
    await expect(begin(meeting.id)).resolves.toEqual({ kind: 'missed', reason: 'start_missed' });
    expect(await listOutcomes(db, schedule.id, 10)).toMatchObject([
      { meetingId: meeting.id, status: 'failed', reason: 'start_missed' },
    ]);
  });

  test('is looked at again when its last planned meeting starts, or another is a day away', async () => {
    const daily = await makeSchedule(db, { cron: '0 9 * * *' });
    await planAt(db, daily.id);
    const [next] = await readStarts(db, daily.id);
    const row = await db.prisma.schedule.findUniqueOrThrow({ where: { id: daily.id } });
    expect(row.lookAgainAt?.toISOString()).toBe(next);
    const last = await makeSchedule(db, { rrule: 'FREQ=MONTHLY;BYDAY=-1FR;COUNT=1' });
    await planAt(db, last.id);
    await expect(
      db.prisma.schedule.findUniqueOrThrow({ where: { id: last.id } }),
    ).resolves.toMatchObject({ lookAgainAt: null });
  });

  test.each([{ cron: '0 */6 * * *' }, { rrule: 'FREQ=DAILY;INTERVAL=1;BYHOUR=0,6,12,18' }])(
    'goes on by %j beyond the first day',
    async (rule) => {
      const schedule = await makeSchedule(db, rule);
      await planAt(db, schedule.id);
      for (let day = 0; day < 3; day += 1) {
        const { lookAgainAt } = await db.prisma.schedule.findUniqueOrThrow({
          where: { id: schedule.id },
        });
        expect(lookAgainAt?.toISOString()).toBe((await readStarts(db, schedule.id)).at(-1));
        await planAt(db, schedule.id, lookAgainAt ?? new Date(0));
      }
      expect((await readStarts(db, schedule.id)).length).toBeGreaterThanOrEqual(16);
    },
  );

  test('plans an occurrence that was moved far ahead of its time', async () => {
    const schedule = await makeSchedule(db, { cron: '0 9 * * *' });
    await planAt(db, schedule.id);
    const tenth = new Date();
    tenth.setUTCHours(9, 0, 0, 0);
    const occurrenceStart = new Date(tenth.getTime() + 10 * 24 * HOUR_MS);
    const movedTo = new Date(Date.now() + HOUR_MS);
    await keepException(db, schedule.id, { occurrenceStart, movedTo });
    await planAt(db, schedule.id);
    expect(await readStarts(db, schedule.id)).toContain(movedTo.toISOString());
    const followed = await followClock(
      schedule,
      new Date(tenth.getTime() + 24 * HOUR_MS).toISOString(),
      12,
    );
    expect(followed).not.toContain(occurrenceStart.toISOString());
  });
});

describe('a schedule that is edited while an occurrence is being launched', () => {
  const edit = (id: number, startsAt: Date) =>
    db.transaction(async (tx) => {
      await lockSchedule(tx, id);
      await replanOccurrences(tx, await updateSchedule(tx, id, { startsAt }));
    });

  test.each([1, 2, 3, 4, 5, 6])('has it launched or cancelled, never both (race %i)', async () => {
    const startsAt = new Date(Math.floor(Date.now() / 1_000) * 1_000 + 1_000);
    const schedule = await makeSchedule(db, { startsAt });
    const [meetingId = 0] = await planAt(db, schedule.id);
    const later = new Date(startsAt.getTime() + HOUR_MS);
    const [begun] = await Promise.all([begin(meetingId), edit(schedule.id, later)]);
    const row = await db.prisma.meeting.findUniqueOrThrow({ where: { id: meetingId } });
    const attempts = await db.prisma.botAttempt.count({ where: { meetingId } });
    expect(begun.kind === 'begun').toBe(attempts === 1);
    expect(row.reason === 'schedule_changed').toBe(attempts === 0);
    expect(row.isPlanOpen).toBe(false);
  });
});

describe('the deletion of a user', () => {
  test('takes their schedules and planned meetings along, and none is planned again', async () => {
    const schedule = await makeSchedule(db);
    await planAt(db, schedule.id);
    const { userId } = schedule;
    const { clerkId } = await db.prisma.user.findUniqueOrThrow({ where: { id: userId } });
    const [, planned] = await Promise.all([
      db.transaction((tx) => markUserDeleted(tx, clerkId)),
      planAt(db, schedule.id, new Date(Date.now() + 26 * HOUR_MS)),
    ]);
    expect(planned.length).toBeLessThan(3);
    expect(await planAt(db, schedule.id)).toEqual([]);
    expect(await db.prisma.schedule.count({ where: { userId } })).toBe(0);
    expect(await db.prisma.meeting.count({ where: { userId, deletedAt: null } })).toBe(0);
  });
});
