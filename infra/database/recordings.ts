import type { Database, Queryable } from './client';
import { appendEvent } from './events';

/** A part as it arrives; its bytes already stand in the audio store under `objectKey`. */
export interface NewRecordingPart {
  meetingId: number;
  attemptId: number;
  seq: number;
  /** Server time of its first and after its last sample. */
  startAt: Date;
  endAt: Date;
  sizeBytes: number;
  sha256: string;
  objectKey: string;
}

export type PartInsertResult =
  | 'accepted'
  | 'already_accepted'
  | 'hash_conflict'
  | 'superseded'
  | 'intake_closed'
  | 'meeting_deleted';

/**
 * Takes a part of a recording. Fence and intake are judged as for chunks, by the statement that
 * inserts. From the first part on the
 * meeting says that it is being recorded.
 */
export async function insertRecordingPart(
  db: Database,
  part: NewRecordingPart,
): Promise<PartInsertResult> {
  const { rows } = await db.query(
    `WITH open_intake AS (
       SELECT 1 FROM meeting_intakes WHERE meeting_id = $1 AND closed_at IS NULL FOR SHARE),
     live_attempt AS (
       SELECT 1 FROM bot_attempts
       WHERE id = $2 AND (fenced_at IS NULL OR $4::timestamptz < fenced_at) FOR SHARE),
     made AS (
       INSERT INTO recording_parts (attempt_id, seq, start_at, end_at, size_bytes, sha256, object_key)
       SELECT $2, $3, $4, $5, $6, $7, $8 FROM open_intake, live_attempt
       ON CONFLICT (attempt_id, seq) DO NOTHING RETURNING id)
     SELECT id FROM made`,
    [
      part.meetingId,
      part.attemptId,
      part.seq,
      part.startAt,
      part.endAt,
      part.sizeBytes,
      part.sha256,
      part.objectKey,
    ],
  );
  if (rows.length === 0) return explainRefusal(db, part);
  // by itself, so that its lock on the meeting waits for no other
  await db.query(
    "UPDATE meetings SET recording_status = 'recording' WHERE id = $1 AND recording_status = 'none'",
    [part.meetingId],
  );
  return 'accepted';
}

async function explainRefusal(db: Queryable, part: NewRecordingPart): Promise<PartInsertResult> {
  const { rows } = await db.query<{
    deleted: boolean;
    sha256: string | null;
    fenced: boolean | null;
  }>(
    `SELECT m.deleted_at IS NOT NULL AS deleted, p.sha256, a.fenced_at <= $4::timestamptz AS fenced
     FROM meetings m
     LEFT JOIN bot_attempts a ON a.id = $2
     LEFT JOIN recording_parts p ON p.attempt_id = $2 AND p.seq = $3
     WHERE m.id = $1`,
    [part.meetingId, part.attemptId, part.seq, part.startAt],
  );
  const facts = rows[0];
  if (!facts || facts.deleted) return 'meeting_deleted';
  if (facts.sha256 !== null) {
    return facts.sha256 === part.sha256 ? 'already_accepted' : 'hash_conflict';
  }
  return facts.fenced ? 'superseded' : 'intake_closed';
}

/**
 * Whether there is anything to make a recording of: parts that a bot recorded, or what a recorder in
 * a browser sent.
 */
export async function hasRecordedSound(db: Queryable, meetingId: number): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM recording_parts p JOIN bot_attempts a ON a.id = p.attempt_id
     WHERE a.meeting_id = $1
     UNION ALL
     SELECT 1 FROM audio_chunks c JOIN meetings m ON m.id = c.meeting_id
     WHERE m.id = $1 AND m.source = 'recorder' LIMIT 1`,
    [meetingId],
  );
  return rows.length > 0;
}

/** A part as it lies in the audio store. */
export interface RecordedPart {
  attempt: number;
  /** On the meeting's clock, in milliseconds; below 0 before the clock's origin. */
  startMs: number;
  objectKey: string;
}

/** The parts of a meeting in order; none when it has no clock, is deleted or gone. */
export async function listRecordedParts(db: Queryable, meetingId: number): Promise<RecordedPart[]> {
  const { rows } = await db.query<{
    attempt: number;
    origin: Date;
    start_at: Date;
    object_key: string;
  }>(
    `SELECT a.attempt, m.clock_origin AS origin, p.start_at, p.object_key
     FROM recording_parts p
     JOIN bot_attempts a ON a.id = p.attempt_id
     JOIN meetings m ON m.id = a.meeting_id
     WHERE m.id = $1 AND m.deleted_at IS NULL AND m.clock_origin IS NOT NULL ORDER BY a.attempt, p.seq`,
    [meetingId],
  );
  return rows.map((row) => ({
    attempt: row.attempt,
    startMs: row.start_at.getTime() - row.origin.getTime(),
    objectKey: row.object_key,
  }));
}

/** A chunk of a recorder as it lies in the audio store: WAV, on the meeting's clock. */
export interface RecordedChunk {
  track: string;
  startMs: number;
  objectKey: string;
}

/** What a recorder sent, track by track in order; none for other meetings, or one that is gone. */
export async function listRecordedChunks(
  db: Queryable,
  { meetingId, longestMs }: { meetingId: number; longestMs: number },
): Promise<RecordedChunk[]> {
  const { rows } = await db.query<RecordedChunk>(
    `SELECT c.track, c.start_ms AS "startMs", c.object_key AS "objectKey"
     FROM audio_chunks c JOIN meetings m ON m.id = c.meeting_id
     WHERE m.id = $1 AND m.source = 'recorder' AND m.deleted_at IS NULL AND c.start_ms < $2
     ORDER BY c.track, c.start_ms`,
    [meetingId, longestMs],
  );
  return rows;
}

/** The finished file of a meeting. */
export interface RecordingFile {
  key: string;
  bytes: number;
  durationMs: number;
}

/**
 * Says where the recording stands, on the row and on the cursor; the same again changes nothing.
 * Returns the key of a file that this one replaces. A meeting that is gone changes nothing.
 */
export async function settleRecording(
  db: Database,
  meetingId: number,
  outcome:
    { status: 'assembling' | 'failed' } | { status: 'ready'; file: RecordingFile; url: string },
): Promise<string | null> {
  const { status } = outcome;
  const ready = outcome.status === 'ready' ? outcome : null;
  return db.transaction(async (tx) => {
    const before = await tx.query<{ status: string; key: string | null }>(
      `SELECT recording_status AS status, recording_key AS key FROM meetings
       WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`,
      [meetingId],
    );
    const known = before.rows[0];
    if (!known || (known.status === status && !ready)) return null;
    await tx.query(
      `UPDATE meetings SET recording_status = $2, recording_key = coalesce($3, recording_key),
         recording_bytes = coalesce($4, recording_bytes), recording_ms = coalesce($5, recording_ms),
         recording_url = coalesce($6, recording_url)
       WHERE id = $1`,
      [
        meetingId,
        status,
        ready?.file.key ?? null,
        ready?.file.bytes ?? null,
        ready?.file.durationMs ?? null,
        ready?.url ?? null,
      ],
    );
    if (known.status !== status) {
      await appendEvent(tx, meetingId, { body: { type: 'recording.status', status } });
    }
    return ready && known.key !== ready.file.key ? known.key : null;
  });
}
