import { describeEndReason, type EndReason } from '../../domain/end-reasons';
import { isMeetingActive, type BotStatus, type MeetingStatus } from '../../domain/statuses';
import type { Database, Queryable } from './client';
import { appendEvent } from './events';
import { announceCommands } from './commands';
import { failOpenTalkCommands } from './talk-commands';

/** What `meetingWorkflow` decided; absent fields stay as they are. */
export interface MeetingProjection {
  meetingId: number;
  /** Workflow time of the decision, epoch ms; it orders projections and makes each idempotent. */
  decidedAtMs: number;
  status?: MeetingStatus;
  botStatus?: BotStatus;
  reason?: EndReason | null;
}

/**
 * Writes the workflow's decision into the meeting's row and its change onto the cursor. An older
 * decision that arrives late, or one for a deleted meeting, changes nothing.
 */
export async function projectMeeting(db: Database, projection: MeetingProjection): Promise<void> {
  const decidedAt = new Date(projection.decidedAtMs);
  const setsReason = projection.reason !== undefined;
  await db.transaction(async (tx) => {
    const { rows } = await tx.query<{
      before: MeetingStatus;
      after: MeetingStatus;
    }>(
      `UPDATE meetings m SET projected_at = $2, updated_at = now(),
         status = coalesce($3, m.status), bot_status = coalesce($4, m.bot_status),
         reason = CASE WHEN $5 THEN $6 ELSE m.reason END,
         actual_end = CASE WHEN $3 IN ('completed', 'failed', 'cancelled') THEN $2
           WHEN $3 IN ('joining', 'live') THEN NULL ELSE m.actual_end END
       FROM (SELECT id, status FROM meetings WHERE id = $1 FOR NO KEY UPDATE) old
       WHERE m.id = old.id AND m.deleted_at IS NULL
         AND (m.projected_at IS NULL OR m.projected_at < $2)
         -- a run that never sent a bot does not undo what an earlier one completed
         AND NOT (m.status = 'completed' AND coalesce($3, '') IN ('failed', 'cancelled'))
       RETURNING old.status AS before, m.status AS after`,
      [
        projection.meetingId,
        decidedAt,
        projection.status ?? null,
        projection.botStatus ?? null,
        setsReason,
        projection.reason ?? null,
      ],
    );
    const change = rows[0];
    if (!change || change.before === change.after) return;
    const reason = projection.reason ?? null;
    // rows before the cursor, as everywhere
    const failed = isOver(change.after) ? await failOpenTalkCommands(tx, projection.meetingId) : [];
    if (!isMeetingActive(change.after)) await announceTranscript(tx, projection.meetingId);
    await appendEvent(tx, projection.meetingId, {
      body: {
        type: 'meeting.status',
        status: change.after,
        reason,
        message: reason === null ? null : describeEndReason(reason),
      },
    });
    await announceCommands(tx, projection.meetingId, failed);
  });
}

/** Says that the transcript is written as far as it was heard, where anything was heard. */
async function announceTranscript(tx: Queryable, meetingId: number): Promise<void> {
  const { rows } = await tx.query<{ version: number; segments: number }>(
    `SELECT m.transcript_version AS version, count(t.id)::int AS segments
     FROM meetings m JOIN transcriptions t ON t.meeting_id = m.id AND t.version = m.transcript_version
     WHERE m.id = $1 GROUP BY m.id`,
    [meetingId],
  );
  if (rows[0]) await appendEvent(tx, meetingId, { body: { type: 'transcript.ready', ...rows[0] } });
}

/** No bot comes back into the call, whatever is still to be done about what was heard. */
function isOver(status: MeetingStatus): boolean {
  return status === 'processing' || !isMeetingActive(status);
}

/**
 * Marks a meeting as deleted: it is hidden at once, its intake is closed and its attempts are
 * fenced, all in one transaction. Returns false when the owner has no such meeting.
 */
export async function markMeetingDeleted(
  db: Database,
  key: { meetingId: number; userId: number },
): Promise<boolean> {
  const marked = await db.transaction((tx) => markMeetingsDeleted(tx, key));
  return marked.length > 0;
}

/** The same for one or all meetings of a user. Call it in a transaction; returns their ids. */
export async function markMeetingsDeleted(
  tx: Queryable,
  { userId, meetingId = null }: { userId: number; meetingId?: number | null },
): Promise<number[]> {
  const { rows } = await tx.query<{ id: number }>(
    `UPDATE meetings SET deleted_at = now()
     WHERE user_id = $1 AND ($2::int IS NULL OR id = $2) AND deleted_at IS NULL RETURNING id`,
    [userId, meetingId],
  );
  const marked = [rows.map(({ id }) => id)];
  // an occurrence that somebody deleted is not made again
  await tx.query(
    `INSERT INTO schedule_exceptions (schedule_id, occurrence_start)
     SELECT schedule_id, occurrence_start FROM meetings
     WHERE id = ANY($1) AND schedule_id IS NOT NULL AND occurrence_start > now()
     ON CONFLICT (schedule_id, occurrence_start) DO UPDATE SET moved_to = NULL`,
    marked,
  );
  await tx.query(
    `UPDATE meeting_intakes SET closed_at = now()
     WHERE meeting_id = ANY($1) AND closed_at IS NULL`,
    marked,
  );
  await tx.query(
    `UPDATE bot_attempts SET fenced_at = now() WHERE meeting_id = ANY($1) AND fenced_at IS NULL`,
    marked,
  );
  await tx.query(
    `INSERT INTO deletion_receipts (meeting_id, user_id, requested_at)
     SELECT id, user_id, deleted_at FROM meetings WHERE id = ANY($1)
     ON CONFLICT (meeting_id) DO NOTHING`,
    marked,
  );
  return rows.map(({ id }) => id);
}

/** Makes the rows that a new meeting needs besides its own. Call it in the creating transaction. */
export async function makeCursor(db: Queryable, meetingId: number): Promise<void> {
  await db.query(
    'INSERT INTO meeting_cursors (meeting_id) VALUES ($1) ON CONFLICT (meeting_id) DO NOTHING',
    [meetingId],
  );
}
