import { setTimeout as delay } from 'node:timers/promises';
import { BOT_HEARTBEAT_INTERVAL_MS, type BotHeartbeat } from '../../domain/bot-api';
import { SupersededError } from './api/api-client';
import { measureResourceUsage } from './resource-usage';

/** Memory is the dear part of measuring; once in half a minute tells enough. */
const BEATS_PER_MEASUREMENT = 10;

export interface HeartbeatOptions {
  send(heartbeat: BotHeartbeat): Promise<unknown>;
  /** Null while the bot cannot be called alive. */
  count(): BotHeartbeat | null;
  onSuperseded(): void;
  signal: AbortSignal;
}

/** Says that the bot is alive until told to stop. A beat that does not arrive is not repeated. */
export async function keepBeating(options: HeartbeatOptions): Promise<void> {
  let usage = {};
  for (let beat = 0; !options.signal.aborted; beat += 1) {
    if (beat % BEATS_PER_MEASUREMENT === 0) usage = (await measureResourceUsage()) ?? {};
    const counted = options.count();
    try {
      if (counted) await options.send({ ...counted, ...usage });
    } catch (error) {
      if (error instanceof SupersededError) options.onSuperseded();
    }
    await delay(BOT_HEARTBEAT_INTERVAL_MS, undefined, { signal: options.signal }).catch(() => null);
  }
}
