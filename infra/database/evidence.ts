import type { EvidenceName } from '../../domain/bot-api';
import type { Database, Queryable } from './client';

/** How long it is kept what a failed join looked like. */
export const EVIDENCE_DAYS = 14;

/** A piece of evidence of one attempt. */
export interface Evidence {
  attemptId: number;
  name: EvidenceName;
  contentType: string;
  sizeBytes: number;
  objectKey: string;
  createdAt: Date;
}

const COLUMNS = `e.attempt_id AS "attemptId", e.name, e.content_type AS "contentType",
  e.size_bytes AS "sizeBytes", e.object_key AS "objectKey", e.created_at AS "createdAt"`;

export type EvidenceResult =
  | { kind: 'kept'; /** The object that this one replaced. */ replacedKey: string | null }
  | { kind: 'meeting_deleted' };

/** Keeps a piece of evidence; one of the same name is replaced. */
export async function keepEvidence(
  db: Database,
  meetingId: number,
  evidence: Omit<Evidence, 'createdAt'>,
): Promise<EvidenceResult> {
  return db.transaction(async (tx) => {
    // the same lock that every report takes: two uploads of one name come one after the other
    const attempt = await tx.query(
      `SELECT 1 FROM bot_attempts a JOIN meetings m ON m.id = a.meeting_id
       WHERE a.id = $1 AND m.id = $2 AND m.deleted_at IS NULL FOR NO KEY UPDATE OF m`,
      [evidence.attemptId, meetingId],
    );
    if (!attempt.rows[0]) return { kind: 'meeting_deleted' };
    const old = await tx.query<{ key: string }>(
      'SELECT object_key AS key FROM attempt_evidence WHERE attempt_id = $1 AND name = $2',
      [evidence.attemptId, evidence.name],
    );
    await tx.query(
      `INSERT INTO attempt_evidence (attempt_id, name, content_type, size_bytes, object_key)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (attempt_id, name) DO UPDATE SET content_type = excluded.content_type,
         size_bytes = excluded.size_bytes, object_key = excluded.object_key, created_at = now()`,
      [
        evidence.attemptId,
        evidence.name,
        evidence.contentType,
        evidence.sizeBytes,
        evidence.objectKey,
      ],
    );
    return { kind: 'kept', replacedKey: old.rows[0]?.key ?? null };
  });
}

/** Everything that is kept of a meeting's attempts, by name. */
export async function listEvidence(db: Queryable, meetingId: number): Promise<Evidence[]> {
  const { rows } = await db.query<Evidence>(
    `SELECT ${COLUMNS} FROM attempt_evidence e JOIN bot_attempts a ON a.id = e.attempt_id
     WHERE a.meeting_id = $1 ORDER BY e.attempt_id, e.name`,
    [meetingId],
  );
  return rows;
}

/** One piece of evidence, or null. */
export async function findEvidence(
  db: Queryable,
  key: { meetingId: number; attempt: number; name: EvidenceName },
): Promise<Evidence | null> {
  const { rows } = await db.query<Evidence>(
    `SELECT ${COLUMNS} FROM attempt_evidence e JOIN bot_attempts a ON a.id = e.attempt_id
     WHERE a.meeting_id = $1 AND a.attempt = $2 AND e.name = $3`,
    [key.meetingId, key.attempt, key.name],
  );
  return rows[0] ?? null;
}

/** Evidence that has been kept long enough, at most `limit` pieces, oldest first. */
export async function listOldEvidence(
  db: Queryable,
  limit: number,
): Promise<{ id: number; objectKey: string }[]> {
  const { rows } = await db.query<{ id: number; objectKey: string }>(
    `SELECT id, object_key AS "objectKey" FROM attempt_evidence
     WHERE created_at < now() - $1 * interval '1 day' ORDER BY created_at LIMIT $2`,
    [EVIDENCE_DAYS, limit],
  );
  return rows;
}

/** Forgets a piece of evidence, unless other bytes took its place meanwhile. */
export async function forgetEvidence(
  db: Queryable,
  evidence: { id: number; objectKey: string },
): Promise<void> {
  await db.query('DELETE FROM attempt_evidence WHERE id = $1 AND object_key = $2', [
    evidence.id,
    evidence.objectKey,
  ]);
}
