import type { NamedUser } from '../../domain/admin';
import type { Queryable } from './client';
import { LIVE } from './meeting-records';
import { isTombstoned, lockUsers } from './users';

/** A user as administrators see them. */
export interface AdminUserRow {
  id: number;
  clerkId: string;
  email: string | null;
  fullName: string | null;
  avatarUrl: string | null;
  maxConcurrentBots: number | null;
  maxBotMinutesPerMonth: number | null;
  disabledAt: Date | null;
  deletedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

const USER = `id, clerk_id AS "clerkId", email, full_name AS "fullName", avatar_url AS "avatarUrl",
  max_concurrent_bots AS "maxConcurrentBots", max_bot_minutes_per_month AS "maxBotMinutesPerMonth",
  disabled_at AS "disabledAt", deleted_at AS "deletedAt", created_at AS "createdAt",
  updated_at AS "updatedAt"`;

/** Whom a number stands for, of `users u`; null where nobody was joined. */
export const NAMED = `CASE WHEN u.id IS NOT NULL THEN
  json_build_object('fullName', u.full_name, 'email', u.email) END`;

export interface Page {
  beforeId: number | null;
  limit: number;
}

export interface UserFilter extends Page {
  /** Part of the name or e-mail, or the whole Clerk id. */
  q?: string | undefined;
  status?: 'active' | 'disabled' | 'deleted' | undefined;
}

/** Users from the newest on; one more than asked for tells that there are more. */
export async function listUsers(db: Queryable, filter: UserFilter): Promise<AdminUserRow[]> {
  const { rows } = await db.query<AdminUserRow>(
    `SELECT ${USER} FROM users WHERE ($1::int IS NULL OR id < $1)
       AND ($2::text IS NULL OR clerk_id = $2 OR email ILIKE $3 OR full_name ILIKE $3)
       AND ($4::text IS NULL OR $4 = CASE WHEN deleted_at IS NOT NULL THEN 'deleted'
         WHEN disabled_at IS NOT NULL THEN 'disabled' ELSE 'active' END)
     ORDER BY id DESC LIMIT $5`,
    [
      filter.beforeId,
      filter.q ?? null,
      `%${filter.q?.replace(/[\\%_]/g, '\\$&') ?? ''}%`,
      filter.status ?? null,
      filter.limit + 1,
    ],
  );
  return rows;
}

/** The user as administrators see them, deleted ones included; null for an unknown id. */
export async function findUser(db: Queryable, userId: number): Promise<AdminUserRow | null> {
  const { rows } = await db.query<AdminUserRow>(`SELECT ${USER} FROM users WHERE id = $1`, [
    userId,
  ]);
  return rows[0] ?? null;
}

export interface NewUser {
  clerkId: string;
  email: string | null;
  fullName: string | null;
  maxConcurrentBots: number | null;
  maxBotMinutesPerMonth: number | null;
}

/** Makes a user ahead of their first sign-in. Call it in a transaction. */
export async function insertUser(
  tx: Queryable,
  user: NewUser,
): Promise<AdminUserRow | 'exists' | 'deleted'> {
  await lockUsers(tx);
  if (await isTombstoned(tx, user.clerkId)) return 'deleted';
  const { rows } = await tx.query<AdminUserRow>(
    `INSERT INTO users (clerk_id, email, full_name, max_concurrent_bots, max_bot_minutes_per_month)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING ${USER}`,
    [user.clerkId, user.email, user.fullName, user.maxConcurrentBots, user.maxBotMinutesPerMonth],
  );
  return rows[0] ?? 'exists';
}

export interface UserChanges {
  disabled?: boolean | undefined;
  maxConcurrentBots?: number | null | undefined;
  maxBotMinutesPerMonth?: number | null | undefined;
}

/** Changes what is given, of a user who is not deleted; null when there is none. */
export async function changeUser(
  db: Queryable,
  userId: number,
  changes: UserChanges,
): Promise<AdminUserRow | null> {
  const { disabled, maxConcurrentBots, maxBotMinutesPerMonth } = changes;
  const { rows } = await db.query<AdminUserRow>(
    `UPDATE users SET updated_at = now(),
       disabled_at = CASE WHEN $2::boolean IS NULL THEN disabled_at
         WHEN $2 THEN coalesce(disabled_at, now()) END,
       max_concurrent_bots = CASE WHEN $3 THEN $4 ELSE max_concurrent_bots END,
       max_bot_minutes_per_month = CASE WHEN $5 THEN $6 ELSE max_bot_minutes_per_month END
     WHERE id = $1 AND deleted_at IS NULL RETURNING ${USER}`,
    [
      userId,
      disabled ?? null,
      maxConcurrentBots !== undefined,
      maxConcurrentBots ?? null,
      maxBotMinutesPerMonth !== undefined,
      maxBotMinutesPerMonth ?? null,
    ],
  );
  return rows[0] ?? null;
}

/** A meeting as administrators see it: whose it is, nothing of what it is about or where. */
export interface AdminMeetingRow {
  id: number;
  userId: number;
  user: NamedUser;
  platform: string;
  source: string;
  status: string;
  botStatus: string;
  reason: string | null;
  attempts: number;
  actualStart: Date | null;
  actualEnd: Date | null;
  deletedAt: Date | null;
  createdAt: Date;
}

export interface MeetingFilter extends Page {
  userId?: number | undefined;
  status?: string | undefined;
  when?: 'live' | undefined;
}

/** Everybody's meetings from the newest on, one more than asked for; those being deleted as well. */
export async function listMeetings(
  db: Queryable,
  filter: MeetingFilter,
): Promise<AdminMeetingRow[]> {
  const { rows } = await db.query<AdminMeetingRow>(
    `SELECT m.id, m.user_id AS "userId", ${NAMED} AS "user", m.platform, m.source, m.status,
       m.bot_status AS "botStatus", m.reason,
       (SELECT count(*)::int FROM bot_attempts a WHERE a.meeting_id = m.id) AS attempts,
       m.actual_start AS "actualStart", m.actual_end AS "actualEnd", m.deleted_at AS "deletedAt",
       m.created_at AS "createdAt"
     FROM meetings m JOIN users u ON u.id = m.user_id
     WHERE ($1::int IS NULL OR m.id < $1) AND ($2::int IS NULL OR m.user_id = $2)
       AND ($3::text IS NULL OR m.status = $3) AND ($4::text[] IS NULL OR m.status = ANY($4))
     ORDER BY m.id DESC LIMIT $5`,
    [
      filter.beforeId,
      filter.userId ?? null,
      filter.status ?? null,
      filter.when === 'live' ? LIVE : null,
      filter.limit + 1,
    ],
  );
  return rows;
}
