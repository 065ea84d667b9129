import type { Queryable } from './client';

/** `failed` is tried again; `dead_lettered` was the last try, and a replay sends it once more. */
export type DeliveryOutcome = 'delivered' | 'failed' | 'dead_lettered';

/** One attempt at delivering one message. */
export interface NewDelivery {
  endpointId: number;
  /** Null for a test event. */
  meetingId: number | null;
  messageId: string;
  type: string;
  fromSeq: number | null;
  throughSeq: number | null;
  attempt: number;
  outcome: DeliveryOutcome;
  /** Where it was posted to. */
  url: string;
  /** Headers, without the signature. */
  requestHead: Record<string, string>;
  /** Null when there was no answer; then `error` says why. */
  status: number | null;
  error: string | null;
  responseHead: string | null;
  latencyMs: number;
  createdAt: Date;
}

export interface WebhookDelivery extends Omit<NewDelivery, 'url'> {
  id: number;
  /** Null for attempts of before this was kept. */
  url: string | null;
}

const COLUMNS = `id, endpoint_id AS "endpointId", meeting_id AS "meetingId",
  message_id AS "messageId", type, from_seq AS "fromSeq", through_seq AS "throughSeq", attempt,
  outcome, url, request_head AS "requestHead", status, error, response_head AS "responseHead",
  latency_ms AS "latencyMs", created_at AS "createdAt"`;

const KEPT_DAYS = 30;
const DELETED_AT_ONCE = 5_000;

/** Writes an attempt into the log; null when its endpoint or meeting is gone. */
export async function insertDelivery(
  db: Queryable,
  delivery: NewDelivery,
): Promise<WebhookDelivery | null> {
  const { rows } = await db.query<WebhookDelivery>(
    `INSERT INTO webhook_deliveries (endpoint_id, meeting_id, message_id, type, from_seq,
       through_seq, attempt, outcome, request_head, status, error, response_head, latency_ms,
       created_at, url)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12, $13, $14, $15
     WHERE EXISTS (SELECT 1 FROM webhook_endpoints WHERE id = $1)
       AND ($2::int IS NULL OR EXISTS (SELECT 1 FROM meetings WHERE id = $2))
     RETURNING ${COLUMNS}`,
    [
      delivery.endpointId,
      delivery.meetingId,
      delivery.messageId,
      delivery.type,
      delivery.fromSeq,
      delivery.throughSeq,
      delivery.attempt,
      delivery.outcome,
      JSON.stringify(delivery.requestHead),
      delivery.status,
      delivery.error,
      delivery.responseHead,
      delivery.latencyMs,
      delivery.createdAt,
      delivery.url,
    ],
  );
  return rows[0] ?? null;
}

/** An endpoint's log from the newest on; attempts of deleted meetings are not shown. */
export async function listDeliveries(
  db: Queryable,
  query: {
    endpointId: number;
    meetingId: number | null;
    outcome: DeliveryOutcome | null;
    beforeId: number | null;
    limit: number;
  },
): Promise<WebhookDelivery[]> {
  const { rows } = await db.query<WebhookDelivery>(
    `SELECT ${COLUMNS} FROM webhook_deliveries d
     WHERE endpoint_id = $1 AND ($2::int IS NULL OR meeting_id = $2)
       AND ($3::text IS NULL OR outcome = $3) AND ($4::int IS NULL OR id < $4)
       AND NOT EXISTS (SELECT 1 FROM meetings m WHERE m.id = d.meeting_id AND m.deleted_at IS NOT NULL)
     ORDER BY id DESC LIMIT $5`,
    [query.endpointId, query.meetingId, query.outcome, query.beforeId, query.limit],
  );
  return rows;
}

/** One attempt of this endpoint's log, or null. */
export async function findDelivery(
  db: Queryable,
  key: { endpointId: number; deliveryId: number },
): Promise<WebhookDelivery | null> {
  const { rows } = await db.query<WebhookDelivery>(
    `SELECT ${COLUMNS} FROM webhook_deliveries d WHERE endpoint_id = $1 AND id = $2
       AND NOT EXISTS (SELECT 1 FROM meetings m WHERE m.id = d.meeting_id AND m.deleted_at IS NOT NULL)`,
    [key.endpointId, key.deliveryId],
  );
  return rows[0] ?? null;
}

/** Deletes what was kept long enough, some thousand at once; returns how many. */
export async function deleteOldDeliveries(db: Queryable): Promise<number> {
  const { rows } = await db.query(
    `DELETE FROM webhook_deliveries WHERE id IN (
       SELECT id FROM webhook_deliveries
       WHERE created_at < now() - interval '${KEPT_DAYS} days'
       ORDER BY created_at LIMIT ${DELETED_AT_ONCE})
     RETURNING id`,
  );
  return rows.length;
}
