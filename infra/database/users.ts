import { botDefaultsSchema, type BotDefaults } from '../../domain/bot-defaults';
import type { Queryable } from './client';

/** What is known of a person besides their id at the sign-in service. */
export interface UserProfile {
  email?: string | undefined;
  fullName?: string | undefined;
}

/**
 * The id of the user with this Clerk id; the row is made at the first sight, also when several
 * requests see them first at the same time.
 */
export async function findOrMakeUser(db: Queryable, clerkId: string): Promise<number> {
  const found = await db.query<{ id: number }>('SELECT id FROM users WHERE clerk_id = $1', [
    clerkId,
  ]);
  if (found.rows[0]) return found.rows[0].id;
  const made = await db.query<{ id: number }>(
    `INSERT INTO users (clerk_id) VALUES ($1)
     ON CONFLICT (clerk_id) DO UPDATE SET clerk_id = excluded.clerk_id RETURNING id`,
    [clerkId],
  );
  const user = made.rows[0];
  if (!user) throw new Error('Expected the upsert of a user to return its row');
  return user.id;
}

/** Keeps what a person said of themselves; an e-mail that another user has stays with that one. */
export async function saveUserProfile(
  db: Queryable,
  clerkId: string,
  profile: UserProfile,
): Promise<void> {
  await db.query(
    `UPDATE users SET full_name = coalesce($2, full_name), updated_at = now(),
       email = CASE WHEN EXISTS (SELECT 1 FROM users WHERE email = $3 AND clerk_id <> $1)
         THEN email ELSE coalesce($3, email) END
     WHERE clerk_id = $1`,
    [clerkId, profile.fullName ?? null, profile.email ?? null],
  );
}

/** A user as they see themselves. */
export interface User {
  id: number;
  email: string | null;
  fullName: string | null;
  botDefaults: BotDefaults;
}

type UserRow = Omit<User, 'botDefaults'> & { botDefaults: unknown };

const COLUMNS = 'id, email, full_name AS "fullName", bot_defaults AS "botDefaults"';

/** The user with this id; whoever is signed in has one. */
export async function readUser(db: Queryable, userId: number): Promise<User> {
  const { rows } = await db.query<UserRow>(`SELECT ${COLUMNS} FROM users WHERE id = $1`, [userId]);
  return toUser(rows[0], userId);
}

/** Changes what is given; `botDefaults` replaces the old ones as a whole. */
export async function updateUser(
  db: Queryable,
  userId: number,
  changes: { fullName?: string | null | undefined; botDefaults?: BotDefaults | undefined },
): Promise<User> {
  const { fullName, botDefaults } = changes;
  const { rows } = await db.query<UserRow>(
    `UPDATE users SET updated_at = now(),
       full_name = CASE WHEN $2 THEN $3 ELSE full_name END,
       bot_defaults = coalesce($4::jsonb, bot_defaults)
     WHERE id = $1 RETURNING ${COLUMNS}`,
    [
      userId,
      fullName !== undefined,
      fullName ?? null,
      botDefaults === undefined ? null : JSON.stringify(botDefaults),
    ],
  );
  return toUser(rows[0], userId);
}

function toUser(row: UserRow | undefined, userId: number): User {
  if (!row) throw new Error(`Expected a user with the id ${userId}`);
  return { ...row, botDefaults: botDefaultsSchema.parse(row.botDefaults ?? {}) };
}
