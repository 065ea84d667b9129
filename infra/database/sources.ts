import { randomUUID } from 'node:crypto';
import type { EndReason } from '../../domain/end-reasons';
import { leavePolicySchema } from '../../domain/leave-policy';
import { beginAttemptIn } from './attempts';
import { openIntake } from './intakes';
import type { Database, Queryable } from './client';
import { appendEvent } from './events';
import { COLUMNS, MADE, type MeetingRow } from './meeting-records';
import { makeCursor } from './meetings';

/** A meeting that no bot hears. */
export interface NewSourceMeeting {
  userId: number;
  source: 'recorder' | 'upload';
  title: string | null;
  botName: string;
  language: string | null;
  /** When its first second was recorded, where that is known. */
  startedAt: Date | null;
}

/** Makes a meeting without a bot, with its cursor; call it in a transaction. */
export async function insertSourceMeeting(
  tx: Queryable,
  { userId, source, title, botName, language, startedAt }: NewSourceMeeting,
): Promise<MeetingRow> {
  const { rows } = await tx.query<MeetingRow>(
    `INSERT INTO meetings (user_id, source, platform, title, bot_name, language, leave_policy,
       actual_start)
     VALUES ($1, $2, 'none', $3, $4, $5, $6::jsonb, $7) RETURNING ${COLUMNS}`,
    [
      userId,
      source,
      title,
      botName,
      language,
      JSON.stringify(leavePolicySchema.parse({})),
      startedAt,
    ],
  );
  const row = rows[0];
  if (!row) throw new Error('Expected the insert of a meeting to return its row');
  await makeCursor(tx, row.id);
  await appendEvent(tx, row.id, { body: MADE });
  return row;
}

/**
 * Begins the hearing of a meeting without a bot: its one attempt, its clock and its intake, so that
 * chunks need neither a worker nor Temporal. Call it in a transaction that holds the meeting's row.
 */
export async function beginHearing(tx: Queryable, meetingId: number): Promise<MeetingRow> {
  await beginAttemptIn(tx, { meetingId, launchId: randomUUID(), detail: null });
  await tx.query(
    `UPDATE bot_attempts SET status = 'in_meeting', joined_at = now(), last_heartbeat_at = now()
     WHERE meeting_id = $1`,
    [meetingId],
  );
  const { rows } = await tx.query<MeetingRow>(
    `UPDATE meetings SET clock_origin = coalesce(actual_start, now()),
       actual_start = coalesce(actual_start, now()) WHERE id = $1 RETURNING ${COLUMNS}`,
    [meetingId],
  );
  await openIntake(tx, meetingId);
  if (!rows[0]) throw new Error(`Expected a meeting with the id ${meetingId}`);
  return rows[0];
}

/** Ends the hearing; what ended it first stays. Returns false when it had ended, or never begun. */
export async function endHearing(
  db: Queryable,
  meetingId: number,
  { reason, lastSeqs }: { reason: EndReason | null; lastSeqs?: Record<string, number> },
): Promise<boolean> {
  const { rows } = await db.query(
    `UPDATE bot_attempts SET status = 'ended', ended_at = now(), reason = $2,
       last_seqs = coalesce($3::jsonb, last_seqs)
     WHERE meeting_id = $1 AND status NOT IN ('ended', 'failed') RETURNING 1`,
    [meetingId, reason, lastSeqs ? JSON.stringify(lastSeqs) : null],
  );
  return rows.length > 0;
}

/** What is known of a recorder in a browser. */
export interface RecorderState {
  isOver: boolean;
  reason: EndReason | null;
  /** Since its last chunk or sign of life. */
  silentMs: number;
}

/** Reads how a recorder does; null when the meeting is deleted. */
export async function readRecorder(
  db: Queryable,
  meetingId: number,
): Promise<RecorderState | null> {
  const { rows } = await db.query<RecorderState>(
    `SELECT a.status IN ('ended', 'failed') AS "isOver", a.reason,
       (extract(epoch FROM now() - greatest(a.last_heartbeat_at, (
         SELECT max(c.acknowledged_at) FROM audio_chunks c WHERE c.attempt_id = a.id))) * 1000)::float8
       AS "silentMs"
     FROM bot_attempts a JOIN meetings m ON m.id = a.meeting_id
     WHERE a.meeting_id = $1 AND m.deleted_at IS NULL ORDER BY a.attempt DESC LIMIT 1`,
    [meetingId],
  );
  return rows[0] ?? null;
}

/** Notes that a user's recorder is there; false when it is over. */
export async function noteRecorder(
  db: Queryable,
  key: { meetingId: number; userId: number },
): Promise<boolean> {
  const { rows } = await db.query(
    `UPDATE bot_attempts a SET last_heartbeat_at = now() FROM meetings m
     WHERE a.meeting_id = $1 AND m.id = $1 AND m.user_id = $2 AND m.deleted_at IS NULL
       AND a.status NOT IN ('ended', 'failed') RETURNING 1`,
    [key.meetingId, key.userId],
  );
  return rows.length > 0;
}

/** How many recorders of a user run; whoever asks in a transaction is judged after those before. */
export async function countRunningRecorders(tx: Queryable, userId: number): Promise<number> {
  await tx.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
  const { rows } = await tx.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM meetings m JOIN bot_attempts a ON a.meeting_id = m.id
     WHERE m.user_id = $1 AND m.source = 'recorder' AND m.deleted_at IS NULL
       AND a.status NOT IN ('ended', 'failed')`,
    [userId],
  );
  return rows[0]?.count ?? 0;
}

/** Gives up what of a meeting waits to be transcribed: its owner cancelled it. */
export async function dropPendingChunks(db: Database, meetingId: number): Promise<number> {
  const { rows } = await db.query(
    `UPDATE audio_chunks SET status = 'failed', failure_reason = 'cancelled'
     WHERE meeting_id = $1 AND status = 'pending' RETURNING 1`,
    [meetingId],
  );
  return rows.length;
}
