import { z } from 'zod';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const environmentSchema = z.object({
  BOT_API_URL: z.url(),
  BOT_TOKEN: z.string().min(1),
  BOT_SPOOL_DIR: z.string().min(1),
  BOT_CHROMIUM_PATH: z.string().optional(),
  CHROMIUM_PATH: z.string().optional(),
  BOT_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  BOT_HEADLESS: z.stringbool().default(true),
});

export interface BotConfig {
  apiUrl: string;
  spoolDir: string;
  /** Absent: Playwright's own browser. */
  chromiumPath: string | undefined;
  logLevel: (typeof LOG_LEVELS)[number];
  isHeadless: boolean;
  secrets: { token: string };
}

/** Reads the bot's settings; throws one error that lists everything missing or wrong. */
export function readBotConfig(environment: Record<string, string | undefined>): BotConfig {
  const given = Object.entries(environment).filter(([, value]) => value !== '');
  const parsed = environmentSchema.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    throw new Error(`Settings of the bot are wrong:\n${z.prettifyError(parsed.error)}`);
  }
  const { data } = parsed;
  return Object.freeze({
    apiUrl: data.BOT_API_URL.replace(/\/+$/, ''),
    spoolDir: data.BOT_SPOOL_DIR,
    chromiumPath: data.BOT_CHROMIUM_PATH ?? data.CHROMIUM_PATH,
    logLevel: data.BOT_LOG_LEVEL,
    isHeadless: data.BOT_HEADLESS,
    secrets: { token: data.BOT_TOKEN },
  });
}
