import { createHash } from 'node:crypto';
import { describeEndReason, type EndReason } from '../../domain/end-reasons';
import type { MeetingStatus } from '../../domain/statuses';
import { beginAttemptIn } from './attempts';
import type { Database, Queryable } from './client';
import { appendEvent } from './events';
import { findExceededLimit, type Limits } from './limits';

/**
 * A plan is a wish and stands in the meeting's row, whose lock orders everything that is done with
 * it: of a change and the begin of its attempt exactly one comes first, and the other sees it.
 */
export interface Plan {
  revision: number;
  scheduledStart: Date;
}

export type PlanChange =
  | { kind: 'changed'; before: MeetingStatus }
  /** It is planned like that already. */
  | { kind: 'same' }
  /** A bot was sent, or the meeting is over: there is nothing left to plan. */
  | { kind: 'begun'; status: MeetingStatus }
  | { kind: 'meeting_gone' };

/** Meetings in these states may be planned, or planned anew. */
const PLANNABLE: readonly MeetingStatus[] = ['created', 'scheduled', 'failed', 'cancelled'];

/** What was planned and is no longer: by a person, or because its schedule says otherwise now. */
export type WithdrawalReason = 'plan_cancelled' | 'schedule_changed';

/**
 * Sets, moves or, with a reason, takes back a meeting's planned start. Call it in a transaction, and
 * write nothing of the meeting after it: it writes onto the cursor.
 */
export async function changePlan(
  tx: Queryable,
  meetingId: number,
  wish: Date | WithdrawalReason,
): Promise<PlanChange> {
  const scheduledStart = wish instanceof Date ? wish : null;
  const reason = wish instanceof Date ? null : wish;
  const row = await lockPlan(tx, meetingId);
  if (!row || row.deleted) return { kind: 'meeting_gone' };
  if (row.has_bot || !PLANNABLE.includes(row.status)) return { kind: 'begun', status: row.status };
  const current = row.is_plan_open ? row.scheduled_start : null;
  if (current?.getTime() === scheduledStart?.getTime()) return { kind: 'same' };
  await tx.query(
    `UPDATE meetings SET scheduled_start = $2::timestamptz, is_plan_open = $2::timestamptz IS NOT NULL,
       plan_revision = plan_revision + 1, status = $3, bot_status = 'none', reason = $4,
       actual_end = NULL, updated_at = now() WHERE id = $1`,
    [meetingId, scheduledStart, reason === null ? 'scheduled' : 'cancelled', reason],
  );
  await appendPlanned(tx, meetingId, scheduledStart);
  await appendStatus(tx, meetingId, {
    before: row.status,
    status: reason === null ? 'scheduled' : 'cancelled',
    reason,
  });
  return { kind: 'changed', before: row.status };
}

/** Puts the planned start of a meeting that was just inserted with it onto the cursor. */
export async function appendPlanned(
  tx: Queryable,
  meetingId: number,
  scheduledStart: Date | null,
): Promise<void> {
  const start = scheduledStart?.toISOString() ?? null;
  await appendEvent(tx, meetingId, { body: { type: 'meeting.planned', scheduledStart: start } });
}

/** The plan that is still to come about, null when there is none; `gone` when the meeting is. */
export async function readPlan(db: Queryable, meetingId: number): Promise<Plan | null | 'gone'> {
  const { rows } = await db.query<{ revision: number; start: Date | null; open: boolean }>(
    `SELECT plan_revision AS revision, scheduled_start AS start, is_plan_open AS open
     FROM meetings WHERE id = $1 AND deleted_at IS NULL`,
    [meetingId],
  );
  const row = rows[0];
  if (!row) return 'gone';
  if (!row.open || row.start === null) return null;
  return { revision: row.revision, scheduledStart: row.start };
}

export type MissedReason = 'start_missed' | 'limit_reached' | 'user_disabled';

export type PlannedBegin =
  | {
      kind: 'begun';
      attempt: number;
      /** Later than this it is not to be launched; null for a plan that was taken back since. */
      launchBy: Date | null;
    }
  /** The plan is another one by now, or there is none any more. */
  | { kind: 'moved' }
  /** No bot may be sent, and so the meeting has failed. */
  | { kind: 'missed'; reason: MissedReason }
  | { kind: 'meeting_gone' };

/**
 * Begins the one attempt that a plan may have. Its launch is named after meeting and revision, so
 * that repetition, another run of the workflow included, finds the same attempt.
 */
export async function beginPlannedAttempt(
  db: Database,
  { meetingId, revision, ...bounds }: { meetingId: number; revision: number } & Bounds,
): Promise<PlannedBegin> {
  const launchId = makePlannedLaunchId(meetingId, revision);
  return db.transaction(async (tx) => {
    const row = await lockPlan(tx, meetingId);
    if (!row || row.deleted) return { kind: 'meeting_gone' };
    const known = await tx.query<{ attempt: number }>(
      'SELECT attempt FROM bot_attempts WHERE launch_id = $1',
      [launchId],
    );
    const { scheduled_start: start } = row;
    const launchBy = start && new Date(start.getTime() + bounds.lateLimitMs);
    if (known.rows[0]) return { kind: 'begun', attempt: known.rows[0].attempt, launchBy };
    if (!row.is_plan_open || start === null || row.plan_revision !== revision) {
      return { kind: 'moved' };
    }
    const lateMs = row.now.getTime() - start.getTime();
    const reason = await findObstacle(tx, { meetingId, userId: row.user_id, lateMs }, bounds);
    if (reason !== null) {
      await closePlan(tx, meetingId, { before: row.status, status: 'failed', reason });
      return { kind: 'missed', reason };
    }
    const attempt = await beginAttemptIn(tx, {
      meetingId,
      launchId,
      detail: describeLateness(lateMs),
    });
    return { kind: 'begun', attempt, launchBy };
  });
}

/** What a planned bot is held to. */
interface Bounds {
  /** Later than this after the planned start nobody is sent. */
  lateLimitMs: number;
  /** For users who have no limits of their own. */
  limits: Limits;
}

async function findObstacle(
  tx: Queryable,
  { meetingId, userId, lateMs }: { meetingId: number; userId: number; lateMs: number },
  { lateLimitMs, limits }: Bounds,
): Promise<MissedReason | null> {
  if (lateMs > lateLimitMs) return 'start_missed';
  const { rows } = await tx.query('SELECT 1 FROM users WHERE id = $1 AND disabled_at IS NOT NULL', [
    userId,
  ]);
  if (rows.length > 0) return 'user_disabled';
  const asked = { userId, meetingId, intentId: null };
  return (await findExceededLimit(tx, limits, asked)) && 'limit_reached';
}

/** Takes an open plan back because its workflow was ended; one that is served stays as it is. */
export async function cancelPlan(db: Database, meetingId: number): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await lockPlan(tx, meetingId);
    if (!row || row.deleted || !row.is_plan_open) return;
    const { status: before } = row;
    await closePlan(tx, meetingId, { before, status: 'cancelled', reason: 'plan_cancelled' });
  });
}

interface PlanRow {
  user_id: number;
  status: MeetingStatus;
  scheduled_start: Date | null;
  plan_revision: number;
  is_plan_open: boolean;
  deleted: boolean;
  has_bot: boolean;
  now: Date;
}

async function lockPlan(tx: Queryable, meetingId: number): Promise<PlanRow | undefined> {
  await tx.query('SELECT 1 FROM meetings WHERE id = $1 FOR NO KEY UPDATE', [meetingId]);
  // a statement of its own: what was committed while it waited for the lock counts
  const { rows } = await tx.query<PlanRow>(
    `SELECT user_id, status, scheduled_start, plan_revision, is_plan_open, deleted_at IS NOT NULL AS deleted,
       EXISTS (SELECT 1 FROM bot_attempts a WHERE a.meeting_id = m.id AND a.fenced_at IS NULL
         AND a.status NOT IN ('ended', 'failed')) AS has_bot, clock_timestamp() AS now
     FROM meetings m WHERE id = $1`,
    [meetingId],
  );
  return rows[0];
}

interface StatusChange {
  before: MeetingStatus;
  status: MeetingStatus;
  reason: EndReason | null;
}

async function closePlan(tx: Queryable, meetingId: number, change: StatusChange): Promise<void> {
  await tx.query(
    `UPDATE meetings SET is_plan_open = false, status = $2, bot_status = 'none', reason = $3,
       updated_at = now() WHERE id = $1`,
    [meetingId, change.status, change.reason],
  );
  await appendStatus(tx, meetingId, change);
}

async function appendStatus(
  tx: Queryable,
  meetingId: number,
  { before, status, reason }: StatusChange,
): Promise<void> {
  if (before === status) return;
  const message = reason === null ? null : describeEndReason(reason);
  await appendEvent(tx, meetingId, { body: { type: 'meeting.status', status, reason, message } });
}

const MINUTE_MS = 60_000;

/** A sentence for an attempt that was sent after the planned start; null for one in time. */
function describeLateness(lateMs: number): string | null {
  if (lateMs < MINUTE_MS) return null;
  return `Sent ${Math.floor(lateMs / MINUTE_MS)} min after the planned start: the platform could not send it earlier, or it was planned for a time that had passed.`;
}

/** A UUID that stands for one plan of one meeting. */
function makePlannedLaunchId(meetingId: number, revision: number): string {
  const hash = createHash('sha256').update(`meeting ${meetingId} plan ${revision}`).digest('hex');
  const [a, b, c, d, e] = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    hash.slice(13, 16),
    hash.slice(17, 20),
    hash.slice(20, 32),
  ];
  return `${a}-${b}-8${c}-a${d}-${e}`;
}
