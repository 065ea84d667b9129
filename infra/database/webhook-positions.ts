import type { Queryable } from './client';

/** How far an endpoint has a meeting's log: the lane its messages go along, one after another. */
export interface Lane {
  id: number;
  endpointId: number;
  meetingId: number;
  afterSeq: number;
  /** Where a replay ends; the largest number there is for what follows the log. */
  untilSeq: number;
  /** Last seq of the message that is being delivered, null before its first attempt. */
  throughSeq: number | null;
  attempts: number;
  failingSince: Date | null;
}

const COLUMNS = `p.id, p.endpoint_id AS "endpointId", p.meeting_id AS "meetingId",
  p.after_seq AS "afterSeq", p.until_seq AS "untilSeq", p.through_seq AS "throughSeq",
  p.attempts, p.failing_since AS "failingSince"`;

/** What follows the log never ends. */
const NEVER = 2_147_483_647;
const LANES_PER_LOOK = 200;

/** The user of the endpoint `e` may use the API; while they may not, nothing is delivered. */
const IS_WELCOME = `EXISTS (SELECT 1 FROM users u WHERE u.id = e.user_id
  AND u.disabled_at IS NULL AND u.deleted_at IS NULL)`;

/** Whether a meeting `m` is one whose events the endpoint `e` gets. */
const IS_HEARD = `m.user_id = e.user_id AND m.deleted_at IS NULL
  AND (e.meeting_id IS NULL OR e.meeting_id = m.id)`;

/** Makes the positions that meetings of later than the endpoint lack: they begin at the beginning. */
const MAKE_MISSING = `INSERT INTO webhook_positions (endpoint_id, meeting_id, after_seq)
  SELECT e.id, m.id, 0 FROM webhook_endpoints e JOIN meetings m ON ${IS_HEARD}
  JOIN meeting_cursors c ON c.meeting_id = m.id AND c.seq > 0
  WHERE e.id = $1 AND ($2::int[] IS NULL OR m.id = ANY($2)) AND NOT EXISTS (
    SELECT 1 FROM webhook_positions p
    WHERE p.endpoint_id = e.id AND p.meeting_id = m.id AND p.until_seq = ${NEVER})
  ON CONFLICT (endpoint_id, meeting_id, until_seq) DO NOTHING`;

/**
 * Lanes with something to deliver now, those first that were served longest ago. `meetingIds` limits
 * the look to those meetings, null looks at all.
 */
export async function listDueLanes(
  db: Queryable,
  look: { endpointId: number; meetingIds: readonly number[] | null; now: Date },
): Promise<Lane[]> {
  await db.query(MAKE_MISSING, [look.endpointId, look.meetingIds]);
  const { rows } = await db.query<Lane>(
    `SELECT ${COLUMNS} FROM webhook_positions p
     JOIN meetings m ON m.id = p.meeting_id AND m.deleted_at IS NULL
     JOIN meeting_cursors c ON c.meeting_id = p.meeting_id
     WHERE p.endpoint_id = $1 AND ($2::int[] IS NULL OR p.meeting_id = ANY($2))
       AND c.seq > p.after_seq AND (p.next_attempt_at IS NULL OR p.next_attempt_at <= $3)
     ORDER BY p.served_at NULLS FIRST, p.id LIMIT ${LANES_PER_LOOK}`,
    [look.endpointId, look.meetingIds, look.now],
  );
  return rows;
}

/** When the next lane that waits after a failure is due; null for none. */
export async function findNextAttempt(db: Queryable, endpointId: number): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date | null }>(
    `SELECT min(p.next_attempt_at) AS at FROM webhook_positions p
     JOIN meetings m ON m.id = p.meeting_id AND m.deleted_at IS NULL
     WHERE p.endpoint_id = $1`,
    [endpointId],
  );
  return rows[0]?.at ?? null;
}

/** Says how far the next message reaches, before it is sent: whoever tries again sends the same. */
export async function fixMessage(db: Queryable, lane: Lane, throughSeq: number): Promise<boolean> {
  const { rows } = await db.query(
    `UPDATE webhook_positions SET through_seq = $3
     WHERE id = $1 AND after_seq = $2 AND (through_seq IS NULL OR through_seq = $3) RETURNING id`,
    [lane.id, lane.afterSeq, throughSeq],
  );
  return rows.length > 0;
}

/**
 * Moves a lane on, unless somebody else has moved it; a replay that is through is gone. Returns the
 * lane as it is now, null when it is gone or was moved.
 */
export async function moveOn(
  db: Queryable,
  lane: Lane,
  { throughSeq, now }: { throughSeq: number; now: Date },
): Promise<Lane | null> {
  if (throughSeq >= lane.untilSeq) {
    await db.query('DELETE FROM webhook_positions WHERE id = $1 AND after_seq = $2', [
      lane.id,
      lane.afterSeq,
    ]);
    return null;
  }
  const { rows } = await db.query<Lane>(
    `UPDATE webhook_positions p SET after_seq = $3, through_seq = NULL, attempts = 0,
       failing_since = NULL, next_attempt_at = NULL, served_at = $4
     WHERE id = $1 AND after_seq = $2 RETURNING ${COLUMNS}`,
    [lane.id, lane.afterSeq, throughSeq, now],
  );
  return rows[0] ?? null;
}

/** Makes a lane wait after a failure. */
export async function waitAfterFailure(
  db: Queryable,
  lane: Lane,
  { now, nextAttemptAt }: { now: Date; nextAttemptAt: Date },
): Promise<void> {
  await db.query(
    `UPDATE webhook_positions SET attempts = attempts + 1, served_at = $3,
       failing_since = coalesce(failing_since, $3), next_attempt_at = $4
     WHERE id = $1 AND after_seq = $2`,
    [lane.id, lane.afterSeq, now, nextAttemptAt],
  );
}

/**
 * Orders a stretch of a meeting's log once more. With `asOneMessage` it is the message that it was;
 * a replay that ends at the same place and still runs begins earlier, if need be, and one that waits
 * after a failure is tried at once.
 */
export async function orderReplay(
  db: Queryable,
  order: {
    endpointId: number;
    meetingId: number;
    fromSeq: number;
    toSeq: number;
    asOneMessage: boolean;
  },
): Promise<void> {
  await db.query(
    `INSERT INTO webhook_positions (endpoint_id, meeting_id, after_seq, until_seq, through_seq)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (endpoint_id, meeting_id, until_seq) DO UPDATE SET
       after_seq = excluded.after_seq, attempts = 0, failing_since = NULL, next_attempt_at = NULL,
       through_seq = CASE WHEN webhook_positions.after_seq = excluded.after_seq
         THEN webhook_positions.through_seq END
     WHERE webhook_positions.after_seq >= excluded.after_seq`,
    [
      order.endpointId,
      order.meetingId,
      order.fromSeq - 1,
      order.toSeq,
      order.asOneMessage ? order.toSeq : null,
    ],
  );
}

/** Enabled endpoints that nobody delivers to although one of these meetings has something for them. */
export async function listEndpointsToWake(
  db: Queryable,
  meetingIds: readonly number[],
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT DISTINCT e.id FROM meetings m
     JOIN meeting_cursors c ON c.meeting_id = m.id
     JOIN webhook_endpoints e ON ${IS_HEARD}
     LEFT JOIN webhook_positions p
       ON p.endpoint_id = e.id AND p.meeting_id = m.id AND p.until_seq = ${NEVER}
     WHERE m.id = ANY($1) AND e.is_enabled AND ${IS_WELCOME}
       AND (e.leased_until IS NULL OR e.leased_until < clock_timestamp())
       AND c.seq > coalesce(p.after_seq, 0)
       -- what waits has a workflow that sleeps until then
       AND (p.next_attempt_at IS NULL OR p.next_attempt_at < now())
       AND (e.paused_until IS NULL OR e.paused_until < now())`,
    [meetingIds],
  );
  return rows.map((row) => row.id);
}

/** Enabled endpoints with a lane that should have been tried `overdueMs` ago, and a free lease. */
export async function listOverdueEndpoints(db: Queryable, overdueMs: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT DISTINCT e.id FROM webhook_positions p
     JOIN webhook_endpoints e ON e.id = p.endpoint_id AND e.is_enabled AND ${IS_WELCOME}
       AND (e.leased_until IS NULL OR e.leased_until < clock_timestamp())
       AND (e.paused_until IS NULL OR e.paused_until < now())
     JOIN meetings m ON m.id = p.meeting_id AND m.deleted_at IS NULL
     WHERE p.next_attempt_at < now() - $1 * interval '1 millisecond'
     UNION
     SELECT e.id FROM webhook_positions p
     JOIN webhook_endpoints e ON e.id = p.endpoint_id AND e.is_enabled AND ${IS_WELCOME}
       AND (e.leased_until IS NULL OR e.leased_until < clock_timestamp())
     WHERE p.until_seq < ${NEVER} AND p.next_attempt_at IS NULL`,
    [overdueMs],
  );
  return rows.map((row) => row.id);
}
