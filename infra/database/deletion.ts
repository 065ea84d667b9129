import type { Database, Queryable } from './client';
import { keepUsage } from './usage';

/** What a meeting's workflows besides its own are named after. */
export interface StoryParts {
  transcriptVersions: number[];
  analysisRuns: number[];
}

/** The versions and runs that may have had workflows. */
export async function listStoryParts(db: Queryable, meetingId: number): Promise<StoryParts> {
  const { rows } = await db.query<{ version: number | null; runs: number[] | null }>(
    `SELECT (SELECT transcript_version FROM meetings WHERE id = $1) AS version,
       (SELECT array_agg(run ORDER BY run) FROM analysis_results WHERE meeting_id = $1) AS runs`,
    [meetingId],
  );
  const newest = rows[0]?.version ?? 1;
  return {
    transcriptVersions: Array.from({ length: newest }, (_, index) => index + 1),
    analysisRuns: rows[0]?.runs ?? [],
  };
}

/** Tables whose rows go with the meeting, as the receipt counts them. */
const COUNTED_TABLES = [
  'audio_chunks',
  'transcriptions',
  'participants',
  'meeting_events',
  'analysis_results',
] as const;

/**
 * Deletes a meeting that is marked as deleted, with all that hangs on it, and writes the receipt.
 * A meeting that is gone already leaves its receipt as it is.
 */
export async function deleteMeetingRows(
  db: Database,
  { meetingId, objects }: { meetingId: number; objects: number },
): Promise<void> {
  await db.transaction(async (tx) => {
    // of two that run at the same time the second finds nothing to count
    const marked = await tx.query(
      'SELECT 1 FROM meetings WHERE id = $1 AND deleted_at IS NOT NULL FOR UPDATE',
      [meetingId],
    );
    if (marked.rows.length === 0) return;
    await keepUsage(tx, meetingId);
    const counts: Record<string, number> = { objects };
    for (const table of COUNTED_TABLES) {
      const { rows } = await tx.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM ${table} WHERE meeting_id = $1`,
        [meetingId],
      );
      counts[table] = rows[0]?.count ?? 0;
    }
    const { rows } = await tx.query<{ user_id: number; deleted_at: Date }>(
      `DELETE FROM meetings WHERE id = $1 AND deleted_at IS NOT NULL
       RETURNING user_id, deleted_at`,
      [meetingId],
    );
    const meeting = rows[0];
    if (!meeting) return;
    await tx.query(
      `INSERT INTO deletion_receipts (meeting_id, user_id, requested_at, deleted_at, counts)
       VALUES ($1, $2, $3, now(), $4::jsonb)
       ON CONFLICT (meeting_id) DO UPDATE SET deleted_at = now(), counts = $4::jsonb`,
      [meetingId, meeting.user_id, meeting.deleted_at, JSON.stringify(counts)],
    );
  });
}

/** Notes on the receipt that nothing can come any more and that the rest was swept. */
export async function noteSweep(db: Queryable, meetingId: number): Promise<void> {
  await db.query('UPDATE deletion_receipts SET swept_at = now() WHERE meeting_id = $1', [
    meetingId,
  ]);
}
