import type { ApiConfig } from '../infra/config';
import type { Queryable } from '../infra/database/client';
import { listMeetingsWithBot, lockLimits, readLimits, type Limits } from '../infra/database/limits';
import { readBotMinutesOfMonth } from '../infra/database/usage';
import { ApiError } from './errors';

/** The limits of users who have none of their own. */
export function defaultLimits(config: ApiConfig): Limits {
  return {
    maxConcurrentBots: config.MAX_CONCURRENT_BOTS ?? null,
    maxBotMinutesPerMonth: config.MAX_BOT_MINUTES_PER_MONTH ?? null,
  };
}

/**
 * Refuses a bot beyond the user's limits. Call it in the transaction that keeps the intent: intents
 * of the same user are then judged one after the other. A meeting that has its bot is never refused.
 */
export async function checkBotLimits(
  tx: Queryable,
  config: ApiConfig,
  asked: { userId: number; meetingId: number; intentId: string },
): Promise<void> {
  const { userId, meetingId, intentId } = asked;
  await lockLimits(tx, userId);
  const limits = await readLimits(tx, userId, defaultLimits(config));
  const { maxConcurrentBots, maxBotMinutesPerMonth } = limits;
  if (maxConcurrentBots === null && maxBotMinutesPerMonth === null) return;
  const withBot = await listMeetingsWithBot(tx, userId, intentId);
  if (withBot.includes(meetingId)) return;
  if (maxConcurrentBots !== null && withBot.length >= maxConcurrentBots) {
    throw new ApiError(
      'too_many_bots',
      `Expected fewer than ${maxConcurrentBots} bots at the same time, got ${withBot.length}`,
      { limit: 'maxConcurrentBots', value: maxConcurrentBots, used: withBot.length },
    );
  }
  if (maxBotMinutesPerMonth === null) return;
  const used = await readBotMinutesOfMonth(tx, userId);
  if (used >= maxBotMinutesPerMonth) {
    throw new ApiError(
      'bot_minutes_used_up',
      `Expected fewer than ${maxBotMinutesPerMonth} bot minutes this month, got ${Math.floor(used)}`,
      { limit: 'maxBotMinutesPerMonth', value: maxBotMinutesPerMonth, used },
    );
  }
}
