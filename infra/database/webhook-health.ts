import { randomUUID } from 'node:crypto';
import { insertAuditEntry, settleAuditEntry } from './audit';
import type { Queryable } from './client';
import { ENDPOINT_COLUMNS, type DisabledReason, type WebhookEndpoint } from './webhook-endpoints';

/** An endpoint with what signs its messages; both encrypted. */
export interface SigningEndpoint extends WebhookEndpoint {
  secretEncrypted: string;
  oldSecretEncrypted: string | null;
}

/**
 * An endpoint with the secrets that sign at this moment; null when it is gone. One whose user may not
 * use the API counts as not enabled.
 */
export async function readEndpoint(
  db: Queryable,
  endpointId: number,
  now: Date,
): Promise<SigningEndpoint | null> {
  const { rows } = await db.query<SigningEndpoint>(
    `SELECT ${ENDPOINT_COLUMNS}, secret_encrypted AS "secretEncrypted",
       CASE WHEN old_secret_until > $2 THEN old_secret_encrypted END AS "oldSecretEncrypted",
       -- in place of the column of this name above: pg keeps the last
       is_enabled AND EXISTS (SELECT 1 FROM users u WHERE u.id = user_id
         AND u.disabled_at IS NULL AND u.deleted_at IS NULL) AS "isEnabled"
     FROM webhook_endpoints WHERE id = $1`,
    [endpointId, now],
  );
  return rows[0] ?? null;
}

/** Takes or keeps the lease on an endpoint, so that at most one activity delivers to it. */
export async function holdLease(
  db: Queryable,
  { endpointId, token }: { endpointId: number; token: string },
  leaseMs: number,
): Promise<'held' | 'taken' | 'gone'> {
  const { rows } = await db.query<{ held: boolean }>(
    `WITH held AS (
       UPDATE webhook_endpoints SET lease_token = $2,
         leased_until = clock_timestamp() + $3 * interval '1 millisecond'
       WHERE id = $1 AND (lease_token = $2 OR leased_until IS NULL OR leased_until < clock_timestamp())
       RETURNING 1)
     SELECT EXISTS (SELECT 1 FROM held) AS held FROM webhook_endpoints WHERE id = $1`,
    [endpointId, token, leaseMs],
  );
  if (!rows[0]) return 'gone';
  return rows[0].held ? 'held' : 'taken';
}

/** Gives the lease back; somebody else's stays. */
export async function releaseLease(
  db: Queryable,
  { endpointId, token }: { endpointId: number; token: string },
): Promise<void> {
  await db.query(
    `UPDATE webhook_endpoints SET lease_token = NULL, leased_until = NULL
     WHERE id = $1 AND lease_token = $2`,
    [endpointId, token],
  );
}

/** Notes that an endpoint took something; a minute's exactness is enough while all is well. */
export async function noteSuccess(db: Queryable, endpointId: number, now: Date): Promise<void> {
  await db.query(
    `UPDATE webhook_endpoints SET failing_since = NULL, last_success_at = $2
     WHERE id = $1 AND (failing_since IS NOT NULL OR last_success_at IS NULL
       OR last_success_at < $2::timestamptz - interval '1 minute')`,
    [endpointId, now],
  );
}

/** Notes that an endpoint failed; returns since when it has without a success in between. */
export async function noteFailure(
  db: Queryable,
  endpointId: number,
  { now, pausedUntil }: { now: Date; pausedUntil: Date | null },
): Promise<Date> {
  const { rows } = await db.query<{ since: Date }>(
    `UPDATE webhook_endpoints SET failing_since = coalesce(failing_since, $2),
       paused_until = coalesce($3, paused_until)
     WHERE id = $1 RETURNING failing_since AS since`,
    [endpointId, now, pausedUntil],
  );
  return rows[0]?.since ?? now;
}

/** Delivers nothing to an endpoint any more until its owner enables it; the audit log says so. */
export async function disableEndpoint(
  db: Queryable,
  endpointId: number,
  { reason, now }: { reason: DisabledReason; now: Date },
): Promise<void> {
  const { rows } = await db.query<{ userId: number; meetingId: number | null }>(
    `UPDATE webhook_endpoints SET is_enabled = false, disabled_reason = $2, disabled_at = $3
     WHERE id = $1 AND is_enabled RETURNING user_id AS "userId", meeting_id AS "meetingId"`,
    [endpointId, reason, now],
  );
  const disabled = rows[0];
  if (!disabled) return;
  const auditId = await insertAuditEntry(db, {
    action: `webhook.disabled_${reason}`,
    actor: { kind: 'system', id: `webhook-endpoint-${endpointId}` },
    ...disabled,
    address: null,
    requestId: randomUUID(),
  });
  await settleAuditEntry(db, auditId, { status: 200, ...disabled });
}
