import type { Platform } from '../../domain/platforms';
import type { Database, Queryable } from './client';

/** A platform account of a user that bots sign in with. */
export interface Identity {
  id: number;
  name: string;
  platform: Platform;
  allowsParallel: boolean;
  refusedAt: Date | null;
  lastUsedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The columns but for the state, which only a bot's own route reads. */
const COLUMNS = `id, name, platform, allows_parallel AS "allowsParallel",
  refused_at AS "refusedAt", last_used_at AS "lastUsedAt", created_at AS "createdAt",
  updated_at AS "updatedAt"`;

type NewIdentity = Pick<Identity, 'name' | 'platform' | 'allowsParallel'> & {
  stateEncrypted: string;
};

export type IdentityResult =
  | { kind: 'kept'; identity: Identity }
  /** The user has another of this name. */
  | { kind: 'name_taken' }
  /** The user has as many as one may. */
  | { kind: 'too_many' }
  | { kind: 'not_found' };

/** Keeps a new identity, unless the user has `most` already. */
export async function insertIdentity(
  db: Database,
  userId: number,
  { most, ...identity }: NewIdentity & { most: number },
): Promise<IdentityResult> {
  return db.transaction(async (tx) => {
    // Identities that are made together are counted one after the other.
    await tx.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
    const { rows: own } = await tx.query<{ name: string }>(
      'SELECT name FROM bot_identities WHERE user_id = $1',
      [userId],
    );
    if (own.some(({ name }) => name === identity.name)) return { kind: 'name_taken' };
    if (own.length >= most) return { kind: 'too_many' };
    const { rows } = await tx.query<Identity>(
      `INSERT INTO bot_identities (user_id, name, platform, state_encrypted, allows_parallel)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, name) DO NOTHING RETURNING ${COLUMNS}`,
      [userId, identity.name, identity.platform, identity.stateEncrypted, identity.allowsParallel],
    );
    return rows[0] ? { kind: 'kept', identity: rows[0] } : { kind: 'name_taken' };
  });
}

/** A user's identities in the order they were made. */
export async function listIdentities(db: Queryable, userId: number): Promise<Identity[]> {
  const { rows } = await db.query<Identity>(
    `SELECT ${COLUMNS} FROM bot_identities WHERE user_id = $1 ORDER BY id`,
    [userId],
  );
  return rows;
}

/** An identity of this user, or null. */
export async function findOwnIdentity(
  db: Queryable,
  key: { identityId: number; userId: number },
): Promise<Identity | null> {
  const { rows } = await db.query<Identity>(
    `SELECT ${COLUMNS} FROM bot_identities WHERE id = $1 AND user_id = $2`,
    [key.identityId, key.userId],
  );
  return rows[0] ?? null;
}

/** Changes what is given; a new state is a fresh sign-in that nobody has refused yet. */
export async function updateIdentity(
  db: Queryable,
  key: { identityId: number; userId: number },
  changes: {
    name?: string | undefined;
    stateEncrypted?: string | undefined;
    allowsParallel?: boolean | undefined;
  },
): Promise<IdentityResult> {
  const { name, stateEncrypted, allowsParallel } = changes;
  try {
    const { rows } = await db.query<Identity>(
      `UPDATE bot_identities SET updated_at = now(), name = coalesce($3, name),
         state_encrypted = coalesce($4, state_encrypted),
         refused_at = CASE WHEN $4::text IS NULL THEN refused_at END,
         allows_parallel = coalesce($5, allows_parallel)
       WHERE id = $1 AND user_id = $2 RETURNING ${COLUMNS}`,
      [key.identityId, key.userId, name ?? null, stateEncrypted ?? null, allowsParallel ?? null],
    );
    return rows[0] ? { kind: 'kept', identity: rows[0] } : { kind: 'not_found' };
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return { kind: 'name_taken' };
  }
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}

/** Deletes an identity with its state; its meetings' bots join as guests. False for none. */
export async function deleteIdentity(
  db: Queryable,
  key: { identityId: number; userId: number },
): Promise<boolean> {
  const { rows } = await db.query(
    'DELETE FROM bot_identities WHERE id = $1 AND user_id = $2 RETURNING id',
    [key.identityId, key.userId],
  );
  return rows.length > 0;
}

/** The encrypted state of the identity that a meeting's bot signs in with; notes its use. */
export async function takeIdentityState(db: Queryable, meetingId: number): Promise<string | null> {
  const { rows } = await db.query<{ state: string }>(
    `UPDATE bot_identities i SET last_used_at = now() FROM meetings m
     WHERE m.id = $1 AND i.id = m.bot_identity_id RETURNING i.state_encrypted AS state`,
    [meetingId],
  );
  return rows[0]?.state ?? null;
}

/** Notes that a platform no longer took the sign-in of a meeting's identity. */
export async function noteIdentityRefused(tx: Queryable, meetingId: number): Promise<void> {
  await tx.query(
    `UPDATE bot_identities i SET refused_at = now() FROM meetings m
     WHERE m.id = $1 AND i.id = m.bot_identity_id`,
    [meetingId],
  );
}

/**
 * Takes the lock that makes attempts of one identity get their ids in the order they are committed,
 * which `isIdentityFree` relies on. Call it before an attempt is inserted.
 */
export async function lockIdentity(tx: Queryable, meetingId: number): Promise<void> {
  await tx.query(
    `SELECT 1 FROM bot_identities WHERE id = (
       SELECT bot_identity_id FROM meetings WHERE id = $1) FOR NO KEY UPDATE`,
    [meetingId],
  );
}

/**
 * Whether an attempt may sign in: nobody of another meeting that has the same identity began before
 * it and still lives. Of attempts that begin together exactly one, the first, may.
 */
export async function isIdentityFree(
  db: Queryable,
  key: { meetingId: number; attempt: number },
): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM bot_attempts a
     JOIN meetings m ON m.id = a.meeting_id
     JOIN bot_identities i ON i.id = m.bot_identity_id AND NOT i.allows_parallel
     JOIN meetings other ON other.bot_identity_id = i.id AND other.id <> m.id
     JOIN bot_attempts earlier ON earlier.meeting_id = other.id AND earlier.id < a.id
     WHERE a.meeting_id = $1 AND a.attempt = $2 AND earlier.fenced_at IS NULL
       AND (earlier.status NOT IN ('ended', 'failed')
         -- its next attempt is on the way back into the call
         OR (other.status IN ('joining', 'live') AND earlier.joined_at IS NOT NULL))
     LIMIT 1`,
    [key.meetingId, key.attempt],
  );
  return rows.length === 0;
}
