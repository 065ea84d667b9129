import { z } from 'zod';

/** How the database, Redis and Temporal are reached; passwords may stand apart from addresses. */
export const connectionSettings = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  DATABASE_PASSWORD: z.string().min(1).optional(),
  DATABASE_MAX_CONNECTIONS: z.coerce.number().int().min(2).max(200).default(10),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  REDIS_PASSWORD: z.string().min(1).optional(),
  REDIS_SENTINELS: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.string().regex(/^[^:\s]+:\d{1,5}$/, 'Expected host:port')).max(20))
    .default([]),
  REDIS_SENTINEL_MASTER: z.string().min(1).default('mymaster'),
  REDIS_SENTINEL_PASSWORD: z.string().min(1).optional(),
  TEMPORAL_ADDRESS: z.string().min(1).default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('meetings'),
  TEMPORAL_TLS: z.stringbool().default(false),
  TEMPORAL_API_KEY: z.string().min(1).optional(),
};

type Connections = z.output<ReturnType<typeof z.object<typeof connectionSettings>>>;

/** A key that travels unencrypted is anybody's. */
export function checkConnections(
  env: Pick<Connections, 'TEMPORAL_TLS' | 'TEMPORAL_API_KEY'>,
  context: z.RefinementCtx,
): void {
  if (env.TEMPORAL_API_KEY === undefined || env.TEMPORAL_TLS) return;
  const message = 'Expected TEMPORAL_TLS=true with TEMPORAL_API_KEY';
  context.addIssue({ code: 'custom', path: ['TEMPORAL_TLS'], message });
}

/** PostgreSQL's address with the password that was given apart, whatever signs that has. */
export function databaseUrl(env: Pick<Connections, 'DATABASE_URL' | 'DATABASE_PASSWORD'>): string {
  if (env.DATABASE_PASSWORD === undefined) return env.DATABASE_URL;
  const url = new URL(env.DATABASE_URL);
  url.password = encodeURIComponent(env.DATABASE_PASSWORD);
  return url.href;
}

/** Where Redis is: one server, or whichever the Sentinels call the master. */
export interface RedisAddress {
  url: string;
  password?: string | undefined;
  sentinels?: { hosts: { host: string; port: number }[]; master: string; password?: string };
}

/** Redis' address by the settings. */
export function redisAddress(
  env: Pick<
    Connections,
    | 'REDIS_URL'
    | 'REDIS_PASSWORD'
    | 'REDIS_SENTINELS'
    | 'REDIS_SENTINEL_MASTER'
    | 'REDIS_SENTINEL_PASSWORD'
  >,
): RedisAddress {
  const address = { url: env.REDIS_URL, password: env.REDIS_PASSWORD };
  if (env.REDIS_SENTINELS.length === 0) return address;
  const hosts = env.REDIS_SENTINELS.map((each) => {
    const [host = '', port] = each.split(':');
    return { host, port: Number(port) };
  });
  const { REDIS_SENTINEL_MASTER: master, REDIS_SENTINEL_PASSWORD: password } = env;
  return {
    ...address,
    sentinels: { hosts, master, ...(password === undefined ? {} : { password }) },
  };
}

/** Options of any connection to Temporal. */
export interface TemporalAddress {
  address: string;
  tls?: boolean | undefined;
  apiKey?: string | undefined;
}

/** Temporal's address by the settings. */
export function temporalAddress(
  env: Pick<Connections, 'TEMPORAL_ADDRESS' | 'TEMPORAL_TLS' | 'TEMPORAL_API_KEY'>,
): TemporalAddress {
  const apiKey = env.TEMPORAL_API_KEY;
  return {
    address: env.TEMPORAL_ADDRESS,
    ...(env.TEMPORAL_TLS ? { tls: true } : {}),
    ...(apiKey === undefined ? {} : { apiKey }),
  };
}
