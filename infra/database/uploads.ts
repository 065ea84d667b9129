import type { Database, Queryable } from './client';
import { appendEvent } from './events';
import { beginHearing } from './sources';

export type UploadState = 'receiving' | 'received' | 'decoded' | 'failed' | 'cancelled';

/** A file that a meeting is made of. */
export interface UploadRow {
  meetingId: number;
  fileName: string | null;
  sizeBytes: number;
  receivedBytes: number;
  status: UploadState;
  durationMs: number | null;
  decodedMs: number;
  percent: number;
  createdAt: Date;
  updatedAt: Date;
}

const UPLOAD = `u.meeting_id AS "meetingId", u.file_name AS "fileName",
  u.size_bytes::float8 AS "sizeBytes", u.received_bytes::float8 AS "receivedBytes", u.status,
  u.duration_ms AS "durationMs", u.decoded_ms AS "decodedMs", u.percent,
  u.created_at AS "createdAt", u.updated_at AS "updatedAt"`;

/** Makes an upload of a new meeting; call it in the transaction that makes the meeting. */
export async function insertUpload(
  tx: Queryable,
  upload: { meetingId: number; fileName: string | null; sizeBytes: number },
): Promise<UploadRow> {
  const { rows } = await tx.query<UploadRow>(
    `INSERT INTO uploads AS u (meeting_id, file_name, size_bytes) VALUES ($1, $2, $3)
     RETURNING ${UPLOAD}`,
    [upload.meetingId, upload.fileName, upload.sizeBytes],
  );
  if (!rows[0]) throw new Error('Expected the insert of an upload to return its row');
  return rows[0];
}

/** A meeting's upload, or null. */
export async function findUpload(db: Queryable, meetingId: number): Promise<UploadRow | null> {
  const { rows } = await db.query<UploadRow>(
    `SELECT ${UPLOAD} FROM uploads u JOIN meetings m ON m.id = u.meeting_id
     WHERE u.meeting_id = $1 AND m.deleted_at IS NULL`,
    [meetingId],
  );
  return rows[0] ?? null;
}

/** Uploads of a user that are being sent or processed; judged as `countRunningRecorders` is. */
export async function countOpenUploads(tx: Queryable, userId: number): Promise<number> {
  await tx.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
  const { rows } = await tx.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM uploads u JOIN meetings m ON m.id = u.meeting_id
     WHERE m.user_id = $1 AND m.deleted_at IS NULL AND u.status NOT IN ('failed', 'cancelled')
       AND m.status NOT IN ('completed', 'failed', 'cancelled')`,
    [userId],
  );
  return rows[0]?.count ?? 0;
}

export interface NewPart {
  meetingId: number;
  startByte: number;
  sizeBytes: number;
  objectKey: string;
}

/**
 * Acknowledges a part that stands in the audio store. It counts when it begins where all others
 * end; the last one makes the file whole and begins its hearing. Null when it does not count: other
 * bytes came first, or nothing is taken any more.
 */
export async function appendPart(db: Database, part: NewPart): Promise<UploadRow | null> {
  return db.transaction(async (tx) => {
    const meeting = await tx.query(
      'SELECT 1 FROM meetings WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE',
      [part.meetingId],
    );
    if (!meeting.rows[0]) return null;
    const { rows } = await tx.query<UploadRow>(
      `UPDATE uploads u SET received_bytes = received_bytes + $3, updated_at = now(),
         status = CASE WHEN received_bytes + $3 = size_bytes THEN 'received' ELSE status END
       WHERE meeting_id = $1 AND received_bytes = $2 AND status = 'receiving'
         AND received_bytes + $3 <= size_bytes RETURNING ${UPLOAD}`,
      [part.meetingId, part.startByte, part.sizeBytes],
    );
    const upload = rows[0];
    if (!upload) return null;
    await tx.query(
      `INSERT INTO upload_parts (meeting_id, start_byte, size_bytes, object_key)
       VALUES ($1, $2, $3, $4)`,
      [part.meetingId, part.startByte, part.sizeBytes, part.objectKey],
    );
    if (upload.status === 'received') await beginHearing(tx, part.meetingId);
    return upload;
  });
}

/** Keys of a file's parts, from its first byte on. */
export async function listUploadParts(db: Queryable, meetingId: number): Promise<string[]> {
  const { rows } = await db.query<{ key: string }>(
    'SELECT object_key AS key FROM upload_parts WHERE meeting_id = $1 ORDER BY start_byte',
    [meetingId],
  );
  return rows.map(({ key }) => key);
}

/** Forgets a file's parts once their objects are gone. */
export async function forgetUploadParts(db: Queryable, meetingId: number): Promise<void> {
  await db.query('DELETE FROM upload_parts WHERE meeting_id = $1', [meetingId]);
}

/** Takes no more bytes of a file that is still being sent; false when it is not. */
export async function closeUpload(
  db: Queryable,
  meetingId: number,
  status: 'cancelled' | 'failed',
): Promise<boolean> {
  const { rows } = await db.query(
    `UPDATE uploads SET status = $2 WHERE meeting_id = $1 AND status = 'receiving' RETURNING 1`,
    [meetingId, status],
  );
  return rows.length > 0;
}

/** Notes what became of a file that had come; the first that is noted stays. */
export async function settleUpload(
  db: Queryable,
  meetingId: number,
  status: 'decoded' | 'failed' | 'cancelled',
): Promise<void> {
  await db.query(
    `UPDATE uploads SET status = $2, duration_ms = CASE WHEN $2 = 'decoded' THEN decoded_ms
       ELSE duration_ms END
     WHERE meeting_id = $1 AND (status = 'received' OR (status = 'decoded' AND $2 <> 'decoded'))`,
    [meetingId, status],
  );
}

/** Notes how far a file is decoded, and how long it says that it is. */
export async function noteDecoded(
  db: Queryable,
  meetingId: number,
  { decodedMs, durationMs }: { decodedMs: number; durationMs: number | null },
): Promise<void> {
  await db.query(
    `UPDATE uploads SET decoded_ms = greatest(decoded_ms, $2),
       duration_ms = coalesce($3, duration_ms) WHERE meeting_id = $1`,
    [meetingId, Math.round(decodedMs), durationMs === null ? null : Math.round(durationMs)],
  );
}

/** The chunk that a decoder goes on after: its number and where it ends. */
export async function findLastFileChunk(
  db: Queryable,
  attemptId: number,
): Promise<{ seq: number; endMs: number }> {
  const { rows } = await db.query<{ seq: number; endMs: number }>(
    `SELECT seq, end_ms AS "endMs" FROM audio_chunks WHERE attempt_id = $1 ORDER BY seq DESC LIMIT 1`,
    [attemptId],
  );
  return rows[0] ?? { seq: 0, endMs: 0 };
}

/** Events on the cursor come at each of these steps. */
const EVENT_STEP_PERCENT = 5;
/** Decoding is a small part of the work; the rest is transcription. */
const DECODING_PERCENT = 10;

/**
 * Measures how far a file is, and writes that down where it has grown; at each step it says so on
 * the cursor. Returns the percent, 100 once all that was decoded is transcribed or given up.
 */
export async function measureUpload(db: Database, meetingId: number): Promise<number> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{
      percent: number;
      status: UploadState;
      decoded: number;
      heard: number;
    }>(
      `SELECT u.percent, u.status,
         CASE WHEN u.status = 'decoded' THEN 1
           ELSE least(u.decoded_ms::float8 / nullif(u.duration_ms, 0), 1) END AS decoded,
         coalesce((SELECT sum(CASE WHEN c.status = 'pending' THEN 0 ELSE c.end_ms - c.start_ms END)
           / nullif(sum(c.end_ms - c.start_ms), 0)::float8
           FROM audio_chunks c WHERE c.meeting_id = u.meeting_id),
           CASE WHEN u.status = 'decoded' THEN 1 ELSE 0 END) AS heard
       FROM uploads u WHERE u.meeting_id = $1 FOR NO KEY UPDATE`,
      [meetingId],
    );
    const row = rows[0];
    if (!row) return 0;
    const decoded = row.decoded ?? 0;
    const share = DECODING_PERCENT * decoded + (100 - DECODING_PERCENT) * decoded * row.heard;
    const percent = Math.max(row.percent, Math.floor(share));
    if (percent === row.percent) return percent;
    await tx.query('UPDATE uploads SET percent = $2 WHERE meeting_id = $1', [meetingId, percent]);
    const step = Math.floor(percent / EVENT_STEP_PERCENT);
    if (step > Math.floor(row.percent / EVENT_STEP_PERCENT)) {
      await appendEvent(tx, meetingId, { body: { type: 'upload.progress', percent } });
    }
    return percent;
  });
}

/** Uploads that nobody has sent a byte of for longer than `olderThanMs`. */
export async function listAbandonedUploads(db: Queryable, olderThanMs: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT u.meeting_id AS id FROM uploads u JOIN meetings m ON m.id = u.meeting_id
     WHERE u.status = 'receiving' AND m.deleted_at IS NULL
       AND u.updated_at < now() - $1 * interval '1 millisecond'
     ORDER BY u.updated_at LIMIT 100`,
    [olderThanMs],
  );
  return rows.map(({ id }) => id);
}

/** Uploads that are over and whose parts still stand in the audio store. */
export async function listUploadsToClear(db: Queryable): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT u.meeting_id AS id FROM uploads u
     WHERE u.status IN ('decoded', 'failed', 'cancelled')
       AND EXISTS (SELECT 1 FROM upload_parts p WHERE p.meeting_id = u.meeting_id)
     ORDER BY u.meeting_id LIMIT 100`,
  );
  return rows.map(({ id }) => id);
}
