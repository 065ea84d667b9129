import type { Scope } from '../../domain/scopes';
import type { Database, Queryable } from './client';
import { UserRefusedError } from './users';

/** A user's key, without what would open anything. */
export interface ApiKey {
  id: number;
  name: string;
  scopes: Scope[];
  lastFour: string;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  createdAt: Date;
}

export type NewApiKey = Pick<ApiKey, 'name' | 'scopes' | 'lastFour' | 'expiresAt'> & {
  keyHash: string;
};

/** Whom a valid key speaks for. */
export interface ApiKeyHolder {
  keyId: number;
  userId: number;
  scopes: Scope[];
  expiresAt: Date | null;
  /** Whether its last use was noted longer than a minute ago. */
  isUseStale: boolean;
}

const COLUMNS = `id, name, scopes, last_four AS "lastFour", expires_at AS "expiresAt",
  last_used_at AS "lastUsedAt", created_at AS "createdAt"`;

/** Keeps a new key; null when the user has `most` already. */
export async function insertApiKey(
  db: Database,
  userId: number,
  { most, ...key }: NewApiKey & { most: number },
): Promise<ApiKey | null> {
  return db.transaction(async (tx) => {
    // Keys that are made together are counted one after the other.
    await tx.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
    const { rows } = await tx.query<ApiKey>(
      `INSERT INTO api_keys (user_id, name, scopes, last_four, expires_at, key_hash)
       SELECT $1, $2, $3, $4, $5, $6
       WHERE (SELECT count(*) FROM api_keys WHERE user_id = $1) < $7 RETURNING ${COLUMNS}`,
      [userId, key.name, key.scopes, key.lastFour, key.expiresAt, key.keyHash, most],
    );
    return rows[0] ?? null;
  });
}

/** A user's keys, expired ones included, in the order they were made. */
export async function listApiKeys(db: Queryable, userId: number): Promise<ApiKey[]> {
  const { rows } = await db.query<ApiKey>(
    `SELECT ${COLUMNS} FROM api_keys WHERE user_id = $1 ORDER BY id`,
    [userId],
  );
  return rows;
}

/** Revokes a key: the next request that shows it finds none. False for none. */
export async function deleteApiKey(
  db: Queryable,
  key: { keyId: number; userId: number },
): Promise<boolean> {
  const { rows } = await db.query(
    'DELETE FROM api_keys WHERE id = $1 AND user_id = $2 RETURNING id',
    [key.keyId, key.userId],
  );
  return rows.length > 0;
}

const IS_VALID = '(expires_at IS NULL OR expires_at > now())';
const IS_USE_STALE = `(last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`;

/**
 * Whom the key with this hash speaks for now; null when it is unknown, revoked or expired. A deleted
 * user's keys are worth nothing; a disabled user's throw `UserRefusedError`.
 */
export async function findApiKeyHolder(
  db: Queryable,
  keyHash: string,
): Promise<ApiKeyHolder | null> {
  const { rows } = await db.query<ApiKeyHolder & { disabled: boolean }>(
    `SELECT k.id AS "keyId", user_id AS "userId", scopes, expires_at AS "expiresAt",
       ${IS_USE_STALE} AS "isUseStale", u.disabled_at IS NOT NULL AS disabled
     FROM api_keys k JOIN users u ON u.id = k.user_id
     WHERE key_hash = $1 AND ${IS_VALID} AND u.deleted_at IS NULL`,
    [keyHash],
  );
  if (!rows[0]) return null;
  const { disabled, ...holder } = rows[0];
  if (disabled) throw new UserRefusedError('disabled');
  return holder;
}

/** Notes that a key is used, once a minute however many processes say so. */
export async function noteApiKeyUse(db: Queryable, keyId: number): Promise<void> {
  await db.query(`UPDATE api_keys SET last_used_at = now() WHERE id = $1 AND ${IS_USE_STALE}`, [
    keyId,
  ]);
}

/** Which of these keys are valid now; whether their users may is another question. */
export async function findValidApiKeys(db: Queryable, keyIds: number[]): Promise<Set<number>> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT id FROM api_keys WHERE id = ANY($1) AND ${IS_VALID}`,
    [keyIds],
  );
  return new Set(rows.map(({ id }) => id));
}
