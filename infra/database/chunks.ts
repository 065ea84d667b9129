import type { SoundSpan } from '../../domain/bot-api';
import type { NewSegment } from '../../domain/segment';
import type { Database, Queryable } from './client';
import { appendEvent } from './events';
import { lockCursor, settleSources } from './sound-sources';

/** A chunk as it arrives; its audio already stands in the audio store under `objectKey`. */
export interface NewChunk {
  meetingId: number;
  attemptId: number;
  track: string;
  seq: number;
  /** Participant's key on the platform; the row is made when it is not known yet. */
  participantKey: string | null;
  /** In mixed sound: who was heard when; null when that is not known. */
  spans: readonly SoundSpan[] | null;
  startMs: number;
  endMs: number;
  capturedAt: Date;
  sizeBytes: number;
  sha256: string;
  objectKey: string;
}

export type ChunkInsertResult =
  | { kind: 'accepted'; chunkId: number }
  | { kind: 'already_accepted'; chunkId: number; objectKey: string }
  /** The same key came with other bytes. */
  | { kind: 'hash_conflict' }
  /** The attempt was fenced before this chunk was captured. */
  | { kind: 'superseded' }
  | { kind: 'intake_closed' }
  | { kind: 'meeting_deleted' };

/**
 * Puts a chunk into the inbox. Fence, intake and key are judged by the statement that inserts, with
 * share locks on what it judged, so nothing can close or fence between the check and the commit.
 * A deleted meeting is a closed intake: `markMeetingDeleted` closes it in its own transaction.
 */
export async function insertChunk(db: Database, chunk: NewChunk): Promise<ChunkInsertResult> {
  const participantId = await findOrMakeParticipant(db, chunk.meetingId, chunk.participantKey);
  const { rows } = await db.query<{ id: number }>(
    `WITH open_intake AS (
       SELECT 1 FROM meeting_intakes WHERE meeting_id = $1 AND closed_at IS NULL FOR SHARE),
     live_attempt AS (
       SELECT 1 FROM bot_attempts
       WHERE id = $2 AND (fenced_at IS NULL OR $8::timestamptz < fenced_at) FOR SHARE)
     INSERT INTO audio_chunks (meeting_id, attempt_id, track, seq, participant_id, start_ms, end_ms,
       captured_at, size_bytes, sha256, object_key, spans)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb
     FROM open_intake, live_attempt
     ON CONFLICT (attempt_id, track, seq) DO NOTHING
     RETURNING id`,
    [
      chunk.meetingId,
      chunk.attemptId,
      chunk.track,
      chunk.seq,
      participantId,
      chunk.startMs,
      chunk.endMs,
      chunk.capturedAt,
      chunk.sizeBytes,
      chunk.sha256,
      chunk.objectKey,
      chunk.spans && JSON.stringify(chunk.spans),
    ],
  );
  const id = rows[0]?.id;
  return id === undefined ? explainRefusal(db, chunk) : { kind: 'accepted', chunkId: id };
}

async function findOrMakeParticipant(
  db: Queryable,
  meetingId: number,
  key: string | null,
): Promise<number | null> {
  if (key === null) return null;
  const found = await db.query<{ id: number }>(
    'SELECT id FROM participants WHERE meeting_id = $1 AND participant_key = $2',
    [meetingId, key],
  );
  if (found.rows[0]) return found.rows[0].id;
  const made = await db.query<{ id: number }>(
    `INSERT INTO participants (meeting_id, participant_key)
     SELECT $1, $2 WHERE EXISTS (SELECT 1 FROM meetings WHERE id = $1)
     ON CONFLICT (meeting_id, participant_key) DO UPDATE SET participant_key = $2
     RETURNING id`,
    [meetingId, key],
  );
  return made.rows[0]?.id ?? null;
}

async function explainRefusal(db: Queryable, chunk: NewChunk): Promise<ChunkInsertResult> {
  const { rows } = await db.query<{
    deleted: boolean;
    chunk_id: number | null;
    sha256: string | null;
    object_key: string | null;
    fenced: boolean | null;
  }>(
    `SELECT m.deleted_at IS NOT NULL AS deleted, c.id AS chunk_id, c.sha256, c.object_key,
       a.fenced_at <= $5::timestamptz AS fenced
     FROM meetings m
     LEFT JOIN bot_attempts a ON a.id = $2
     LEFT JOIN audio_chunks c ON c.attempt_id = $2 AND c.track = $3 AND c.seq = $4
     WHERE m.id = $1`,
    [chunk.meetingId, chunk.attemptId, chunk.track, chunk.seq, chunk.capturedAt],
  );
  const facts = rows[0];
  if (!facts || facts.deleted) return { kind: 'meeting_deleted' };
  if (facts.chunk_id !== null && facts.object_key !== null) {
    return facts.sha256 === chunk.sha256
      ? {
          kind: 'already_accepted',
          chunkId: facts.chunk_id,
          objectKey: facts.object_key,
        }
      : { kind: 'hash_conflict' };
  }
  return facts.fenced ? { kind: 'superseded' } : { kind: 'intake_closed' };
}

/** A chunk that waits to be transcribed. */
export interface PendingChunk {
  id: number;
  meetingId: number;
  startMs: number;
  endMs: number;
  objectKey: string;
  sizeBytes: number;
  failedAttempts: number;
  acknowledgedAt: Date;
  language: string | null;
  /** Nobody waits for the words of a file as for those of a call. */
  isOfFile: boolean;
  /** Who was heard when in it; null where it is one person's, or nothing is known. */
  spans: SoundSpan[] | null;
}

/** Pending chunks of several meetings in the order they arrived, at most `limitPerMeeting` each. */
export async function listPendingChunks(
  db: Queryable,
  meetingIds: readonly number[],
  limitPerMeeting: number,
): Promise<PendingChunk[]> {
  const { rows } = await db.query<{
    id: number;
    meeting_id: number;
    start_ms: number;
    end_ms: number;
    object_key: string;
    size_bytes: number;
    failed_attempts: number;
    acknowledged_at: Date;
    language: string | null;
    is_of_file: boolean;
    spans: SoundSpan[] | null;
  }>(
    `SELECT c.*, m.language, m.source = 'upload' AS is_of_file FROM unnest($1::int[]) AS w(meeting_id)
     JOIN meetings m ON m.id = w.meeting_id
     CROSS JOIN LATERAL (
       SELECT id, meeting_id, start_ms, end_ms, object_key, size_bytes, failed_attempts,
         acknowledged_at, CASE WHEN participant_id IS NULL THEN spans END AS spans
       FROM audio_chunks WHERE meeting_id = w.meeting_id AND status = 'pending'
       ORDER BY id LIMIT $2) c
     ORDER BY c.meeting_id, c.id`,
    [meetingIds, limitPerMeeting],
  );
  return rows.map((row) => ({
    id: row.id,
    meetingId: row.meeting_id,
    startMs: row.start_ms,
    endMs: row.end_ms,
    objectKey: row.object_key,
    sizeBytes: row.size_bytes,
    failedAttempts: row.failed_attempts,
    acknowledgedAt: row.acknowledged_at,
    language: row.language,
    isOfFile: row.is_of_file,
    spans: row.spans,
  }));
}

/** What transcription made of a chunk. */
export interface ChunkResult {
  chunkId: number;
  version: number;
  segments: readonly NewSegment[];
  /** Counts of what was dropped, by cause. */
  dropped: Record<string, number>;
}

const CLAIM_CHUNK = `UPDATE audio_chunks SET status = 'done', done_at = now(), dropped = $2::jsonb
  WHERE id = $1 AND status = 'pending' RETURNING meeting_id, attempt_id, participant_id`;

/** Writes segments at the next places of the cursor of the meeting that `claimed` is a row of. */
const WRITE_SEGMENTS = `given AS (
    SELECT s.segment, s.place::int AS place, jsonb_array_length($4::jsonb) AS total
    FROM jsonb_array_elements($4::jsonb) WITH ORDINALITY AS s(segment, place)),
  next AS (
    UPDATE meeting_cursors c SET seq = c.seq + jsonb_array_length($4::jsonb)
    FROM claimed
    WHERE c.meeting_id = claimed.meeting_id AND jsonb_array_length($4::jsonb) > 0
    RETURNING c.meeting_id, c.seq, claimed.participant_id),
  written AS (
    INSERT INTO transcriptions (meeting_id, participant_id, sound_source_id, chunk_id, version,
      index, seq, text, timestamp_ms, end_ms, language, confidence, words)
    SELECT next.meeting_id, coalesce(next.participant_id, source.participant_id), source.id, $1, $3,
      given.place - 1, next.seq - given.total + given.place, given.segment ->> 'text',
      (given.segment ->> 'startMs')::int, (given.segment ->> 'endMs')::int,
      given.segment ->> 'language', (given.segment ->> 'confidence')::float,
      given.segment -> 'words'
    FROM next CROSS JOIN given
    LEFT JOIN sound_sources source
      ON source.id = (given.segment ->> 'sourceId')::int AND next.participant_id IS NULL
    RETURNING 1)`;

/**
 * Moves a chunk from pending to done and writes its segments at the next places of the cursor, all
 * in one statement, or in one transaction where its sound has sources. Returns false when somebody
 * else had finished the chunk: then nothing changes.
 */
export async function completeChunk(db: Database, result: ChunkResult): Promise<boolean> {
  const { chunkId, version, segments } = result;
  const dropped = JSON.stringify(result.dropped);
  if (segments.some(({ source }) => source != null)) return completeMixedChunk(db, result);
  const { rows } = await db.query<{ claimed: boolean }>(
    `WITH claimed AS (${CLAIM_CHUNK}), ${WRITE_SEGMENTS}
     SELECT EXISTS (SELECT 1 FROM claimed) AS claimed`,
    [chunkId, dropped, version, JSON.stringify(segments)],
  );
  return rows[0]?.claimed ?? false;
}

/**
 * The cursor is locked before the sources are read: whoever binds a source does so too, and then
 * either sees these segments or has committed before they are written.
 */
async function completeMixedChunk(db: Database, result: ChunkResult): Promise<boolean> {
  const { chunkId, version, segments } = result;
  return db.transaction(async (tx) => {
    const claimed = await tx.query<{ meeting_id: number; attempt_id: number }>(CLAIM_CHUNK, [
      chunkId,
      JSON.stringify(result.dropped),
    ]);
    const chunk = claimed.rows[0];
    if (!chunk) return false;
    const key = { meetingId: chunk.meeting_id, attemptId: chunk.attempt_id };
    await lockCursor(tx, key.meetingId);
    const keys = segments.flatMap(({ source }) => (source == null ? [] : [source]));
    const ids = await settleSources(tx, key, keys);
    const given = segments.map(({ source, ...segment }) => ({
      ...segment,
      sourceId: source == null ? null : ids.get(source),
    }));
    await tx.query(
      `WITH claimed AS (
         SELECT meeting_id, participant_id, $2::jsonb AS dropped FROM audio_chunks WHERE id = $1),
       ${WRITE_SEGMENTS} SELECT 1`,
      [chunkId, '{}', version, JSON.stringify(given)],
    );
    return true;
  });
}

/** Gives a chunk up for now, with its reason, and says so on the cursor. It can be tried again. */
export async function failChunk(
  db: Database,
  chunkId: number,
  failureReason: string,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{
      meeting_id: number;
      start_ms: number;
      end_ms: number;
    }>(
      `UPDATE audio_chunks SET status = 'failed', failure_reason = $2
       WHERE id = $1 AND status = 'pending' RETURNING meeting_id, start_ms, end_ms`,
      [chunkId, failureReason],
    );
    const chunk = rows[0];
    if (!chunk) return false;
    await appendEvent(tx, chunk.meeting_id, {
      body: {
        type: 'chunk.failed',
        startMs: chunk.start_ms,
        endMs: chunk.end_ms,
        reason: failureReason,
      },
    });
    return true;
  });
}

/** Counts one more activity attempt that failed on this chunk while others went through. */
export async function countChunkFailure(db: Queryable, chunkId: number): Promise<number> {
  const { rows } = await db.query<{ failed_attempts: number }>(
    `UPDATE audio_chunks SET failed_attempts = failed_attempts + 1 WHERE id = $1
     RETURNING failed_attempts`,
    [chunkId],
  );
  return rows[0]?.failed_attempts ?? 0;
}

/** Ids of the meeting's chunks that have been pending for longer than `olderThanMs`. */
export async function listStaleChunks(
  db: Queryable,
  meetingId: number,
  olderThanMs: number,
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT id FROM audio_chunks WHERE meeting_id = $1 AND status = 'pending'
       AND acknowledged_at < now() - $2 * interval '1 millisecond'`,
    [meetingId, olderThanMs],
  );
  return rows.map((row) => row.id);
}

/** How far a meeting's transcription is. */
export interface ChunkCounts {
  pending: number;
  done: number;
  failed: number;
  intakeClosed: boolean;
  meetingDeleted: boolean;
}

/** Counts a meeting's chunks by state. A meeting that is gone counts as deleted. */
export async function countChunks(db: Queryable, meetingId: number): Promise<ChunkCounts> {
  const { rows } = await db.query<{
    pending: number;
    done: number;
    failed: number;
    intake_closed: boolean;
    deleted: boolean;
  }>(
    `SELECT m.deleted_at IS NOT NULL AS deleted, i.closed_at IS NOT NULL AS intake_closed,
       (SELECT count(*)::int FROM audio_chunks WHERE meeting_id = $1 AND status = 'pending') AS pending,
       (SELECT count(*)::int FROM audio_chunks WHERE meeting_id = $1 AND status = 'done') AS done,
       (SELECT count(*)::int FROM audio_chunks WHERE meeting_id = $1 AND status = 'failed') AS failed
     FROM meetings m LEFT JOIN meeting_intakes i ON i.meeting_id = m.id WHERE m.id = $1`,
    [meetingId],
  );
  const row = rows[0];
  if (!row)
    return {
      pending: 0,
      done: 0,
      failed: 0,
      intakeClosed: true,
      meetingDeleted: true,
    };
  return {
    pending: row.pending,
    done: row.done,
    failed: row.failed,
    intakeClosed: row.intake_closed,
    meetingDeleted: row.deleted,
  };
}
