import type { MeetingEvent, StoredEventBody } from '../../domain/events';
import type { Segment } from '../../domain/segment';
import type { Queryable } from './client';

/** An event to be stored. With a `dedupeKey`, storing it again changes nothing. */
export interface NewEvent {
  body: StoredEventBody;
  dedupeKey?: string;
}

/**
 * Stores one event at the next place of the meeting's cursor. Within a transaction it must be the
 * last statement: the cursor's row stays locked until the commit, which keeps commits in seq order.
 * Returns the event's seq, or null when its `dedupeKey` was known or the meeting is gone.
 */
export async function appendEvent(
  db: Queryable,
  meetingId: number,
  { body, dedupeKey }: NewEvent,
): Promise<number | null> {
  const { type, ...data } = body;
  const { rows } = await db.query<{ seq: number }>(
    `WITH next AS (
       UPDATE meeting_cursors SET seq = seq + 1
       WHERE meeting_id = $1 AND NOT EXISTS (
         SELECT 1 FROM meeting_events WHERE meeting_id = $1 AND dedupe_key = $4)
       RETURNING seq)
     INSERT INTO meeting_events (meeting_id, seq, type, data, dedupe_key)
     SELECT $1, next.seq, $2, $3::jsonb, $4 FROM next
     ON CONFLICT (meeting_id, dedupe_key) DO NOTHING
     RETURNING seq`,
    [meetingId, type, JSON.stringify(data), dedupeKey ?? null],
  );
  return rows[0]?.seq ?? null;
}

/** How far a reader of one meeting has read. */
export interface ReadPosition {
  meetingId: number;
  /** The reader has everything up to and with this seq. */
  after: number;
}

export interface ReadEvent extends MeetingEvent {
  meetingId: number;
}

/** A segment `t` with its participant `p` as JSON. */
export const SEGMENT_JSON = `jsonb_build_object(
  'seq', t.seq, 'id', t.id, 'startMs', t.timestamp_ms, 'endMs', t.end_ms, 'text', t.text,
  'speaker', CASE WHEN p.id IS NULL THEN NULL
    ELSE jsonb_build_object('id', p.id, 'name', p.name) END,
  'language', t.language, 'confidence', t.confidence, 'words', t.words, 'version', t.version)`;

/**
 * Reads what several readers have not seen yet, in one statement and so in one snapshot: for each
 * position up to `limitPerMeeting` events in seq order, events and segments merged. JSON is made of
 * those segments alone, not of all that come after the position.
 */
export async function readEvents(
  db: Queryable,
  positions: readonly ReadPosition[],
  limitPerMeeting: number,
): Promise<ReadEvent[]> {
  const { rows } = await db.query<{
    meeting_id: number;
    seq: number;
    at: Date;
    event: MeetingEvent['event'];
  }>(
    `SELECT w.meeting_id, e.seq, e.at, e.event
     FROM unnest($1::int[], $2::int[]) AS w(meeting_id, after)
     CROSS JOIN LATERAL (
       (SELECT m.seq, m.created_at AS at, m.data || jsonb_build_object('type', m.type) AS event
        FROM meeting_events m WHERE m.meeting_id = w.meeting_id AND m.seq > w.after
        ORDER BY m.seq LIMIT $3)
       UNION ALL
       (SELECT t.seq, t.updated_at AS at,
          jsonb_build_object('type', CASE WHEN t.revision > 1 THEN 'segment.updated'
            ELSE 'segment' END, 'segment', ${SEGMENT_JSON}) AS event
        FROM (SELECT * FROM transcriptions
          WHERE meeting_id = w.meeting_id AND seq > w.after
          ORDER BY seq LIMIT $3) t
        LEFT JOIN participants p ON p.id = t.participant_id)
       ORDER BY seq LIMIT $3) e
     ORDER BY w.meeting_id, e.seq`,
    [positions.map((p) => p.meetingId), positions.map((p) => p.after), limitPerMeeting],
  );
  return rows.map((row) => ({
    meetingId: row.meeting_id,
    seq: row.seq,
    at: row.at.toISOString(),
    event: row.event,
  }));
}

/** Reads up to `limit` segments with `seq > after` in seq order, of the given version. */
export async function readSegments(
  db: Queryable,
  position: ReadPosition & { version: number },
  limit: number,
): Promise<ReadEvent[]> {
  const { rows } = await db.query<{ seq: number; at: Date; segment: object }>(
    `SELECT t.seq, t.updated_at AS at, ${SEGMENT_JSON} AS segment
     FROM (SELECT * FROM transcriptions
       WHERE meeting_id = $1 AND seq > $2 AND version = $3
       ORDER BY seq LIMIT $4) t
     LEFT JOIN participants p ON p.id = t.participant_id
     ORDER BY t.seq`,
    [position.meetingId, position.after, position.version, limit],
  );
  return rows.map((row) => ({
    meetingId: position.meetingId,
    seq: row.seq,
    at: row.at.toISOString(),
    event: { type: 'segment', segment: row.segment } as MeetingEvent['event'],
  }));
}

/** The segments with the highest seqs of the given version, in seq order. */
export async function readLatestSegments(
  db: Queryable,
  { meetingId, version }: { meetingId: number; version: number },
  limit: number,
): Promise<Segment[]> {
  const { rows } = await db.query<{ segment: Segment }>(
    `SELECT ${SEGMENT_JSON} AS segment
     FROM (SELECT * FROM transcriptions
       WHERE meeting_id = $1 AND version = $2
       ORDER BY seq DESC LIMIT $3) t
     LEFT JOIN participants p ON p.id = t.participant_id
     ORDER BY t.seq DESC`,
    [meetingId, version, limit],
  );
  return rows.map(({ segment }) => segment).reverse();
}

/** The meeting's newest seq, 0 for none or an unknown meeting. */
export async function readCursor(db: Queryable, meetingId: number): Promise<number> {
  const { rows } = await db.query<{ seq: number }>(
    'SELECT seq FROM meeting_cursors WHERE meeting_id = $1',
    [meetingId],
  );
  return rows[0]?.seq ?? 0;
}
