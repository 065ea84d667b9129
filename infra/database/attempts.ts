import type { BotHeartbeat, BotReport } from '../../domain/bot-api';
import { describeEndReason, isRelaunchable, type EndReason } from '../../domain/end-reasons';
import { isBotStatusAdvance, isBotStatusTerminal, type BotStatus } from '../../domain/statuses';
import type { Database, Queryable } from './client';
import { announceCommands } from './commands';
import { appendEvent } from './events';
import { findLastHearing } from './gaps';
import { lockIdentity, noteIdentityRefused } from './identities';
import { inheritTalkCommands } from './talk-commands';

/** One run of a bot in one meeting. */
export interface Attempt {
  id: number;
  meetingId: number;
  attempt: number;
  launchId: string;
  status: BotStatus;
  reason: EndReason | null;
  detail: string | null;
  createdAt: Date;
  joinedAt: Date | null;
  endedAt: Date | null;
  fencedAt: Date | null;
  lastHeartbeatAt: Date | null;
  lastSeqs: Record<string, number> | null;
  lastReportSeq: number;
  confidence: NonNullable<BotReport['confidence']> | null;
  signs: string[] | null;
  heartbeat: BotHeartbeat | null;
}

const COLUMNS = `id, meeting_id AS "meetingId", attempt, launch_id AS "launchId", status, reason, detail,
  created_at AS "createdAt", joined_at AS "joinedAt", ended_at AS "endedAt",
  fenced_at AS "fencedAt", last_heartbeat_at AS "lastHeartbeatAt", last_seqs AS "lastSeqs",
  last_report_seq AS "lastReportSeq", confidence, signs, heartbeat`;

/** Finds one attempt of a meeting, or null. */
export async function findAttempt(
  db: Queryable,
  meetingId: number,
  attempt: number,
): Promise<Attempt | null> {
  const { rows } = await db.query<Attempt>(
    `SELECT ${COLUMNS} FROM bot_attempts WHERE meeting_id = $1 AND attempt = $2`,
    [meetingId, attempt],
  );
  return rows[0] ?? null;
}

/** All attempts of a meeting, from the first on. */
export async function listAttempts(db: Queryable, meetingId: number): Promise<Attempt[]> {
  const { rows } = await db.query<Attempt>(
    `SELECT ${COLUMNS} FROM bot_attempts WHERE meeting_id = $1 ORDER BY attempt`,
    [meetingId],
  );
  return rows;
}

/**
 * Begins the next attempt of a meeting, fences all earlier ones and takes over what they were still
 * to say, in one transaction. Idempotent by `launchId`. Returns null when the meeting is gone or
 * deleted.
 */
export async function beginAttempt(
  db: Database,
  meetingId: number,
  launchId: string,
): Promise<{ attempt: number } | null> {
  return db.transaction(async (tx) => {
    const meeting = await tx.query(
      'SELECT 1 FROM meetings WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE',
      [meetingId],
    );
    if (meeting.rows.length === 0) return null;
    const known = await tx.query<{ attempt: number }>(
      'SELECT attempt FROM bot_attempts WHERE launch_id = $1',
      [launchId],
    );
    if (known.rows[0]) return known.rows[0];
    return { attempt: await beginAttemptIn(tx, { meetingId, launchId, detail: null }) };
  });
}

/** The same within a transaction that holds the meeting's row; a plan for the meeting is served. */
export async function beginAttemptIn(
  tx: Queryable,
  { meetingId, launchId, detail }: { meetingId: number; launchId: string; detail: string | null },
): Promise<number> {
  await tx.query('UPDATE meetings SET is_plan_open = false WHERE id = $1 AND is_plan_open', [
    meetingId,
  ]);
  await fenceAttempts(tx, meetingId);
  await lockIdentity(tx, meetingId);
  const { rows } = await tx.query<{ id: number; attempt: number }>(
    `INSERT INTO bot_attempts (meeting_id, attempt, launch_id, detail)
     SELECT $1, coalesce(max(attempt), 0) + 1, $2, $3 FROM bot_attempts WHERE meeting_id = $1
     RETURNING id, attempt`,
    [meetingId, launchId, detail],
  );
  const begun = rows[0];
  if (!begun) throw new Error('Expected the insert of an attempt to return its row');
  const failed = await inheritTalkCommands(tx, { meetingId, attemptId: begun.id });
  await announceCommands(tx, meetingId, failed);
  return begun.attempt;
}

/** Refuses from now on what the meeting's attempts so far report, and what they capture later. */
export async function fenceAttempts(db: Queryable, meetingId: number): Promise<void> {
  await db.query(
    'UPDATE bot_attempts SET fenced_at = now() WHERE meeting_id = $1 AND fenced_at IS NULL',
    [meetingId],
  );
}

export type ReportResult =
  | { kind: 'recorded'; clockOriginMs: number | null }
  | { kind: 'repeated'; clockOriginMs: number | null }
  | { kind: 'superseded' }
  | { kind: 'meeting_deleted' };

/**
 * Records what a bot reports of itself: the attempt's row, the clock's origin on the first
 * `in_meeting`, a gap when an earlier attempt had been there, and an event. Idempotent by
 * `reportSeq`; a fenced attempt is refused.
 */
export async function recordReport(
  db: Database,
  key: { meetingId: number; launchId: string },
  report: BotReport,
): Promise<ReportResult> {
  return db.transaction(async (tx) => {
    const meeting = await tx.query<{ clock_origin: Date | null }>(
      'SELECT clock_origin FROM meetings WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE',
      [key.meetingId],
    );
    if (!meeting.rows[0]) return { kind: 'meeting_deleted' };
    const found = await tx.query<Attempt>(
      `SELECT ${COLUMNS} FROM bot_attempts WHERE meeting_id = $1 AND launch_id = $2 FOR NO KEY UPDATE`,
      [key.meetingId, key.launchId],
    );
    const attempt = found.rows[0];
    if (!attempt || attempt.fencedAt) return { kind: 'superseded' };
    const origin = meeting.rows[0].clock_origin;
    if (report.reportSeq <= attempt.lastReportSeq) {
      return { kind: 'repeated', clockOriginMs: origin?.getTime() ?? null };
    }
    return applyReport(tx, { attempt, origin }, report);
  });
}

async function applyReport(
  tx: Queryable,
  { attempt, origin }: { attempt: Attempt; origin: Date | null },
  report: BotReport,
): Promise<ReportResult> {
  const advances = isBotStatusAdvance(attempt.status, report.state);
  await tx.query(
    `UPDATE bot_attempts SET last_report_seq = $2, last_heartbeat_at = now(),
       status = CASE WHEN $3 THEN $4 ELSE status END,
       reason = coalesce($5, reason), detail = coalesce($6, detail),
       last_seqs = coalesce($7::jsonb, last_seqs),
       confidence = coalesce($9, confidence), signs = coalesce($10::jsonb, signs),
       joined_at = CASE WHEN $4 = 'in_meeting' THEN coalesce(joined_at, now()) ELSE joined_at END,
       ended_at = CASE WHEN $8 THEN coalesce(ended_at, now()) ELSE ended_at END
     WHERE id = $1`,
    [
      attempt.id,
      report.reportSeq,
      advances,
      report.state,
      report.reason ?? null,
      report.detail ?? null,
      report.lastSeqs ? JSON.stringify(report.lastSeqs) : null,
      isBotStatusTerminal(report.state),
      report.confidence ?? null,
      report.signs ? JSON.stringify(report.signs) : null,
    ],
  );
  if (report.reason === 'auth_required') await noteIdentityRefused(tx, attempt.meetingId);
  const clockOriginMs = await settleClock(tx, { attempt, origin }, report);
  if (advances) {
    await appendEvent(tx, attempt.meetingId, {
      body: {
        type: 'bot.status',
        attempt: attempt.attempt,
        status: report.state,
        reason: report.reason ?? null,
        message: report.reason ? describeEndReason(report.reason) : null,
      },
    });
  }
  return { kind: 'recorded', clockOriginMs };
}

/** Sets the meeting's clock on the first `in_meeting`; on a later one says what went unheard. */
async function settleClock(
  tx: Queryable,
  { attempt, origin }: { attempt: Attempt; origin: Date | null },
  report: BotReport,
): Promise<number | null> {
  if (report.state !== 'in_meeting') return origin?.getTime() ?? null;
  if (!origin) {
    const atMs = Math.min(report.atMs, Date.now());
    await tx.query(
      `UPDATE meetings SET clock_origin = $2, actual_start = coalesce(actual_start, $2)
       WHERE id = $1`,
      [attempt.meetingId, new Date(atMs)],
    );
    return atMs;
  }
  const previous = await findLastHearing(tx, attempt.meetingId, attempt.attempt);
  if (previous) {
    // whoever is still there is seen joining again by this attempt
    await tx.query(
      'UPDATE participants SET leave_time = $2 WHERE meeting_id = $1 AND leave_time IS NULL',
      [attempt.meetingId, previous.until],
    );
    const since = (at: number) => Math.max(0, Math.round(at - origin.getTime()));
    await appendEvent(tx, attempt.meetingId, {
      body: {
        type: 'gap',
        startMs: since(previous.until.getTime()),
        endMs: since(Math.max(report.atMs, previous.until.getTime())),
        attempt: previous.attempt,
        reason: previous.reason ?? 'unknown',
      },
      dedupeKey: `gap:${attempt.attempt}`,
    });
  }
  return origin.getTime();
}

/** Whether an earlier attempt was in the call with others until at most `withinMs` ago. */
export async function isRejoin(
  db: Queryable,
  key: { meetingId: number; attempt: number },
  withinMs: number,
): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM bot_attempts a WHERE a.meeting_id = $1 AND a.attempt < $2
       AND a.joined_at IS NOT NULL
       AND coalesce(a.ended_at, a.last_heartbeat_at) > now() - $3 * interval '1 millisecond'
       AND EXISTS (SELECT 1 FROM participants p WHERE p.meeting_id = $1 AND p.role <> 'bot'
         AND p.join_time < coalesce(a.ended_at, a.last_heartbeat_at)
         AND (p.leave_time IS NULL OR p.leave_time > a.joined_at))
     LIMIT 1`,
    [key.meetingId, key.attempt, withinMs],
  );
  return rows.length > 0;
}

/** Records an ending that the bot did not report itself; a reported one stays as it is. */
export async function recordUnreportedEnd(
  db: Database,
  key: { meetingId: number; attempt: number },
  { reason, detail }: { reason: EndReason; detail?: string | undefined },
): Promise<void> {
  // what somebody wanted is no failure, also when the bot had to be ended from outside
  const status = isRelaunchable(reason) ? 'failed' : 'ended';
  await db.transaction(async (tx) => {
    const { rows } = await tx.query<{ attempt: number }>(
      `UPDATE bot_attempts SET status = $4, reason = $3, detail = coalesce($5, detail),
         ended_at = coalesce(ended_at, now())
       WHERE meeting_id = $1 AND attempt = $2 AND status NOT IN ('ended', 'failed')
       RETURNING attempt`,
      [key.meetingId, key.attempt, reason, status, detail ?? null],
    );
    if (!rows[0]) return;
    await appendEvent(tx, key.meetingId, {
      body: {
        type: 'bot.status',
        attempt: key.attempt,
        status,
        reason,
        message: describeEndReason(reason),
      },
    });
  });
}

/** Notes that a bot is alive. Returns false when its attempt is fenced or unknown. */
export async function recordHeartbeat(
  db: Queryable,
  key: { meetingId: number; launchId: string },
  heartbeat: BotHeartbeat,
): Promise<boolean> {
  const { rows } = await db.query(
    `UPDATE bot_attempts SET last_heartbeat_at = now(), heartbeat = $3::jsonb
     WHERE meeting_id = $1 AND launch_id = $2 AND fenced_at IS NULL RETURNING id`,
    [key.meetingId, key.launchId, JSON.stringify(heartbeat)],
  );
  return rows.length > 0;
}

/** Whether an attempt of this meeting has said that the bot declared itself in the chat. */
export async function hasSentEntryMessage(db: Queryable, meetingId: number): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM bot_attempts
     WHERE meeting_id = $1 AND (heartbeat ->> 'hasSentEntryMessage')::boolean LIMIT 1`,
    [meetingId],
  );
  return rows.length > 0;
}
