import type { Queryable } from './client';
import { readBotMinutesOfMonth } from './usage';

/** What a user may use; null for no limit. */
export interface Limits {
  maxConcurrentBots: number | null;
  maxBotMinutesPerMonth: number | null;
}

/** A user's limits, or the installation's where the user has none of their own. */
export async function readLimits(db: Queryable, userId: number, defaults: Limits): Promise<Limits> {
  const { rows } = await db.query<Limits>(
    `SELECT coalesce(max_concurrent_bots, $2) AS "maxConcurrentBots",
       coalesce(max_bot_minutes_per_month, $3) AS "maxBotMinutesPerMonth"
     FROM users WHERE id = $1`,
    [userId, defaults.maxConcurrentBots, defaults.maxBotMinutesPerMonth],
  );
  if (!rows[0]) throw new Error(`Expected a user with the id ${userId}`);
  return rows[0];
}

/** Until the transaction ends, nobody else decides whether this user may have another bot. */
async function lockLimits(tx: Queryable, userId: number): Promise<void> {
  await tx.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
}

/**
 * The user's meetings that have a bot, are between two attempts, or were asked for one that has not
 * been begun; what `exceptIntentId` asks for does not count.
 */
export async function listMeetingsWithBot(
  db: Queryable,
  userId: number,
  exceptIntentId: string | null = null,
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT m.id FROM meetings m WHERE m.user_id = $1 AND m.deleted_at IS NULL
       AND m.source = 'bot' AND (m.status IN ('joining', 'live')
       OR EXISTS (SELECT 1 FROM bot_attempts a WHERE a.meeting_id = m.id
         AND a.fenced_at IS NULL AND a.status NOT IN ('ended', 'failed'))
       OR EXISTS (SELECT 1 FROM intents i WHERE i.meeting_id = m.id AND i.kind = 'start_bot'
         AND i.id IS DISTINCT FROM $2::uuid AND i.status <> 'refused'
         -- nobody sends an older one any more
         AND i.created_at > now() - interval '1 hour'
         AND NOT EXISTS (SELECT 1 FROM bot_attempts a WHERE a.meeting_id = m.id
           AND greatest(a.created_at, a.ended_at, a.fenced_at) >= i.created_at)
         AND NOT EXISTS (SELECT 1 FROM intents later WHERE later.meeting_id = m.id
           AND later.kind = 'stop_bot' AND later.created_at > i.created_at)
         AND NOT (m.status IN ('completed', 'failed', 'cancelled')
           AND m.projected_at >= i.created_at)))`,
    [userId, exceptIntentId],
  );
  return rows.map(({ id }) => id);
}

export interface ExceededLimit {
  limit: keyof Limits;
  value: number;
  used: number;
}

/**
 * Which limit another bot of this user would exceed, or null. Whoever asks in the transaction that
 * makes the bot sure is judged after everybody before. A meeting that has its bot exceeds none.
 */
export async function findExceededLimit(
  tx: Queryable,
  defaults: Limits,
  asked: { userId: number; meetingId: number; intentId: string | null },
): Promise<ExceededLimit | null> {
  const { userId, meetingId, intentId } = asked;
  await lockLimits(tx, userId);
  const { maxConcurrentBots, maxBotMinutesPerMonth } = await readLimits(tx, userId, defaults);
  if (maxConcurrentBots === null && maxBotMinutesPerMonth === null) return null;
  const withBot = await listMeetingsWithBot(tx, userId, intentId);
  if (withBot.includes(meetingId)) return null;
  if (maxConcurrentBots !== null && withBot.length >= maxConcurrentBots) {
    return { limit: 'maxConcurrentBots', value: maxConcurrentBots, used: withBot.length };
  }
  if (maxBotMinutesPerMonth === null) return null;
  const used = await readBotMinutesOfMonth(tx, userId);
  if (used < maxBotMinutesPerMonth) return null;
  return { limit: 'maxBotMinutesPerMonth', value: maxBotMinutesPerMonth, used };
}
