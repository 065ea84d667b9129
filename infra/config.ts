import { z } from 'zod';
import { entryMessageSchema } from '../domain/bot-wishes';
import { checkConnections, connectionSettings } from './connections';
import { scopeSchema } from '../domain/scopes';
import type { BotSlots } from './database/bot-slots';
import type { Limits } from './database/limits';
import { kubernetesSettings } from './kubernetes/settings';

type Environment = Record<string, string | undefined>;

const port = z.coerce.number().int().min(1).max(65_535);
const httpUrl = z.url({ protocol: /^https?$/ });

/** Says who is there and why: nobody is recorded unawares unless somebody decides so. */
const DEFAULT_ENTRY_MESSAGE =
  'Hello, I am {botName}, taking notes of this meeting for {owner}. If you do not want that, tell {owner} or remove me from the meeting.';

const encryptionKey = z.base64().refine((text) => Buffer.from(text, 'base64').length === 32, {
  message: 'Expected 32 bytes in base64, as `openssl rand -base64 32` makes them',
});
/** Values with commas between them; none when it is not set. */
const list = (item: z.ZodType<string, string>) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(item))
    .default([]);

const count = (usual: number) => z.coerce.number().int().min(1).max(10_000_000).default(usual);
const webhookSecret = z
  .string()
  .regex(
    /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/,
    'Expected whsec_ and at least 24 bytes in base64, as `echo whsec_$(openssl rand -base64 32)` makes them',
  );

const common = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  ...connectionSettings,
  TEMPORAL_UI_URL: httpUrl.default('http://127.0.0.1:8233'),
  API_URL: httpUrl.default('http://127.0.0.1:8000'),
  WEB_URL: httpUrl.optional(),
  BOT_LEAD_SECONDS: z.coerce.number().int().min(0).max(3_600).default(60),
  LATE_START_SECONDS: z.coerce.number().int().min(60).max(86_400).default(1_800),
  MAX_CONCURRENT_BOTS: z.coerce.number().int().min(0).max(1_000_000).optional(),
  MAX_BOT_MINUTES_PER_MONTH: z.coerce.number().int().min(0).max(100_000_000).optional(),
  BOT_TOKEN_SECRET: z.string().min(32, 'Expected at least 32 characters'),
  ENCRYPTION_KEY: encryptionKey,
  ENCRYPTION_OLD_KEYS: list(encryptionKey),
  PRACTICE_ROOM_URL: httpUrl.optional(),
  OUTGOING_ALLOWED_HOSTS: list(z.string().min(1)),
  BOT_ALLOWED_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .pipe(z.array(httpUrl.transform((origin) => new URL(origin).origin)))
    .optional(),
  AUDIO_DIR: z.string().min(1).optional(),
  S3_BUCKET: z.string().min(1).optional(),
  S3_ENDPOINT: httpUrl.optional(),
  S3_REGION: z.string().min(1).default('us-east-1'),
  S3_ACCESS_KEY_ID: z.string().min(1).optional(),
  S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
};

const api = {
  API_HOST: z.string().min(1).default('127.0.0.1'),
  API_PORT: port.default(8000),
  TRUST_PROXY: z.coerce.number().int().min(0).max(10).default(0),
  RATE_LIMIT_ADDRESS: count(3_000),
  RATE_LIMIT_FAILED_SIGN_INS: count(60),
  RATE_LIMIT_USER: count(600),
  RATE_LIMIT_COSTLY: count(60),
  RATE_LIMIT_ADMIN: count(300),
  RATE_LIMIT_SHARE: count(60),
  RATE_LIMIT_BOT: count(3_000),
  MAX_UPLOAD_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 40)
    .default(2 * 1024 ** 3),
  MAX_CONNECTIONS: count(10_000),
  MAX_CONNECTIONS_PER_ADDRESS: count(2_000),
  MAX_SOCKETS: count(5_000),
  MAX_SOCKETS_PER_ADDRESS: count(500),
  MAX_SOCKETS_PER_USER: count(100),
  MAX_WAITING_READS: count(2_000),
  MAX_WAITING_READS_PER_USER: count(100),
  AUTH_MODE: z.enum(['local', 'clerk']).default('clerk'),
  CLERK_PUBLISHABLE_KEY: z.string().min(1).optional(),
  CLERK_SECRET_KEY: z.string().min(1).optional(),
  CLERK_JWT_KEY: z.string().min(1).optional(),
  CLERK_AUTHORIZED_PARTIES: z.string().min(1).optional(),
  CORS_ORIGINS: list(httpUrl.transform((origin) => new URL(origin).origin)),
  MCP_OAUTH_SCOPES: list(z.string()).pipe(z.array(scopeSchema)),
  METRICS_TOKEN: z.string().min(32, 'Expected at least 32 characters').optional(),
  CLERK_ISSUER: httpUrl.optional(),
  CLERK_CLOCK_SKEW_SECONDS: z.coerce.number().int().min(0).max(300).default(5),
  CLERK_WEBHOOK_SECRET: list(webhookSecret),
  // too short ones are left aside where they are used: the old system's Secret may hold one
  ADMIN_API_KEYS: list(z.string()).pipe(
    z.array(z.string()).max(2, 'Expected one key, or two while the old one is replaced'),
  ),
  ADMIN_ROLE_CLAIM: z
    .string()
    .regex(/^\w+(\.\w+)*$/)
    .default('metadata.role'),
  ADMIN_REQUIRES_SECOND_FACTOR: z.stringbool().default(false),
  WHISPER_COST_PER_SECOND: z.coerce.number().min(0).optional(),
  LOCAL_AUTH_PRIVATE_KEY: z.string().min(1).optional(),
  LOCAL_ADMINS: list(z.email().toLowerCase()),
  JITSI_HOSTS: z.string().min(1).optional(),
  LIVEKIT_HOSTS: z.string().min(1).optional(),
  BOT_ENTRY_MESSAGE: entryMessageSchema.unwrap().default(DEFAULT_ENTRY_MESSAGE),
  TTS_COMMAND: z.string().min(1).optional(),
  TTS_URL: httpUrl.optional(),
  TTS_API_KEY: z.string().min(1).optional(),
  TTS_MODEL: z.string().min(1).default('gpt-4o-mini-tts'),
  TTS_VOICE: z.string().min(1).default('alloy'),
  OUTGOING_SIGNING_SECRET: webhookSecret.optional(),
};

const worker = {
  WORKER_METRICS_PORT: port.default(8001),
  WHISPER_URL: httpUrl,
  WHISPER_API_KEY: z.string().min(1).optional(),
  WHISPER_MODEL: z.string().min(1).optional(),
  WHISPER_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(4),
  BOT_LAUNCHER: z.enum(['local', 'kubernetes']).default('local'),
  BOT_API_URL: httpUrl.optional(),
  BOT_DIR: z.string().min(1).optional(),
  BOT_SLOTS: z.coerce.number().int().min(1).max(1_000_000).optional(),
  BOT_SLOTS_PER_USER: z.coerce.number().int().min(1).max(1_000_000).optional(),
  CHROMIUM_PATH: z.string().min(1).optional(),
  BOT_SELECTORS_FILE: z.string().min(1).optional(),
  OPENAI_API_KEY: z.string().min(1).optional(),
  OPENAI_BASE_URL: httpUrl.optional(),
  OPENAI_MODEL: z.string().min(1).default('gpt-4.1-mini'),
  FFMPEG_PATH: z.string().min(1).default('ffmpeg'),
  OPENAI_CONTEXT_TOKENS: z.coerce.number().int().min(2_000).default(100_000),
  ...kubernetesSettings,
};

/** Every setting that API and workers know, for the test of `.env.example`. */
export const SETTING_NAMES = Object.keys({ ...common, ...api, ...worker });

/** Where audio is kept: one machine's disk, or any S3-compatible store. */
export type AudioStoreConfig =
  | { kind: 'disk'; directory: string }
  | {
      kind: 's3';
      bucket: string;
      region: string;
      endpoint: string | undefined;
      accessKeyId: string | undefined;
      secretAccessKey: string | undefined;
    };

/** A program of this machine, or any endpoint that speaks OpenAI's `/audio/speech`. */
export type SpeechConfig =
  | { kind: 'command'; command: string; voice: string }
  | { kind: 'endpoint'; url: string; apiKey: string; model: string; voice: string };

const apiSchema = z.object({ ...common, ...api }).superRefine((env, context) => {
  checkConnections(env, context);
  checkAudioStore(env, context);
  checkSignIn(env, context);
  checkSpeech(env, context);
});
const workerSchema = z.object({ ...common, ...worker }).superRefine((env, context) => {
  checkConnections(env, context);
  checkAudioStore(env, context);
  checkAnalysis(env, context);
  checkLauncher(env, context);
});

/** Each way of starting bots needs something of its own. */
function checkLauncher(
  env: { BOT_LAUNCHER: string; BOT_DIR?: string | undefined; BOT_IMAGE?: string | undefined },
  context: z.RefinementCtx,
): void {
  const needed = env.BOT_LAUNCHER === 'local' ? 'BOT_DIR' : 'BOT_IMAGE';
  if (env[needed] !== undefined) return;
  const message = `Needed by BOT_LAUNCHER=${env.BOT_LAUNCHER}`;
  context.addIssue({ code: 'custom', path: [needed], message });
}

/** An endpoint that is never asked would be a surprise. */
function checkAnalysis(
  env: { OPENAI_API_KEY?: string | undefined; OPENAI_BASE_URL?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (env.OPENAI_BASE_URL !== undefined && env.OPENAI_API_KEY === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['OPENAI_API_KEY'],
      message: 'Needed by OPENAI_BASE_URL; any text where the endpoint asks for no key',
    });
  }
}

function checkAudioStore(
  env: { AUDIO_DIR?: string | undefined; S3_BUCKET?: string | undefined },
  context: z.RefinementCtx,
): void {
  if ((env.AUDIO_DIR === undefined) === (env.S3_BUCKET === undefined)) {
    context.addIssue({
      code: 'custom',
      path: ['AUDIO_DIR'],
      message: 'Expected either AUDIO_DIR (disk) or S3_BUCKET, not both and not neither',
    });
  }
}

function checkSpeech(
  env: {
    TTS_COMMAND?: string | undefined;
    TTS_URL?: string | undefined;
    TTS_API_KEY?: string | undefined;
  },
  context: z.RefinementCtx,
): void {
  if (env.TTS_COMMAND !== undefined && env.TTS_URL !== undefined) {
    const message = 'Expected either TTS_COMMAND or TTS_URL, not both';
    context.addIssue({ code: 'custom', path: ['TTS_COMMAND'], message });
  }
  if ((env.TTS_URL === undefined) !== (env.TTS_API_KEY === undefined)) {
    const message =
      'Expected TTS_URL and TTS_API_KEY together; any text where the endpoint asks for no key';
    context.addIssue({ code: 'custom', path: ['TTS_API_KEY'], message });
  }
}

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '::1'];

function checkSignIn(
  env: z.output<ReturnType<typeof z.object<typeof common & typeof api>>>,
  context: z.RefinementCtx,
): void {
  const complain = (path: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [path], message });
  };
  if (env.AUTH_MODE === 'clerk') {
    if (!env.CLERK_PUBLISHABLE_KEY) complain('CLERK_PUBLISHABLE_KEY', 'Needed by AUTH_MODE=clerk');
    if (!env.CLERK_SECRET_KEY && !env.CLERK_JWT_KEY) {
      complain('CLERK_SECRET_KEY', 'AUTH_MODE=clerk needs CLERK_SECRET_KEY or CLERK_JWT_KEY');
    }
    return;
  }
  if (!env.CLERK_JWT_KEY) complain('CLERK_JWT_KEY', 'Needed by AUTH_MODE=local');
  if (!env.LOCAL_AUTH_PRIVATE_KEY) complain('LOCAL_AUTH_PRIVATE_KEY', 'Needed by AUTH_MODE=local');
  if (env.NODE_ENV === 'production') {
    complain('AUTH_MODE', 'Expected clerk when NODE_ENV=production');
  }
  if (!LOOPBACK_HOSTS.includes(env.API_HOST)) {
    complain('API_HOST', 'AUTH_MODE=local may listen on loopback only');
  }
}

/** Blank values count as absent: Helm renders unset values as "". */
function dropBlanks(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim() !== ''));
}

function read<Output>(schema: z.ZodType<Output>, env: Environment): Readonly<Output> {
  const result = schema.safeParse(dropBlanks(env));
  if (result.success) return Object.freeze(result.data);
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`Expected valid settings, got these problems:\n${lines.join('\n')}`);
}

export type ApiConfig = Readonly<z.output<typeof apiSchema>>;
export type WorkerConfig = Readonly<z.output<typeof workerSchema>>;

/** Reads the API's settings; throws one error that lists every problem. */
export function readApiConfig(env: Environment): ApiConfig {
  return read(apiSchema, env);
}

/** Reads a worker's settings; throws one error that lists every problem. */
export function readWorkerConfig(env: Environment): WorkerConfig {
  return read(workerSchema, env);
}

/** A setting that other settings make needed: the reader refused when it was missing. */
export function requireSetting<Name extends string>(
  config: Partial<Record<Name, string | undefined>>,
  name: Name,
): string {
  const value = config[name];
  if (value === undefined) throw new Error(`Expected ${name} to be set`);
  return value;
}

/** Reads what applying migrations needs. */
export function readDatabaseConfig(
  env: Environment,
): Pick<ApiConfig, 'DATABASE_URL' | 'DATABASE_PASSWORD'> {
  const { DATABASE_URL, DATABASE_PASSWORD } = connectionSettings;
  return read(z.object({ DATABASE_URL, DATABASE_PASSWORD }), env);
}

/** Reads what moving over from the old system's database needs. */
export function readMoveConfig(env: Environment) {
  const { DATABASE_URL, DATABASE_PASSWORD } = connectionSettings;
  const schema = z.object({
    DATABASE_URL,
    DATABASE_PASSWORD,
    OLD_DATABASE_URL: DATABASE_URL,
    OLD_DATABASE_PASSWORD: DATABASE_PASSWORD,
    OLD_TIME_ZONE: z.string().min(1).default('UTC'),
    ENCRYPTION_KEY: encryptionKey,
  });
  return read(schema, env);
}

/** Reads what setting up Temporal needs. */
export function readTemporalConfig(env: Environment) {
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_TLS, TEMPORAL_API_KEY } =
    connectionSettings;
  const settings = { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_TLS, TEMPORAL_API_KEY };
  return read(z.object(settings).superRefine(checkConnections), env);
}

/** The keys for `createEncryption`: the first encrypts, all decrypt. */
export function encryptionKeys(
  env: Pick<ApiConfig, 'ENCRYPTION_KEY' | 'ENCRYPTION_OLD_KEYS'>,
): [string, ...string[]] {
  return [env.ENCRYPTION_KEY, ...env.ENCRYPTION_OLD_KEYS];
}

/** The limits of users who have none of their own. */
export function defaultLimits(
  env: Pick<ApiConfig, 'MAX_CONCURRENT_BOTS' | 'MAX_BOT_MINUTES_PER_MONTH'>,
): Limits {
  return {
    maxConcurrentBots: env.MAX_CONCURRENT_BOTS ?? null,
    maxBotMinutesPerMonth: env.MAX_BOT_MINUTES_PER_MONTH ?? null,
  };
}

/** How many bots may run at the same time; the others wait in line. */
export function botSlots(env: Pick<WorkerConfig, 'BOT_SLOTS' | 'BOT_SLOTS_PER_USER'>): BotSlots {
  return { total: env.BOT_SLOTS ?? null, perUser: env.BOT_SLOTS_PER_USER ?? null };
}

/** How planned meetings are timed. */
export function planningTimes(env: Pick<ApiConfig, 'BOT_LEAD_SECONDS' | 'LATE_START_SECONDS'>): {
  leadMs: number;
  lateLimitMs: number;
} {
  return { leadMs: env.BOT_LEAD_SECONDS * 1_000, lateLimitMs: env.LATE_START_SECONDS * 1_000 };
}

/** What turns text into speech, or null when nothing does. */
export function speechConfig(env: ApiConfig): SpeechConfig | null {
  const { TTS_COMMAND, TTS_URL, TTS_API_KEY, TTS_MODEL: model, TTS_VOICE: voice } = env;
  if (TTS_COMMAND !== undefined) return { kind: 'command', command: TTS_COMMAND, voice };
  if (TTS_URL === undefined || TTS_API_KEY === undefined) return null;
  return { kind: 'endpoint', url: TTS_URL, apiKey: TTS_API_KEY, model, voice };
}

/** The part of the settings that says where audio is kept. */
export function audioStoreConfig(env: ApiConfig | WorkerConfig): AudioStoreConfig {
  if (env.AUDIO_DIR !== undefined) return { kind: 'disk', directory: env.AUDIO_DIR };
  if (env.S3_BUCKET === undefined) throw new Error('Expected AUDIO_DIR or S3_BUCKET to be set');
  return {
    kind: 's3',
    bucket: env.S3_BUCKET,
    region: env.S3_REGION,
    endpoint: env.S3_ENDPOINT,
    accessKeyId: env.S3_ACCESS_KEY_ID,
    secretAccessKey: env.S3_SECRET_ACCESS_KEY,
  };
}
