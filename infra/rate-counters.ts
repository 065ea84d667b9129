import type { RedisReply } from 'rate-limit-redis';
import type { RedisAddress } from './connections';
import { openRedis } from './redis';

/** Counters on Redis that all replicas share; a Redis that is slow or down costs accuracy only. */
export interface RateCounters {
  /** Sends a raw command; fails at once while Redis is not usable. */
  send(command: string[]): Promise<RedisReply>;
  /** False while Redis is down, and for a moment after it failed to answer in time. */
  isUsable(): boolean;
  close(): void;
}

export interface RateCountersOptions extends RedisAddress {
  /** Every request waits for its count: a Redis that does not answer must not hold it up for longer. */
  answerTimeoutMs?: number;
  /** Told per failed try; ioredis reconnects by itself, at the latest every 2 s. */
  onConnectionError?: (error: Error) => void;
}

const ANSWER_TIMEOUT_MS = 250;
/** How long a Redis that did not answer is left alone. */
const PAUSE_MS = 2_000;

/**
 * Opens the counters. They have a connection of their own: commands on one connection wait for each
 * other, and neither may a count wait for a doorbell nor a doorbell for a count.
 */
export function createRateCounters(options: RateCountersOptions): RateCounters {
  const redis = openRedis(options, {
    // A count that cannot be taken now is taken by this process instead.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
    disconnectTimeout: 100,
  });
  redis.on('error', (error: Error) => options.onConnectionError?.(error));
  let pausedUntil = 0;
  return {
    async send([name = '', ...rest]) {
      try {
        return (await redis.call(name, ...rest)) as RedisReply;
      } catch (error) {
        // An answer, also one that complains of a script it does not know, is not an outage.
        const isAnswer = error instanceof Error && error.name === 'ReplyError';
        if (!isAnswer) pausedUntil = Date.now() + PAUSE_MS;
        throw error;
      }
    },
    isUsable: () => redis.status === 'ready' && Date.now() >= pausedUntil,
    close: () => redis.disconnect(),
  };
}
