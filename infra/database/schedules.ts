import type { BotSettings } from '../../domain/bot-defaults';
import type { LeavePolicy } from '../../domain/leave-policy';
import type { MeetingLink } from '../../domain/meeting-link';
import type { Platform } from '../../domain/platforms';
import type { RecurrenceRule } from '../../domain/recurrence';
import type { Exception } from '../schedules/occurrences';
import type { Queryable } from './client';

/** What makes meetings happen again and again. */
export interface ScheduleRow extends RecurrenceRule {
  id: number;
  userId: number;
  title: string | null;
  platform: Platform;
  platformMeetingId: string;
  meetingUrl: string;
  passcodeEncrypted: string | null;
  botName: string;
  language: string | null;
  leavePolicy: LeavePolicy;
  entryMessage: string | null;
  isRecorded: boolean;
  botIdentityId: number | null;
  joinTokenUrl: string | null;
  skipDates: string[];
  isCalendar: boolean;
  isPaused: boolean;
  lookedAt: Date;
  lookAgainAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The columns under their names here. */
const COLUMNS = `id, user_id AS "userId", title, platform,
  platform_meeting_id AS "platformMeetingId", meeting_url AS "meetingUrl",
  passcode_encrypted AS "passcodeEncrypted", bot_name AS "botName", language,
  leave_policy AS "leavePolicy", entry_message AS "entryMessage", is_recorded AS "isRecorded",
  bot_identity_id AS "botIdentityId", join_token_url AS "joinTokenUrl", rrule, cron,
  time_zone AS "timeZone", starts_at AS "startsAt", ends_at AS "endsAt",
  skip_dates AS "skipDates", is_calendar AS "isCalendar", is_paused AS "isPaused",
  looked_at AS "lookedAt", look_again_at AS "lookAgainAt", created_at AS "createdAt",
  updated_at AS "updatedAt"`;

/** More than a full calendar has. */
const SCHEDULES_PER_USER = 200;

export interface NewSchedule extends RecurrenceRule {
  userId: number;
  title: string | null;
  link: MeetingLink;
  passcodeEncrypted: string | null;
  settings: BotSettings;
  botIdentityId: number | null;
  joinTokenUrl: string | null;
  skipDates: string[];
  isCalendar: boolean;
}

/** Makes a schedule; null when the user has too many. Call it in a transaction. */
export async function insertSchedule(
  tx: Queryable,
  schedule: NewSchedule,
): Promise<ScheduleRow | null> {
  // those who make some at the same time are counted one after another
  await tx.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [schedule.userId]);
  const { link, settings } = schedule;
  const { rows } = await tx.query<ScheduleRow>(
    `INSERT INTO schedules (user_id, title, platform, platform_meeting_id, meeting_url,
       passcode_encrypted, bot_name, language, leave_policy, entry_message, is_recorded,
       bot_identity_id, join_token_url, rrule, cron, time_zone, starts_at, ends_at, skip_dates,
       is_calendar)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12, $13, $14, $15, $16, $17, $18,
       $19, $20
     WHERE (SELECT count(*) FROM schedules WHERE user_id = $1) < ${SCHEDULES_PER_USER}
     RETURNING ${COLUMNS}`,
    [
      schedule.userId,
      schedule.title,
      link.platform,
      link.platformMeetingId,
      link.url,
      schedule.passcodeEncrypted,
      settings.botName,
      settings.language,
      JSON.stringify(settings.leavePolicy),
      settings.entryMessage,
      settings.recording,
      schedule.botIdentityId,
      schedule.joinTokenUrl,
      schedule.rrule,
      schedule.cron,
      schedule.timeZone,
      schedule.startsAt,
      schedule.endsAt,
      schedule.skipDates,
      schedule.isCalendar,
    ],
  );
  return rows[0] ?? null;
}

/** What may be changed of a schedule; absent columns stay as they are. */
export type ScheduleChanges = Partial<
  Omit<ScheduleRow, 'id' | 'userId' | 'createdAt' | 'updatedAt' | 'lookedAt' | 'lookAgainAt'>
>;

const COLUMN_NAMES: Record<keyof ScheduleChanges, string> = {
  title: 'title',
  platform: 'platform',
  platformMeetingId: 'platform_meeting_id',
  meetingUrl: 'meeting_url',
  passcodeEncrypted: 'passcode_encrypted',
  botName: 'bot_name',
  language: 'language',
  leavePolicy: 'leave_policy',
  entryMessage: 'entry_message',
  isRecorded: 'is_recorded',
  botIdentityId: 'bot_identity_id',
  joinTokenUrl: 'join_token_url',
  rrule: 'rrule',
  cron: 'cron',
  timeZone: 'time_zone',
  startsAt: 'starts_at',
  endsAt: 'ends_at',
  skipDates: 'skip_dates',
  isCalendar: 'is_calendar',
  isPaused: 'is_paused',
};
/** Those that each of its meetings has as well. */
const OF_MEETINGS: readonly (keyof ScheduleChanges)[] = [
  'title',
  'platform',
  'platformMeetingId',
  'meetingUrl',
  'passcodeEncrypted',
  'botName',
  'language',
  'leavePolicy',
  'entryMessage',
  'isRecorded',
  'botIdentityId',
  'joinTokenUrl',
];

/**
 * Changes a schedule, and what its planned meetings are made with. Nothing before now is planned by
 * the new rule. Call it after `lockSchedule`.
 */
export async function updateSchedule(
  tx: Queryable,
  scheduleId: number,
  changes: ScheduleChanges,
): Promise<ScheduleRow> {
  const own = assign(changes, Object.keys(changes) as (keyof ScheduleChanges)[]);
  const { rows } = await tx.query<ScheduleRow>(
    `UPDATE schedules SET updated_at = now(), looked_at = now() ${own.sql}
     WHERE id = $1 RETURNING ${COLUMNS}`,
    [scheduleId, ...own.values],
  );
  if (!rows[0]) throw new Error(`Expected a schedule with the id ${scheduleId}`);
  const shared = assign(
    changes,
    OF_MEETINGS.filter((column) => changes[column] !== undefined),
  );
  if (shared.values.length > 0) {
    await tx.query(
      `UPDATE meetings SET updated_at = now() ${shared.sql}
       WHERE schedule_id = $1 AND is_plan_open AND deleted_at IS NULL`,
      [scheduleId, ...shared.values],
    );
  }
  return rows[0];
}

function assign(changes: ScheduleChanges, columns: readonly (keyof ScheduleChanges)[]) {
  const values = columns.map((column) =>
    column === 'leavePolicy' ? JSON.stringify(changes[column]) : changes[column],
  );
  const sql = columns.map((column, index) => `, ${COLUMN_NAMES[column]} = $${index + 2}`).join('');
  return { sql, values };
}

/** A schedule of this user, or null. */
export async function findOwnSchedule(
  db: Queryable,
  { scheduleId, userId }: { scheduleId: number; userId: number },
): Promise<ScheduleRow | null> {
  const { rows } = await db.query<ScheduleRow>(
    `SELECT ${COLUMNS} FROM schedules WHERE id = $1 AND user_id = $2`,
    [scheduleId, userId],
  );
  return rows[0] ?? null;
}

/**
 * The schedule, and nobody else changes it or plans its meetings until the transaction ends; null
 * when there is none, or its user was deleted.
 */
export async function lockSchedule(tx: Queryable, scheduleId: number): Promise<ScheduleRow | null> {
  // the user first, as their deletion does
  const user = await tx.query(
    `SELECT 1 FROM users WHERE id = (SELECT user_id FROM schedules WHERE id = $1)
       AND deleted_at IS NULL FOR KEY SHARE`,
    [scheduleId],
  );
  if (user.rows.length === 0) return null;
  const { rows } = await tx.query<ScheduleRow>(
    `SELECT ${COLUMNS} FROM schedules WHERE id = $1 FOR UPDATE`,
    [scheduleId],
  );
  return rows[0] ?? null;
}

/** A user's schedules from the newest on, those made before `beforeId`. */
export async function listOwnSchedules(
  db: Queryable,
  query: { userId: number; beforeId: number | null; limit: number },
): Promise<ScheduleRow[]> {
  const { rows } = await db.query<ScheduleRow>(
    `SELECT ${COLUMNS} FROM schedules WHERE user_id = $1 AND ($2::int IS NULL OR id < $2)
     ORDER BY id DESC LIMIT $3`,
    [query.userId, query.beforeId, query.limit],
  );
  return rows;
}

/** All that have, or should have, a Temporal Schedule of their own: see infra/schedules/carriers.ts. */
export async function listCarriedSchedules(
  db: Queryable,
  { afterId, limit }: { afterId: number; limit: number },
): Promise<(ScheduleRow & { ageMs: number })[]> {
  const { rows } = await db.query<ScheduleRow & { ageMs: number }>(
    `SELECT ${COLUMNS}, (extract(epoch FROM now() - updated_at) * 1000)::float8 AS "ageMs"
     FROM schedules WHERE id > $1 AND is_calendar ORDER BY id LIMIT $2`,
    [afterId, limit],
  );
  return rows;
}

/** Those whose next occurrences are to be planned: what Temporal was to ring for, a minute later. */
export async function listSchedulesToLookAt(db: Queryable, limit: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT id FROM schedules WHERE NOT is_paused
       AND look_again_at < now() - CASE WHEN is_calendar THEN interval '1 minute' ELSE '0' END
     ORDER BY look_again_at, id LIMIT $1`,
    [limit],
  );
  return rows.map(({ id }) => id);
}

/** Notes that all up to `lookedAt` was dealt with. */
export async function noteScheduleLook(
  tx: Queryable,
  scheduleId: number,
  { lookedAt, lookAgainAt }: { lookedAt: Date; lookAgainAt: Date | null },
): Promise<void> {
  await tx.query('UPDATE schedules SET looked_at = $2, look_again_at = $3 WHERE id = $1', [
    scheduleId,
    lookedAt,
    lookAgainAt,
  ]);
}

/** Deletes the schedule's row; its meetings stay. */
export async function deleteSchedule(tx: Queryable, scheduleId: number): Promise<void> {
  await tx.query('DELETE FROM schedules WHERE id = $1', [scheduleId]);
}

/** Its skipped and moved occurrences that may still matter. */
export async function listExceptions(db: Queryable, scheduleId: number): Promise<Exception[]> {
  const { rows } = await db.query<Exception>(
    `SELECT occurrence_start AS "occurrenceStart", moved_to AS "movedTo" FROM schedule_exceptions
     WHERE schedule_id = $1 AND greatest(occurrence_start, moved_to) > now() - interval '3 days'
     ORDER BY occurrence_start`,
    [scheduleId],
  );
  return rows;
}

/** More than anybody moves by hand. */
const EXCEPTIONS_PER_SCHEDULE = 500;

/** Skips an occurrence, or moves it; false when there are too many such. */
export async function keepException(
  tx: Queryable,
  scheduleId: number,
  { occurrenceStart, movedTo }: Exception,
): Promise<boolean> {
  const { rows } = await tx.query(
    `INSERT INTO schedule_exceptions (schedule_id, occurrence_start, moved_to)
     SELECT $1, $2, $3
     WHERE (SELECT count(*) FROM schedule_exceptions WHERE schedule_id = $1
       AND occurrence_start > now()) < ${EXCEPTIONS_PER_SCHEDULE}
     ON CONFLICT (schedule_id, occurrence_start) DO UPDATE SET moved_to = excluded.moved_to
     RETURNING 1`,
    [scheduleId, occurrenceStart, movedTo],
  );
  return rows.length > 0;
}

/** Has occurrences be as the rule says. */
export async function dropExceptions(
  tx: Queryable,
  scheduleId: number,
  occurrenceStarts: readonly Date[],
): Promise<void> {
  await tx.query(
    `DELETE FROM schedule_exceptions
     WHERE schedule_id = $1 AND occurrence_start = ANY($2::timestamptz[])`,
    [scheduleId, occurrenceStarts],
  );
}

/** A meeting that a schedule made. */
export interface OccurrenceMeeting {
  meetingId: number;
  occurrenceStart: Date | null;
  scheduledStart: Date | null;
  status: string;
  reason: string | null;
  isPlanOpen: boolean;
  isDeleted: boolean;
}

const MEETING_COLUMNS = `id AS "meetingId", occurrence_start AS "occurrenceStart",
  scheduled_start AS "scheduledStart", status, reason, is_plan_open AS "isPlanOpen",
  deleted_at IS NOT NULL AS "isDeleted"`;

/** The meetings of these occurrences, deleted ones included. */
export async function listOccurrenceMeetings(
  db: Queryable,
  scheduleId: number,
  occurrenceStarts: readonly Date[],
): Promise<OccurrenceMeeting[]> {
  const { rows } = await db.query<OccurrenceMeeting>(
    `SELECT ${MEETING_COLUMNS} FROM meetings
     WHERE schedule_id = $1 AND occurrence_start = ANY($2::timestamptz[])`,
    [scheduleId, occurrenceStarts],
  );
  return rows;
}

/** Those of its meetings that wait for their start. */
export async function listPlannedOccurrences(
  db: Queryable,
  scheduleId: number,
): Promise<OccurrenceMeeting[]> {
  const { rows } = await db.query<OccurrenceMeeting>(
    `SELECT ${MEETING_COLUMNS} FROM meetings
     WHERE schedule_id = $1 AND is_plan_open AND deleted_at IS NULL ORDER BY scheduled_start`,
    [scheduleId],
  );
  return rows;
}

/** The start of what each schedule has planned next, by its id. */
export async function readNextStarts(
  db: Queryable,
  scheduleIds: readonly number[],
): Promise<Map<number, Date>> {
  const { rows } = await db.query<{ id: number; start: Date }>(
    `SELECT schedule_id AS id, min(scheduled_start) AS start FROM meetings
     WHERE schedule_id = ANY($1) AND is_plan_open AND deleted_at IS NULL GROUP BY schedule_id`,
    [scheduleIds],
  );
  return new Map(rows.map(({ id, start }) => [id, start]));
}

/** The last meetings of a schedule that are over or have begun, newest first. */
export async function listOutcomes(
  db: Queryable,
  scheduleId: number,
  limit: number,
): Promise<OccurrenceMeeting[]> {
  const { rows } = await db.query<OccurrenceMeeting>(
    `SELECT ${MEETING_COLUMNS} FROM meetings
     WHERE schedule_id = $1 AND NOT is_plan_open AND deleted_at IS NULL
       AND NOT (status = 'cancelled' AND (occurrence_start > now() OR reason = 'schedule_changed'))
     ORDER BY coalesce(scheduled_start, occurrence_start, created_at) DESC, id DESC LIMIT $2`,
    [scheduleId, limit],
  );
  return rows;
}
