import type { Database } from './client';

/**
 * Gives a meeting's failed chunks to transcription again, with all their tries. Of two calls at the
 * same time one takes them. Null when the user has no such meeting, or it is deleted.
 */
export async function retryFailedChunks(
  db: Database,
  key: { meetingId: number; userId: number },
): Promise<{ retried: number; version: number } | null> {
  return db.transaction(async (tx) => {
    // A deletion waits for this, or is seen.
    const meeting = await tx.query<{ version: number }>(
      `SELECT transcript_version AS version FROM meetings
       WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL FOR SHARE`,
      [key.meetingId, key.userId],
    );
    if (!meeting.rows[0]) return null;
    const { rows } = await tx.query(
      `UPDATE audio_chunks SET status = 'pending', failure_reason = NULL, failed_attempts = 0,
         acknowledged_at = now()
       WHERE meeting_id = $1 AND status = 'failed' RETURNING id`,
      [key.meetingId],
    );
    return { retried: rows.length, version: meeting.rows[0].version };
  });
}
