import { Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress } from './connections';

/** Opens one connection, which comes back by itself after every outage, at the latest after 2 s. */
export function openRedis(
  { url, password, sentinels }: RedisAddress,
  options: RedisOptions,
): Redis {
  const retryStrategy = (times: number): number => Math.min(times * 100, 2_000);
  const common: RedisOptions = {
    ...options,
    retryStrategy,
    ...(password === undefined ? {} : { password }),
  };
  if (!sentinels) return new Redis(url, common);
  const { protocol, username, password: ownPassword, pathname } = new URL(url);
  const isEncrypted = protocol === 'rediss:';
  return new Redis({
    ...(ownPassword ? { password: decodeURIComponent(ownPassword) } : {}),
    ...(username ? { username: decodeURIComponent(username) } : {}),
    db: Number(pathname.slice(1) || 0),
    ...common,
    sentinels: sentinels.hosts,
    name: sentinels.master,
    sentinelRetryStrategy: retryStrategy,
    ...(sentinels.password === undefined ? {} : { sentinelPassword: sentinels.password }),
    ...(isEncrypted ? { tls: {}, enableTLSForSentinelMode: true } : {}),
  });
}
