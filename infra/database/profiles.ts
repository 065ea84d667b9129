import type { Profile } from '../../domain/profiles';
import type { Queryable } from './client';
import { isTombstoned, lockUsers } from './users';

export type ProfileOutcome =
  | { kind: 'applied'; userId: number }
  /** Something newer is known already. */
  | { kind: 'older'; userId: number }
  /** The user was deleted and stays so. */
  | { kind: 'deleted' };

/**
 * Takes over what another system says of a user, made here when unknown. In any order and any
 * number of times: what is older never wins, and an e-mail belongs to whoever claimed it last.
 * Call it in a transaction.
 */
export async function saveProfile(tx: Queryable, profile: Profile): Promise<ProfileOutcome> {
  const { clerkId, email, at } = profile;
  await lockUsers(tx);
  if (await isTombstoned(tx, clerkId)) return { kind: 'deleted' };
  await tx.query('INSERT INTO users (clerk_id) VALUES ($1) ON CONFLICT (clerk_id) DO NOTHING', [
    clerkId,
  ]);
  const { rows } = await tx.query<{ id: number; older: boolean }>(
    `SELECT id, coalesce(profile_at > $2, profile_at IS NOT NULL) AS older
     FROM users WHERE clerk_id = $1`,
    [clerkId, at],
  );
  const user = rows[0];
  if (!user) throw new Error('Expected the row of the user to be there');
  if (user.older) return { kind: 'older', userId: user.id };
  await tx.query(
    `UPDATE users SET email = NULL, updated_at = now() WHERE email = $2 AND id <> $1
       AND (profile_at IS NULL OR profile_at <= $3)`,
    [user.id, email, at],
  );
  await tx.query(
    `UPDATE users SET full_name = $3, avatar_url = $4, profile_at = coalesce($5, profile_at),
       updated_at = now(),
       email = CASE WHEN EXISTS (SELECT 1 FROM users WHERE email = $2 AND id <> $1)
         THEN NULL ELSE $2 END
     WHERE id = $1`,
    [user.id, email, profile.fullName, profile.avatarUrl, at],
  );
  return { kind: 'applied', userId: user.id };
}

/**
 * Notes an event of Clerk by Svix's id: `new`, or `again` when it was taken before and the sender
 * signed it anew since, or `copy` of an attempt that was seen.
 */
export async function noteClerkDelivery(
  tx: Queryable,
  { svixId, signedAt }: { svixId: string; signedAt: Date },
): Promise<'new' | 'again' | 'copy'> {
  // a row that this statement inserted has no xmax yet
  const { rows } = await tx.query<{ isNew: boolean }>(
    `INSERT INTO clerk_deliveries AS known (svix_id, signed_at) VALUES ($1, $2)
     ON CONFLICT (svix_id) DO UPDATE SET signed_at = $2 WHERE known.signed_at < $2
     RETURNING xmax = 0 AS "isNew"`,
    [svixId, signedAt],
  );
  if (!rows[0]) return 'copy';
  return rows[0].isNew ? 'new' : 'again';
}

/** Svix tries no event for longer than this. */
const DELIVERY_DAYS = 30;

/** Forgets deliveries that cannot come again; returns how many. */
export async function forgetClerkDeliveries(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `WITH gone AS (DELETE FROM clerk_deliveries
       WHERE received_at < now() - interval '${DELIVERY_DAYS} days' RETURNING 1)
     SELECT count(*)::int AS count FROM gone`,
  );
  return rows[0]?.count ?? 0;
}
