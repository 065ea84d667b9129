import type { ListMeetingsQuery, UpdateMeeting } from '../../domain/api';
import type { BotSettings } from '../../domain/bot-defaults';
import type { MeetingLink } from '../../domain/meeting-link';
import type {
  MeetingFindManyArgs,
  MeetingModel,
  MeetingWhereInput,
} from '../generated/prisma/models';
import type { Database, Queryable } from './client';
import { appendEvent } from './events';
import { makeCursor } from './meetings';
import { appendPlanned } from './plans';

/** What the cursor of a meeting without a plan begins with. */
export const MADE = {
  type: 'meeting.status',
  status: 'created',
  reason: null,
  message: null,
} as const;

/** A meeting's row as Prisma gives it. */
export type MeetingRow = MeetingModel;

/** A meeting of this user that is not deleted, or null. */
export async function findOwnMeeting(
  db: Database,
  key: { meetingId: number; userId: number },
): Promise<MeetingRow | null> {
  return db.prisma.meeting.findFirst({
    where: { id: key.meetingId, userId: key.userId, deletedAt: null },
  });
}

/** A meeting for its bot, also a deleted one, or null when its row is gone. */
export async function findMeeting(db: Database, meetingId: number): Promise<MeetingRow | null> {
  return db.prisma.meeting.findUnique({ where: { id: meetingId } });
}

export interface NewMeeting {
  userId: number;
  link: MeetingLink;
  passcodeEncrypted: string | null;
  title: string | null;
  settings: BotSettings;
  botIdentityId: number | null;
  joinTokenUrl: string | null;
  /** A bot comes by itself then. */
  scheduledStart: Date | null;
  /** The schedule that makes it, and which of its occurrences it is; null for one between times. */
  madeBy?: { scheduleId: number; occurrenceStart: Date | null };
}

/** The columns under the names Prisma gives them. */
export const COLUMNS = `id, user_id AS "userId", title, platform,
  platform_meeting_id AS "platformMeetingId", meeting_url AS "meetingUrl",
  passcode_encrypted AS "passcodeEncrypted", bot_name AS "botName", language,
  leave_policy AS "leavePolicy", entry_message AS "entryMessage", is_recorded AS "isRecorded",
  bot_identity_id AS "botIdentityId", join_token_url AS "joinTokenUrl",
  recording_status AS "recordingStatus", recording_key AS "recordingKey",
  recording_bytes AS "recordingBytes", recording_ms AS "recordingMs", source,
  scheduled_start AS "scheduledStart", plan_revision AS "planRevision",
  is_plan_open AS "isPlanOpen", schedule_id AS "scheduleId",
  occurrence_start AS "occurrenceStart",
  actual_start AS "actualStart", actual_end AS "actualEnd", clock_origin AS "clockOrigin", status,
  bot_status AS "botStatus", bot_queue_place AS "botQueuePlace", reason,
  recording_url AS "recordingUrl", transcript_version AS "transcriptVersion",
  projected_at AS "projectedAt", deleted_at AS "deletedAt", created_at AS "createdAt",
  updated_at AS "updatedAt"`;

/** Makes a meeting with its cursor; call it in a transaction. */
export async function insertMeeting(tx: Queryable, meeting: NewMeeting): Promise<MeetingRow> {
  const { link, settings } = meeting;
  const { rows } = await tx.query<MeetingRow>(
    `INSERT INTO meetings (user_id, title, platform, platform_meeting_id, meeting_url,
       passcode_encrypted, bot_name, language, leave_policy, entry_message, is_recorded,
       bot_identity_id, join_token_url, scheduled_start, schedule_id, occurrence_start,
       is_plan_open, status)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12, $13, $14::timestamptz,
       $15, $16, $14::timestamptz IS NOT NULL,
       CASE WHEN $14::timestamptz IS NULL THEN 'created' ELSE 'scheduled' END) RETURNING ${COLUMNS}`,
    [
      meeting.userId,
      meeting.title,
      link.platform,
      link.platformMeetingId,
      link.url,
      meeting.passcodeEncrypted,
      settings.botName,
      settings.language,
      JSON.stringify(settings.leavePolicy),
      settings.entryMessage,
      settings.recording,
      meeting.botIdentityId,
      meeting.joinTokenUrl,
      meeting.scheduledStart,
      meeting.madeBy?.scheduleId ?? null,
      meeting.madeBy?.occurrenceStart ?? null,
    ],
  );
  const row = rows[0];
  if (!row) throw new Error('Expected the insert of a meeting to return its row');
  await makeCursor(tx, row.id);
  if (meeting.scheduledStart !== null) await appendPlanned(tx, row.id, meeting.scheduledStart);
  else await appendEvent(tx, row.id, { body: MADE });
  return row;
}

/** Changes a meeting of this user, its leave policy part by part; null when there is none. */
export async function updateOwnMeeting(
  db: Queryable,
  key: { meetingId: number; userId: number },
  { leavePolicy, recording, ...changes }: Omit<UpdateMeeting, 'scheduledStart'>,
): Promise<MeetingRow | null> {
  const columns: [string, unknown][] = [
    ['title', changes.title],
    ['bot_name', changes.botName],
    ['language', changes.language],
    ['entry_message', changes.entryMessage],
    ['is_recorded', recording],
    ['bot_identity_id', changes.botIdentityId],
    ['join_token_url', changes.joinTokenUrl],
  ];
  const changed = columns.filter(([, value]) => value !== undefined);
  const assignments = changed.map(([column], index) => `, ${column} = $${index + 4}`);
  const { rows } = await db.query<MeetingRow>(
    `UPDATE meetings SET updated_at = now(), leave_policy = leave_policy || $3::jsonb
       ${assignments.join('')}
     WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL RETURNING ${COLUMNS}`,
    [
      key.meetingId,
      key.userId,
      JSON.stringify(leavePolicy ?? {}),
      ...changed.map(([, value]) => value),
    ],
  );
  return rows[0] ?? null;
}

export interface MeetingPage {
  meetings: MeetingRow[];
  hasMore: boolean;
}

type OwnMeetings = Omit<ListMeetingsQuery, 'cursor'> & { userId: number };

/** A user's meetings from the newest on, those made before `beforeId`. */
export function listOwnMeetings(
  db: Database,
  query: OwnMeetings & { beforeId: number | null },
): Promise<MeetingPage> {
  const { beforeId } = query;
  return findPage(db, query, {
    where: beforeId === null ? {} : { id: { lt: beforeId } },
    orderBy: { id: 'desc' },
  });
}

/** A place in the list of what is coming. */
export interface UpcomingPlace {
  scheduledStart: Date;
  id: number;
}

/** A user's planned meetings from the soonest on, those after a place. */
export function listUpcomingMeetings(
  db: Database,
  query: OwnMeetings & { after: UpcomingPlace | null },
): Promise<MeetingPage> {
  const { after } = query;
  const isLater = after && [
    { scheduledStart: { gt: after.scheduledStart } },
    { scheduledStart: after.scheduledStart, id: { gt: after.id } },
  ];
  return findPage(db, query, {
    where: isLater === null ? {} : { OR: isLater },
    orderBy: [{ scheduledStart: 'asc' }, { id: 'asc' }],
  });
}

async function findPage(
  db: Database,
  query: OwnMeetings,
  { where, orderBy }: Pick<MeetingFindManyArgs, 'orderBy'> & { where: MeetingWhereInput },
): Promise<MeetingPage> {
  const { status, platform, source, scheduleId, limit, userId } = query;
  const found = await db.prisma.meeting.findMany({
    where: {
      userId,
      deletedAt: null,
      ...dropUndefined({ status, platform, source, scheduleId }),
      ...(query.q === undefined
        ? {}
        : { title: { contains: escapePattern(query.q), mode: 'insensitive' as const } }),
      AND: [where, limitTime(query), limitStage(query.when)],
    },
    ...(orderBy && { orderBy }),
    take: limit + 1,
  });
  return { meetings: found.slice(0, limit), hasMore: found.length > limit };
}

/** The states of meetings that are under way. */
export const LIVE = ['joining', 'live', 'processing'];

/** Without a bot, a meeting is under way from its making on: its file comes, or its recorder hears. */
const UNDER_WAY: MeetingWhereInput = {
  OR: [{ status: { in: LIVE } }, { status: 'created', source: { not: 'bot' } }],
};

function limitStage(when: OwnMeetings['when']): MeetingWhereInput {
  if (when === undefined) return {};
  if (when === 'upcoming') return { status: 'scheduled' };
  return when === 'live' ? UNDER_WAY : { status: { not: 'scheduled' }, NOT: UNDER_WAY };
}

/** By when a meeting began; where it has not, by its planned start, and without one by its making. */
function limitTime({ from, to }: OwnMeetings): MeetingWhereInput {
  if (from === undefined && to === undefined) return {};
  const range = { ...(from && { gte: from }), ...(to && { lt: to }) };
  return {
    OR: [
      { actualStart: range },
      { actualStart: null, scheduledStart: range },
      { actualStart: null, scheduledStart: null, createdAt: range },
    ],
  };
}

/** The text as LIKE takes it literally; Prisma hands `contains` to it as it is. */
export function escapePattern(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

type Defined<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };

function dropUndefined<Fields extends object>(fields: Fields): Defined<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Defined<Fields>;
}

/** Which of these meetings are deleted or gone. */
export async function findDeletedMeetings(
  db: Queryable,
  meetingIds: readonly number[],
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT w.id FROM unnest($1::int[]) AS w(id)
     WHERE NOT EXISTS (SELECT 1 FROM meetings m WHERE m.id = w.id AND m.deleted_at IS NULL)`,
    [meetingIds],
  );
  return rows.map((row) => row.id);
}
