import type { Queryable } from './client';

/** What became of something that a bot saw in the call. */
export type SightingResult = 'recorded' | 'superseded' | 'meeting_deleted';

export interface AttemptKey {
  meetingId: number;
  launchId: string;
}

/** Keeps two requests of one attempt apart, and tells whether the attempt may still write. */
export async function lockAttempt(
  tx: Queryable,
  key: AttemptKey,
): Promise<Exclude<SightingResult, 'recorded'> | null> {
  const meeting = await tx.query(
    'SELECT 1 FROM meetings WHERE id = $1 AND deleted_at IS NULL FOR KEY SHARE',
    [key.meetingId],
  );
  if (meeting.rows.length === 0) return 'meeting_deleted';
  const attempt = await tx.query(
    `SELECT 1 FROM bot_attempts
     WHERE meeting_id = $1 AND launch_id = $2 AND fenced_at IS NULL FOR NO KEY UPDATE`,
    [key.meetingId, key.launchId],
  );
  return attempt.rows.length === 0 ? 'superseded' : null;
}
