import type { Database, Queryable } from './client';

export type DisabledReason = 'by_user' | 'gone' | 'failing';

/** Where a user's events are posted to. */
export interface WebhookEndpoint {
  id: number;
  userId: number;
  /** Null for all of the user's meetings. */
  meetingId: number | null;
  url: string;
  description: string | null;
  /** Null for all types. */
  eventTypes: string[] | null;
  isEnabled: boolean;
  disabledReason: DisabledReason | null;
  disabledAt: Date | null;
  failingSince: Date | null;
  lastSuccessAt: Date | null;
  pausedUntil: Date | null;
  oldSecretUntil: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The columns under their names here. */
export const ENDPOINT_COLUMNS = `id, user_id AS "userId", meeting_id AS "meetingId", url, description,
  event_types AS "eventTypes", is_enabled AS "isEnabled", disabled_reason AS "disabledReason",
  disabled_at AS "disabledAt", failing_since AS "failingSince",
  last_success_at AS "lastSuccessAt", paused_until AS "pausedUntil",
  old_secret_until AS "oldSecretUntil", created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Far above what anybody needs and far below what hurts. */
const ENDPOINTS_PER_USER = 100;

interface EndpointKey {
  endpointId: number;
  userId: number;
}

export interface NewEndpoint {
  userId: number;
  meetingId: number | null;
  url: string;
  description: string | null;
  eventTypes: readonly string[] | null;
  secretEncrypted: string;
}

/**
 * Makes an endpoint whose events start now: it stands at the cursor's present place of each meeting
 * that is there, and at the beginning of those to come. Null when the user has too many.
 */
export async function insertEndpoint(
  db: Database,
  endpoint: NewEndpoint,
): Promise<WebhookEndpoint | null> {
  return db.transaction(async (tx) => {
    // those who make endpoints at the same time are counted one after another
    await tx.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [endpoint.userId]);
    const { rows } = await tx.query<WebhookEndpoint>(
      `INSERT INTO webhook_endpoints
         (user_id, meeting_id, url, description, event_types, secret_encrypted)
       SELECT $1, $2, $3, $4, $5::jsonb, $6
       WHERE (SELECT count(*) FROM webhook_endpoints WHERE user_id = $1) < ${ENDPOINTS_PER_USER}
       RETURNING ${ENDPOINT_COLUMNS}`,
      [
        endpoint.userId,
        endpoint.meetingId,
        endpoint.url,
        endpoint.description,
        endpoint.eventTypes === null ? null : JSON.stringify(endpoint.eventTypes),
        endpoint.secretEncrypted,
      ],
    );
    const made = rows[0];
    if (!made) return null;
    await tx.query(
      `INSERT INTO webhook_positions (endpoint_id, meeting_id, after_seq)
       SELECT $1, m.id, c.seq FROM meetings m JOIN meeting_cursors c ON c.meeting_id = m.id
       WHERE m.user_id = $2 AND ($3::int IS NULL OR m.id = $3) AND m.deleted_at IS NULL`,
      [made.id, endpoint.userId, endpoint.meetingId],
    );
    return made;
  });
}

/** An endpoint of this user, or null; those of deleted meetings are gone. */
export async function findOwnEndpoint(
  db: Queryable,
  key: EndpointKey,
): Promise<WebhookEndpoint | null> {
  const { rows } = await db.query<WebhookEndpoint>(
    `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints e WHERE id = $1 AND user_id = $2
       AND NOT EXISTS (SELECT 1 FROM meetings m WHERE m.id = e.meeting_id AND m.deleted_at IS NOT NULL)`,
    [key.endpointId, key.userId],
  );
  return rows[0] ?? null;
}

/** The ids of a user's enabled endpoints, at most a hundred. */
export async function listEnabledEndpointIds(db: Queryable, userId: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    'SELECT id FROM webhook_endpoints WHERE user_id = $1 AND is_enabled',
    [userId],
  );
  return rows.map(({ id }) => id);
}

/** A user's endpoints from the newest on, those made before `beforeId`. */
export async function listOwnEndpoints(
  db: Queryable,
  query: { userId: number; meetingId: number | null; beforeId: number | null; limit: number },
): Promise<WebhookEndpoint[]> {
  const { rows } = await db.query<WebhookEndpoint>(
    `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints e
     WHERE user_id = $1 AND ($2::int IS NULL OR meeting_id = $2) AND ($3::int IS NULL OR id < $3)
       AND NOT EXISTS (SELECT 1 FROM meetings m WHERE m.id = e.meeting_id AND m.deleted_at IS NOT NULL)
     ORDER BY id DESC LIMIT $4`,
    [query.userId, query.meetingId, query.beforeId, query.limit],
  );
  return rows;
}

export interface EndpointChanges {
  url?: string | undefined;
  description?: string | null | undefined;
  eventTypes?: readonly string[] | null | undefined;
  enabled?: boolean | undefined;
}

/** Changes what is given. Enabling forgets earlier failures, so that all is tried again at once. */
export async function updateEndpoint(
  db: Database,
  key: EndpointKey,
  changes: EndpointChanges,
): Promise<WebhookEndpoint | null> {
  const { url, description, eventTypes, enabled } = changes;
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<WebhookEndpoint>(
      `UPDATE webhook_endpoints SET updated_at = now(), url = coalesce($3, url),
         description = CASE WHEN $4 THEN $5 ELSE description END,
         event_types = CASE WHEN $6 THEN $7::jsonb ELSE event_types END,
         is_enabled = coalesce($8, is_enabled),
         disabled_reason = CASE WHEN $8 IS NULL OR NOT $8 AND NOT is_enabled THEN disabled_reason
           WHEN NOT $8 THEN 'by_user' END,
         disabled_at = CASE WHEN $8 IS NULL OR NOT $8 AND NOT is_enabled THEN disabled_at
           WHEN NOT $8 THEN now() END,
         failing_since = CASE WHEN $8 THEN NULL ELSE failing_since END,
         paused_until = CASE WHEN $8 THEN NULL ELSE paused_until END
       WHERE id = $1 AND user_id = $2 RETURNING ${ENDPOINT_COLUMNS}`,
      [
        key.endpointId,
        key.userId,
        url ?? null,
        description !== undefined,
        description ?? null,
        eventTypes !== undefined,
        eventTypes == null ? null : JSON.stringify(eventTypes),
        enabled ?? null,
      ],
    );
    if (rows[0] && enabled) {
      await tx.query(
        `UPDATE webhook_positions SET failing_since = NULL, attempts = 0, next_attempt_at = NULL
         WHERE endpoint_id = $1 AND failing_since IS NOT NULL`,
        [key.endpointId],
      );
    }
    return rows[0] ?? null;
  });
}

/** Gives an endpoint another secret; the one it had signs along until `oldUntil`. */
export async function rotateSecret(
  db: Queryable,
  key: EndpointKey,
  { secretEncrypted, oldUntil }: { secretEncrypted: string; oldUntil: Date },
): Promise<boolean> {
  const { rows } = await db.query(
    `UPDATE webhook_endpoints SET updated_at = now(), old_secret_encrypted = secret_encrypted,
       old_secret_until = $3, secret_encrypted = $4
     WHERE id = $1 AND user_id = $2 RETURNING id`,
    [key.endpointId, key.userId, oldUntil, secretEncrypted],
  );
  return rows.length > 0;
}

/** Deletes an endpoint with its positions and its log. False for none. */
export async function deleteEndpoint(db: Queryable, key: EndpointKey): Promise<boolean> {
  const { rows } = await db.query(
    'DELETE FROM webhook_endpoints WHERE id = $1 AND user_id = $2 RETURNING id',
    [key.endpointId, key.userId],
  );
  return rows.length > 0;
}
