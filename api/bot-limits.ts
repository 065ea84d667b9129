import { defaultLimits, type ApiConfig } from '../infra/config';
import type { Queryable } from '../infra/database/client';
import { findExceededLimit } from '../infra/database/limits';
import { ApiError } from './errors';

/**
 * Refuses a bot beyond the user's limits. Call it in the transaction that keeps the intent: intents
 * of the same user are then judged one after the other. A meeting that has its bot is never refused.
 */
export async function checkBotLimits(
  tx: Queryable,
  config: ApiConfig,
  asked: { userId: number; meetingId: number; intentId: string },
): Promise<void> {
  const exceeded = await findExceededLimit(tx, defaultLimits(config), asked);
  if (exceeded === null) return;
  const { limit, value, used } = exceeded;
  if (limit === 'maxConcurrentBots') {
    const message = `Expected fewer than ${value} bots at the same time, got ${used}`;
    throw new ApiError('too_many_bots', message, exceeded);
  }
  const message = `Expected fewer than ${value} bot minutes this month, got ${Math.floor(used)}`;
  throw new ApiError('bot_minutes_used_up', message, exceeded);
}
