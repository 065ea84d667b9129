import { randomUUID } from 'node:crypto';
import type { RateCounters } from '../../infra/rate-counters';

/** How many sockets each user has open, on all replicas together. */
export interface UserSockets {
  /** Counts one more; null when there are enough. Call what it returns when the socket is gone. */
  enter(userId: number): Promise<(() => void) | null>;
  close(): void;
}

interface UserSocketsDeps {
  rateCounters: RateCounters | null;
  limit: number;
  /** Between two signs of life of this process's sockets; three missed ones give a place back. */
  refreshMs: number;
}

const PREFIX = 'sockets:';
/** Places are members of a set by the time they end: those of a dead process end by themselves. */
const ENTER = `local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now_ms)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now_ms + ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;
const REFRESH = `local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
for index = 2, #ARGV do redis.call('ZADD', KEYS[1], now_ms + ARGV[1], ARGV[index]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;

/**
 * Counts on Redis, and in this process alone while Redis is down; sockets opened in the meantime are
 * told to Redis once it is back, and nobody is put out for them.
 */
export function createUserSockets({
  rateCounters,
  limit,
  refreshMs,
}: UserSocketsDeps): UserSockets {
  const own = new Map<number, Set<string>>();
  const leaseMs = String(3 * refreshMs);
  let isRefreshing = false;

  /** What Redis says; null while it says nothing. */
  const ask = async (...command: string[]): Promise<unknown> => {
    if (!rateCounters?.isUsable()) return null;
    // the connection's own error was reported; here it only decides who counts
    return rateCounters.send(command).catch(() => null);
  };
  const leave = (userId: number, place: string): void => {
    const places = own.get(userId);
    places?.delete(place);
    if (places?.size === 0) own.delete(userId);
    void ask('ZREM', `${PREFIX}${userId}`, place);
  };
  const refresh = async (): Promise<void> => {
    if (isRefreshing) return;
    isRefreshing = true;
    // one user after the other: thousands of commands at once would make counts wait
    for (const [userId, places] of [...own]) {
      await ask('EVAL', REFRESH, '1', `${PREFIX}${userId}`, leaseMs, ...places);
    }
    isRefreshing = false;
  };
  const timer = setInterval(() => void refresh(), refreshMs);
  timer.unref();

  return {
    async enter(userId) {
      const places = own.get(userId) ?? new Set();
      if (places.size >= limit) return null;
      const place = randomUUID();
      own.set(userId, places.add(place));
      const key = `${PREFIX}${userId}`;
      if ((await ask('EVAL', ENTER, '1', key, String(limit), leaseMs, place)) === 0) {
        leave(userId, place);
        return null;
      }
      return () => leave(userId, place);
    },
    close: () => clearInterval(timer),
  };
}
