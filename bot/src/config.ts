import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { platformSchema, type Platform } from '../../domain/platforms';
import { createPlatform } from './platforms/create-platform';
import { parseSignOverrides, type SignOverrides } from './platforms/signs';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const apiSettings = {
  BOT_API_URL: z.url(),
  BOT_TOKEN: z.string().min(1),
  BOT_SPOOL_DIR: z.string().min(1),
  BOT_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
};

const botSchema = z.object({
  ...apiSettings,
  BOT_CHROMIUM_PATH: z.string().optional(),
  CHROMIUM_PATH: z.string().optional(),
  BOT_HEADLESS: z.stringbool().default(true),
  BOT_SELECTORS_FILE: z.string().optional(),
  BOT_ALLOWED_ORIGINS: z.string().default('').transform(splitOrigins),
});

const deliverySchema = z.object({
  ...apiSettings,
  BOT_DELIVER_TIMEOUT_SECONDS: z.coerce.number().min(1).max(3600).default(60),
});

interface ApiConfig {
  apiUrl: string;
  spoolDir: string;
  logLevel: (typeof LOG_LEVELS)[number];
  secrets: { token: string };
}

export interface BotConfig extends ApiConfig {
  /** Absent: Playwright's own browser. */
  chromiumPath: string | undefined;
  isHeadless: boolean;
  /** The operator's selectors, in place of the platforms' own. */
  signOverrides: SignOverrides;
  /** Origins that may be opened although they are no public address. */
  allowedOrigins: readonly string[];
}

export interface DeliveryConfig extends ApiConfig {
  timeoutMs: number;
}

type Environment = Record<string, string | undefined>;

/** Reads the bot's settings; throws one error that lists everything missing or wrong. */
export function readBotConfig(environment: Environment): BotConfig {
  const data = parseSettings(botSchema, environment);
  return Object.freeze({
    ...readApiConfig(data),
    chromiumPath: data.BOT_CHROMIUM_PATH ?? data.CHROMIUM_PATH,
    isHeadless: data.BOT_HEADLESS,
    signOverrides: data.BOT_SELECTORS_FILE ? readSignOverrides(data.BOT_SELECTORS_FILE) : {},
    allowedOrigins: data.BOT_ALLOWED_ORIGINS,
  });
}

/** The settings of the program that sends what a dead bot left behind. */
export function readDeliveryConfig(environment: Environment): DeliveryConfig {
  const data = parseSettings(deliverySchema, environment);
  return Object.freeze({
    ...readApiConfig(data),
    timeoutMs: data.BOT_DELIVER_TIMEOUT_SECONDS * 1000,
  });
}

function parseSettings<T>(schema: z.ZodType<T>, environment: Environment): T {
  const given = Object.entries(environment).filter(([, value]) => value !== '');
  const parsed = schema.safeParse(withToken(Object.fromEntries(given)));
  if (parsed.success) return parsed.data;
  throw new Error(`Settings of the bot are wrong:\n${z.prettifyError(parsed.error)}`);
}

/** Where others may look at a process's environment, its token comes in a file. */
function withToken(given: Environment): Environment {
  const file = given['BOT_TOKEN_FILE'];
  if (given['BOT_TOKEN'] !== undefined || file === undefined) return given;
  try {
    return { ...given, BOT_TOKEN: readFileSync(file, 'utf8').trim() };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Error(`BOT_TOKEN_FILE cannot be read: ${cause}`);
  }
}

function readApiConfig(data: z.infer<z.ZodObject<typeof apiSettings>>): ApiConfig {
  return {
    apiUrl: data.BOT_API_URL.replace(/\/+$/, ''),
    spoolDir: data.BOT_SPOOL_DIR,
    logLevel: data.BOT_LOG_LEVEL,
    secrets: { token: data.BOT_TOKEN },
  };
}

function splitOrigins(text: string, context: z.RefinementCtx): string[] {
  const origins = text.split(',').map((origin) => origin.trim());
  return origins
    .filter((origin) => origin !== '')
    .map((origin) => {
      if (URL.canParse(origin)) return new URL(origin).origin;
      context.addIssue('Expected origins such as https://meet.example.org, separated by commas');
      return z.NEVER;
    });
}

/** Wrong selectors must be known at once, not when a meeting is missed. */
function readSignOverrides(file: string): SignOverrides {
  try {
    const overrides = parseSignOverrides(JSON.parse(readFileSync(file, 'utf8')));
    for (const platform of Object.keys(overrides))
      createPlatform(requirePlatform(platform), overrides);
    return overrides;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Error(`BOT_SELECTORS_FILE cannot be used: ${cause}`);
  }
}

function requirePlatform(name: string): Platform {
  const platform = platformSchema.options.find((each) => each === name);
  if (platform) return platform;
  throw new Error(
    `Expected one of the platforms ${platformSchema.options.join(', ')}, got ${name}`,
  );
}
