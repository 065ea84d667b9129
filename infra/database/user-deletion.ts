import type { Database, Queryable } from './client';
import { markMeetingsDeleted } from './meetings';
import { lockUsers } from './users';

export interface UserDeletion {
  /** Null when there is no row (any more) that a workflow would have to delete. */
  userId: number | null;
  /** What was marked now. */
  meetingIds: number[];
}

/**
 * Deletes a person for good: the tombstone, the mark on their row and on all their meetings are one
 * transaction, which must be the caller's. Repeated, it changes nothing more.
 */
export async function markUserDeleted(tx: Queryable, clerkId: string): Promise<UserDeletion> {
  await lockUsers(tx);
  const { rows } = await tx.query<{ id: number }>(
    `UPDATE users SET deleted_at = coalesce(deleted_at, now()), updated_at = now(), email = NULL,
       full_name = NULL, avatar_url = NULL, bot_defaults = NULL
     WHERE clerk_id = $1 RETURNING id`,
    [clerkId],
  );
  const userId = rows[0]?.id ?? null;
  await tx.query(
    `INSERT INTO deleted_users (clerk_id, user_id) VALUES ($1, $2)
     ON CONFLICT (clerk_id) DO NOTHING`,
    [clerkId, userId],
  );
  // first, so that none of them makes another meeting
  await tx.query('DELETE FROM schedules WHERE user_id = $1', [userId]);
  const meetingIds = userId === null ? [] : await markMeetingsDeleted(tx, { userId });
  return { userId, meetingIds };
}

/** Clerk's id of a user who is not deleted, or null. */
export async function findClerkId(db: Queryable, userId: number): Promise<string | null> {
  const { rows } = await db.query<{ clerk_id: string }>(
    'SELECT clerk_id FROM users WHERE id = $1 AND deleted_at IS NULL',
    [userId],
  );
  return rows[0]?.clerk_id ?? null;
}

/** Meetings of a deleted user that are still there, those included that were made just now. */
export async function listMeetingsToDelete(db: Database, userId: number): Promise<number[]> {
  return db.transaction(async (tx) => {
    const user = await tx.query('SELECT 1 FROM users WHERE id = $1 AND deleted_at IS NOT NULL', [
      userId,
    ]);
    if (user.rows.length === 0) return [];
    await markMeetingsDeleted(tx, { userId });
    const { rows } = await tx.query<{ id: number }>(
      'SELECT id FROM meetings WHERE user_id = $1 ORDER BY id',
      [userId],
    );
    return rows.map(({ id }) => id);
  });
}

/** Deletes the row of a deleted user; false while a meeting hangs on it. */
export async function deleteUserRow(db: Database, userId: number): Promise<boolean> {
  return db.transaction(async (tx) => {
    // a meeting that is being made waits for this lock, and then finds no user
    const user = await tx.query(
      'SELECT 1 FROM users WHERE id = $1 AND deleted_at IS NOT NULL FOR UPDATE',
      [userId],
    );
    if (user.rows.length === 0) return true;
    const left = await tx.query('SELECT 1 FROM meetings WHERE user_id = $1 LIMIT 1', [userId]);
    if (left.rows.length > 0) return false;
    await tx.query('DELETE FROM users WHERE id = $1', [userId]);
    return true;
  });
}

/** Deleted users whose row is still there `olderThanMs` after the mark. */
export async function listUnfinishedUserDeletions(
  db: Queryable,
  olderThanMs: number,
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT id FROM users WHERE deleted_at < now() - $1 * interval '1 millisecond'
     ORDER BY deleted_at LIMIT 500`,
    [olderThanMs],
  );
  return rows.map(({ id }) => id);
}
