import type { RecurrenceRule } from '../domain/recurrence';
import type { Database } from '../infra/database/client';
import { insertSchedule, lockSchedule, type ScheduleRow } from '../infra/database/schedules';
import { findTemporalCalendars } from '../infra/recurrence/temporal-calendars';
import { planOccurrences } from '../infra/schedules/plan-occurrences';
import { BOT_SETTINGS, insertMeeting } from './records';

export interface ScheduleOptions extends Partial<RecurrenceRule> {
  userId?: number;
  skipDates?: string[];
}

/** A schedule in the practice room that nothing was planned for yet. */
export async function makeSchedule(
  db: Database,
  { userId, skipDates = [], ...said }: ScheduleOptions = {},
): Promise<ScheduleRow> {
  const rule = {
    rrule: said.cron == null ? 'FREQ=DAILY' : null,
    cron: null,
    timeZone: 'UTC',
    startsAt: new Date(Math.floor(Date.now() / 1_000) * 1_000),
    endsAt: null,
    ...said,
  };
  const owner = userId ?? (await insertMeeting(db)).userId;
  const made = await db.transaction((tx) =>
    insertSchedule(tx, {
      ...rule,
      userId: owner,
      title: 'Standup',
      link: {
        platform: 'custom',
        platformMeetingId: 'standup',
        url: 'http://127.0.0.1:8004/r/standup',
        passcode: null,
      },
      passcodeEncrypted: null,
      settings: BOT_SETTINGS,
      botIdentityId: null,
      joinTokenUrl: null,
      skipDates,
      isCalendar: findTemporalCalendars(rule) !== null,
    }),
  );
  if (!made) throw new Error('Expected a schedule');
  return made;
}

/** What the database last said that had been dealt with, as if that had been then. */
export async function pretendLook(db: Database, id: number, lookedAt: Date): Promise<void> {
  await db.query('UPDATE schedules SET looked_at = $2 WHERE id = $1', [id, lookedAt]);
}

/** Plans what is due, as if it were that time; the ids of the meetings that were planned. */
export async function planAt(db: Database, id: number, now = new Date()): Promise<number[]> {
  return db.transaction(async (tx) => {
    const schedule = await lockSchedule(tx, id);
    const planned = schedule ? await planOccurrences(tx, schedule, now) : [];
    return planned.map(({ meetingId }) => meetingId);
  });
}

/** The starts of all the meetings that it has planned, in order. */
export async function readStarts(db: Database, scheduleId: number): Promise<string[]> {
  const rows = await db.prisma.meeting.findMany({
    where: { scheduleId, isPlanOpen: true },
    orderBy: { scheduledStart: 'asc' },
  });
  return rows.map(({ scheduledStart }) => scheduledStart?.toISOString() ?? '');
}
