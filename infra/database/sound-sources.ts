import type { SourceBinding } from '../../domain/bot-api';
import { toStorableText } from '../../domain/text';
import type { Database, Queryable } from './client';
import { lockAttempt, type AttemptKey, type SightingResult } from './sightings';

/**
 * Keeps all who decide whose words are whose apart, until the commit: each of their later
 * statements sees what the one before them has written, so no segment is written by what is
 * outdated already, and none is missed that was being written. Rows of chunks and attempts are
 * locked before the cursor, those of participants, sources and segments after it.
 */
export async function lockCursor(tx: Queryable, meetingId: number): Promise<void> {
  await tx.query('SELECT 1 FROM meeting_cursors WHERE meeting_id = $1 FOR NO KEY UPDATE', [
    meetingId,
  ]);
}

/**
 * The ids of an attempt's sources by their keys, made on first use. A source whose key is a
 * participant's own is bound to them. The cursor must be locked.
 */
export async function settleSources(
  tx: Queryable,
  key: { meetingId: number; attemptId: number },
  sourceKeys: readonly string[],
): Promise<Map<string, number>> {
  await tx.query(
    `INSERT INTO sound_sources (attempt_id, source_key) SELECT $1, unnest($2::text[])
     ON CONFLICT (attempt_id, source_key) DO NOTHING`,
    [key.attemptId, sourceKeys],
  );
  await bindNamesakes(tx, key.meetingId, sourceKeys);
  const { rows } = await tx.query<{ id: number; source_key: string }>(
    'SELECT id, source_key FROM sound_sources WHERE attempt_id = $1 AND source_key = ANY($2)',
    [key.attemptId, sourceKeys],
  );
  return new Map(rows.map((row) => [row.source_key, row.id]));
}

/**
 * Binds the meeting's unbound sources that have the key of a participant, of whatever attempt: a
 * participant's key means the same person in all of them. The cursor must be locked.
 */
export async function bindNamesakes(
  tx: Queryable,
  meetingId: number,
  keys: readonly string[],
): Promise<void> {
  const { rows } = await tx.query<{ id: number }>(
    `UPDATE sound_sources s SET participant_id = p.id FROM participants p, bot_attempts a
     WHERE a.meeting_id = $1 AND s.attempt_id = a.id AND s.participant_id IS NULL
       AND p.meeting_id = $1 AND p.participant_key = s.source_key AND s.source_key = ANY($2)
     RETURNING s.id`,
    [meetingId, keys],
  );
  await correctSegments(
    tx,
    meetingId,
    rows.map((row) => row.id),
  );
}

/**
 * Says which participants an attempt's sources are, and corrects the segments that were written
 * before. What is known already changes nothing; of two bindings of one source the last counts.
 */
export async function bindSources(
  db: Database,
  key: AttemptKey,
  bindings: readonly SourceBinding[],
): Promise<SightingResult> {
  return db.transaction(async (tx) => {
    const refusal = await lockAttempt(tx, key);
    if (refusal) return refusal;
    await lockCursor(tx, key.meetingId);
    const wanted = new Map(
      bindings.map((each) => [toStorableText(each.source), toStorableText(each.participantKey)]),
    );
    const participantKeys = [...wanted.values()];
    await tx.query(
      `INSERT INTO participants (meeting_id, participant_key)
       SELECT $1, named FROM unnest($2::text[]) AS named
       ON CONFLICT (meeting_id, participant_key) DO NOTHING`,
      [key.meetingId, participantKeys],
    );
    const { rows } = await tx.query<{ id: number }>(
      `INSERT INTO sound_sources AS s (attempt_id, source_key, participant_id)
       SELECT a.id, wanted.source, p.id FROM unnest($3::text[], $4::text[]) AS wanted(source, person)
       JOIN bot_attempts a ON a.meeting_id = $1 AND a.launch_id = $2
       JOIN participants p ON p.meeting_id = $1 AND p.participant_key = wanted.person
       ON CONFLICT (attempt_id, source_key) DO UPDATE SET participant_id = excluded.participant_id
         WHERE s.participant_id IS DISTINCT FROM excluded.participant_id
       RETURNING id`,
      [key.meetingId, key.launchId, [...wanted.keys()], participantKeys],
    );
    await correctSegments(
      tx,
      key.meetingId,
      rows.map((row) => row.id),
    );
    return 'recorded';
  });
}

/** Gives the sources' segments the participants of their sources, at new places of the cursor. */
async function correctSegments(
  tx: Queryable,
  meetingId: number,
  sourceIds: readonly number[],
): Promise<void> {
  if (sourceIds.length === 0) return;
  await tx.query(
    `WITH changed AS (
       SELECT t.id, t.seq, s.participant_id
       FROM transcriptions t JOIN sound_sources s ON s.id = t.sound_source_id
       WHERE s.id = ANY($2) AND t.participant_id IS DISTINCT FROM s.participant_id),
     ${ANNOUNCE_CHANGED}`,
    [meetingId, sourceIds],
  );
}

/** Puts all that these participants have said on the cursor again: they have another name now. */
export async function announceSegmentsOf(
  tx: Queryable,
  meetingId: number,
  participantIds: readonly number[],
): Promise<void> {
  if (participantIds.length === 0) return;
  await tx.query(
    `WITH changed AS (
       SELECT id, seq, participant_id FROM transcriptions
       WHERE meeting_id = $1 AND participant_id = ANY($2)),
     ${ANNOUNCE_CHANGED}`,
    [meetingId, participantIds],
  );
}

/** Moves the segments in `changed` to the cursor's next places, in the order they had. */
const ANNOUNCE_CHANGED = `placed AS (
    SELECT id, participant_id, row_number() OVER (ORDER BY seq)::int AS place,
      count(*) OVER ()::int AS total FROM changed),
  next AS (
    UPDATE meeting_cursors SET seq = seq + (SELECT count(*)::int FROM placed)
    WHERE meeting_id = $1 AND EXISTS (SELECT 1 FROM placed) RETURNING seq)
  UPDATE transcriptions t SET participant_id = placed.participant_id, revision = t.revision + 1,
    seq = next.seq - placed.total + placed.place, tx_id = pg_current_xact_id(), updated_at = now()
  FROM placed, next WHERE t.id = placed.id`;
