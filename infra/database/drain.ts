import type { Queryable } from './client';

export interface AwaitedChunks {
  /** Chunks that a terminal report had named and that have not arrived. */
  missing: number;
  /** Nothing is worth waiting for any more. */
  isGraceOver: boolean;
}

/**
 * What a meeting's bots still owe: chunks below the `lastSeqs` of a terminal report, for
 * `drainGraceMs` after it; anything at all from a bot that ended without one, for `spoolGraceMs`.
 * Both graces in milliseconds. Null when the meeting is deleted.
 */
export async function countAwaitedChunks(
  db: Queryable,
  input: { meetingId: number; drainGraceMs: number; spoolGraceMs: number },
): Promise<AwaitedChunks | null> {
  const { rows } = await db.query<{ deleted: boolean; missing: number; waiting: boolean | null }>(
    `WITH owed AS (
       SELECT a.ended_at, a.last_seqs,
         (SELECT coalesce(sum(named.last::int - (
            SELECT count(*) FROM audio_chunks c
            WHERE c.attempt_id = a.id AND c.track = named.track AND c.seq <= named.last::int)), 0)
          FROM jsonb_each_text(a.last_seqs) AS named(track, last))::int AS missing
       FROM bot_attempts a WHERE a.meeting_id = $1 AND a.joined_at IS NOT NULL)
     SELECT m.deleted_at IS NOT NULL AS deleted,
       (SELECT coalesce(sum(missing), 0)::int FROM owed) AS missing,
       (SELECT bool_or(CASE
          WHEN last_seqs IS NULL THEN now() < ended_at + $3 * interval '1 millisecond'
          ELSE missing > 0 AND now() < ended_at + $2 * interval '1 millisecond' END)
        FROM owed) AS waiting
     FROM meetings m WHERE m.id = $1`,
    [input.meetingId, input.drainGraceMs, input.spoolGraceMs],
  );
  const row = rows[0];
  if (!row || row.deleted) return null;
  return { missing: row.missing, isGraceOver: row.waiting !== true };
}

/** Whether an attempt's last report named chunks that have not come. */
export async function hasMissingChunks(
  db: Queryable,
  key: { meetingId: number; attempt: number },
): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM bot_attempts a CROSS JOIN LATERAL jsonb_each_text(a.last_seqs) named(track, seq)
     WHERE a.meeting_id = $1 AND a.attempt = $2 AND named.seq::int > (
       SELECT count(*) FROM audio_chunks c WHERE c.attempt_id = a.id AND c.track = named.track)
     LIMIT 1`,
    [key.meetingId, key.attempt],
  );
  return rows.length > 0;
}
