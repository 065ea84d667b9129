import type { MeetingEvent } from '../../domain/events';
import type { Queryable } from './client';
import { SEGMENT_JSON, type ReadEvent } from './events';

/**
 * A place in the log of all meetings, which is ordered by the writing transaction. Only what lies
 * below the oldest running transaction is shown: nothing can be committed in front of it any more.
 */
export interface LogPlace {
  /** A transaction id: 64 bits, so it is kept as text. */
  txId: string;
  meetingId: number;
  seq: number;
}

export const START_OF_LOG: LogPlace = { txId: '0', meetingId: 0, seq: 0 };

export interface LogEvent extends ReadEvent {
  txId: string;
}

/**
 * Each meeting's first row behind the place, and of these the foremost: as many meetings as rows are
 * wanted hold all that can be on the page, however many meetings there are. Only the rows of the page
 * are then made into JSON.
 */
const READ_PAGE = `WITH bound AS MATERIALIZED (
    SELECT pg_snapshot_xmin(pg_current_snapshot()) AS tx_id),
  heads AS (
    SELECT m.id AS meeting_id, head.tx_id, head.seq FROM bound, meetings m
    CROSS JOIN LATERAL (
      (SELECT e.tx_id, e.seq FROM meeting_events e WHERE e.meeting_id = m.id
         AND e.tx_id >= $2::xid8 AND (e.tx_id, m.id, e.seq) > ($2::xid8, $3::int, $4::int)
       ORDER BY e.tx_id, e.seq LIMIT 1)
      UNION ALL
      (SELECT t.tx_id, t.seq FROM transcriptions t WHERE t.meeting_id = m.id
         AND t.tx_id >= $2::xid8 AND (t.tx_id, m.id, t.seq) > ($2::xid8, $3::int, $4::int)
       ORDER BY t.tx_id, t.seq LIMIT 1)
      ORDER BY tx_id, seq LIMIT 1) head
    WHERE m.user_id = $1 AND m.deleted_at IS NULL AND head.tx_id < bound.tx_id
    ORDER BY head.tx_id, m.id, head.seq LIMIT $5),
  page AS (
    SELECT h.meeting_id, row.kind, row.id, row.tx_id, row.seq FROM bound, heads h
    CROSS JOIN LATERAL (
      (SELECT 'event' AS kind, e.id, e.tx_id, e.seq FROM meeting_events e
       WHERE e.meeting_id = h.meeting_id AND e.tx_id >= $2::xid8 AND e.tx_id < bound.tx_id
         AND (e.tx_id, h.meeting_id, e.seq) > ($2::xid8, $3::int, $4::int)
       ORDER BY e.tx_id, e.seq LIMIT $5)
      UNION ALL
      (SELECT 'segment', t.id, t.tx_id, t.seq FROM transcriptions t
       WHERE t.meeting_id = h.meeting_id AND t.tx_id >= $2::xid8 AND t.tx_id < bound.tx_id
         AND (t.tx_id, h.meeting_id, t.seq) > ($2::xid8, $3::int, $4::int)
       ORDER BY t.tx_id, t.seq LIMIT $5)) row
    ORDER BY row.tx_id, h.meeting_id, row.seq LIMIT $5)
  SELECT page.tx_id::text AS "txId", page.meeting_id AS "meetingId", page.seq,
    coalesce(e.created_at, t.updated_at) AS at,
    CASE page.kind WHEN 'event' THEN e.data || jsonb_build_object('type', e.type)
      ELSE jsonb_build_object('type', CASE WHEN t.revision > 1 THEN 'segment.updated'
        ELSE 'segment' END, 'segment', ${SEGMENT_JSON}) END AS event
  FROM page
  LEFT JOIN meeting_events e ON page.kind = 'event' AND e.id = page.id
  LEFT JOIN transcriptions t ON page.kind = 'segment' AND t.id = page.id
  LEFT JOIN participants p ON p.id = t.participant_id
  ORDER BY page.tx_id, page.meeting_id, page.seq`;

/** Reads up to `limit` events of all of a user's meetings behind a place in the log. */
export async function readAllEvents(
  db: Queryable,
  { userId, after }: { userId: number; after: LogPlace },
  limit: number,
): Promise<LogEvent[]> {
  const { rows } = await db.query<{
    txId: string;
    meetingId: number;
    seq: number;
    at: Date;
    event: MeetingEvent['event'];
  }>(READ_PAGE, [userId, after.txId, after.meetingId, after.seq, limit]);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** The oldest running transaction: what the log of all meetings shows lies below it. */
export async function readLogBound(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ bound: string }>(
    'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS bound',
  );
  const row = rows[0];
  if (!row) throw new Error('Expected the bound of the log to return its row');
  return row.bound;
}

/** Which of these users' logs may have grown since a look, and how far this look reaches. */
export async function findGrownLogs(
  db: Queryable,
  userIds: readonly number[],
  since: string,
): Promise<{ reached: string; userIds: number[] }> {
  const { rows } = await db.query<{ reached: string; userIds: number[] }>(
    `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS reached, ARRAY(
       SELECT DISTINCT m.user_id FROM (
         SELECT meeting_id FROM meeting_events WHERE tx_id >= $1::xid8
         UNION SELECT meeting_id FROM transcriptions WHERE tx_id >= $1::xid8) grown
       JOIN meetings m ON m.id = grown.meeting_id WHERE m.user_id = ANY($2)) AS "userIds"`,
    [since, userIds],
  );
  const row = rows[0];
  if (!row) throw new Error('Expected the look for grown logs to return its row');
  return row;
}

/** Whose each of these meetings is. */
export async function findOwners(
  db: Queryable,
  meetingIds: readonly number[],
): Promise<Map<number, number>> {
  if (meetingIds.length === 0) return new Map();
  const { rows } = await db.query<{ id: number; userId: number }>(
    'SELECT id, user_id AS "userId" FROM meetings WHERE id = ANY($1)',
    [meetingIds],
  );
  return new Map(rows.map(({ id, userId }) => [id, userId]));
}

/**
 * Meetings whose log has grown since reconciliation looked last, and how far that look reaches.
 * `noteLook` keeps it once all that was found is in good hands.
 */
export async function lookForGrownMeetings(
  db: Queryable,
): Promise<{ meetingIds: number[]; reached: string }> {
  const { rows } = await db.query<{ reached: string; meetingIds: number[] }>(
    `WITH bound AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS tx_id),
     watch AS MATERIALIZED (SELECT seen FROM webhook_watch WHERE id = 1)
     SELECT bound.tx_id::text AS reached, ARRAY(
       SELECT meeting_id FROM meeting_events WHERE tx_id >= (SELECT seen FROM watch)
       UNION
       SELECT meeting_id FROM transcriptions WHERE tx_id >= (SELECT seen FROM watch)
     ) AS "meetingIds" FROM bound`,
  );
  const row = rows[0];
  if (!row) throw new Error('Expected the look for grown meetings to return its row');
  return row;
}

/** Keeps how far reconciliation has looked. */
export async function noteLook(db: Queryable, reached: string): Promise<void> {
  await db.query('UPDATE webhook_watch SET seen = $1::xid8 WHERE id = 1 AND seen < $1::xid8', [
    reached,
  ]);
}
