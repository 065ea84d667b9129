import { botDefaultsSchema, type BotDefaults } from '../../domain/bot-defaults';
import type { Database, Queryable } from './client';

/** What is known of a person besides their id at the sign-in service. */
export interface UserProfile {
  email?: string | undefined;
  fullName?: string | undefined;
}

/** A person who is known and may not use the API. */
export class UserRefusedError extends Error {
  override readonly name = 'UserRefusedError';

  constructor(readonly standing: 'deleted' | 'disabled') {
    super(`Expected a user who may use the API, got one who is ${standing}`);
  }
}

interface Standing {
  id: number;
  disabled: boolean;
  deleted: boolean;
}

/**
 * The id of the user with this Clerk id; the row is made at the first sight, also when several
 * requests see them first at the same time. Throws `UserRefusedError` for a deleted one, who is
 * never made again, and for a disabled one.
 */
export async function findOrMakeUser(db: Database, clerkId: string): Promise<number> {
  const user =
    (await findStanding(db, clerkId)) ?? (await db.transaction((tx) => makeUser(tx, clerkId)));
  if (!user || user.deleted) throw new UserRefusedError('deleted');
  if (user.disabled) throw new UserRefusedError('disabled');
  return user.id;
}

/** Which of these users may use the API now. */
export async function findWelcomeUsers(db: Queryable, userIds: number[]): Promise<Set<number>> {
  const { rows } = await db.query<{ id: number }>(
    'SELECT id FROM users WHERE id = ANY($1) AND disabled_at IS NULL AND deleted_at IS NULL',
    [userIds],
  );
  return new Set(rows.map(({ id }) => id));
}

async function findStanding(db: Queryable, clerkId: string): Promise<Standing | null> {
  const { rows } = await db.query<Standing>(
    `SELECT id, disabled_at IS NOT NULL AS disabled, deleted_at IS NOT NULL AS deleted
     FROM users WHERE clerk_id = $1`,
    [clerkId],
  );
  return rows[0] ?? null;
}

async function makeUser(tx: Queryable, clerkId: string): Promise<Standing | null> {
  await lockUsers(tx);
  if (await isTombstoned(tx, clerkId)) return null;
  await tx.query('INSERT INTO users (clerk_id) VALUES ($1) ON CONFLICT (clerk_id) DO NOTHING', [
    clerkId,
  ]);
  return findStanding(tx, clerkId);
}

/** The text "user": a number of its own among the advisory locks. */
const USERS_LOCK = 0x75736572;

/**
 * Lets one transaction at a time decide who exists and whose an e-mail is; that is rare. Without it
 * a first request could make a user again while a deletion leaves the tombstone.
 */
export async function lockUsers(tx: Queryable): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [USERS_LOCK]);
}

/** Whether this person was deleted. */
export async function isTombstoned(db: Queryable, clerkId: string): Promise<boolean> {
  const { rows } = await db.query('SELECT 1 FROM deleted_users WHERE clerk_id = $1', [clerkId]);
  return rows.length > 0;
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
