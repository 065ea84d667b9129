import { z } from 'zod';

/** What the page's server reads; all of it when it runs, nothing when it is built. */
const schema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  AUTH_MODE: z.enum(['local', 'clerk']).default('clerk'),
  CLERK_PUBLISHABLE_KEY: z.string().min(1).optional(),
  CLERK_SECRET_KEY: z.string().min(1).optional(),
  CLERK_JWT_KEY: z.string().min(1).optional(),
  CLERK_AUTHORIZED_PARTIES: z.string().min(1).optional(),
  WEB_API_URL: z.url({ protocol: /^https?$/ }).optional(),
  API_INTERNAL_URL: z.url({ protocol: /^https?$/ }).optional(),
  PRACTICE_ROOM_URL: z.url({ protocol: /^https?$/ }).optional(),
});

export type WebConfig = Readonly<z.infer<typeof schema>>;

let current: WebConfig | undefined;

/** The settings; the first call throws one error that names every bad one. */
export function webConfig(): WebConfig {
  current ??= readWebConfig(process.env);
  return current;
}

function readWebConfig(env: Record<string, string | undefined>): WebConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const config = schema.parse(given);
  const needed = ['CLERK_PUBLISHABLE_KEY', 'CLERK_SECRET_KEY'] as const;
  const missing = config.AUTH_MODE === 'clerk' ? needed.filter((name) => !config[name]) : [];
  if (missing.length > 0) {
    throw new Error(`Expected ${missing.join(' and ')} where AUTH_MODE is clerk`);
  }
  return Object.freeze(config);
}
