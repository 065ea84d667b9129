import fs from 'node:fs';
import path from 'node:path';
import { endBots } from './bots';
import { assertRoomOnDisk, makeFolders, type Folders } from './folders';
import { claimFolder } from './left-overs';
import { Part, type PartName, type PartSpec } from './part';
import {
  apiPart,
  externalPracticeRoomPart,
  externalWhisperPart,
  practiceRoomPart,
  webPart,
  whisperPart,
  workersPart,
} from './parts/programs';
import {
  DATABASE,
  ensureDatabase,
  externalPostgresPart,
  makeDatabaseUrl,
  migrateDatabase,
  postgresPart,
} from './parts/postgres';
import { externalRedisPart, redisPart } from './parts/redis';
import { externalTemporalPart, temporalPart } from './parts/temporal';
import { assertPortFree, type PortName, type Ports } from './ports';
import { readOrMakeSecrets, type LocalSecrets } from './secrets';
import { prepareTemporalNamespace } from './temporal-namespace';
import { prepareChromium } from './tools/chromium';
import { prepareFfmpeg } from './tools/ffmpeg';
import { preparePython, type PythonTools } from './tools/python';
import { prepareRedis, type RedisTool } from './tools/redis';
import { UserError } from './user-error';

type Environment = Record<string, string | undefined>;

export interface StackOptions {
  /** Folder of this stack's data, logs and secrets. */
  dir: string;
  /** Folder of tools, to share them between stacks. */
  toolsDir?: string;
  ports: Ports;
  /** Which parts to start; the others are left out. */
  parts: readonly PartName[];
  /** The user's own settings: a part whose address is set is used and not started. */
  env: Environment;
  /** Told of each step that takes time, and of each part that stands. */
  log: (text: string) => void;
  onPart?: (part: Part) => void;
  /** Gives the start up: what had been started is stopped. */
  signal?: AbortSignal;
}

/** What runs: every part by name, and the settings that lead to them. */
export interface Stack {
  env: Environment;
  parts: Map<PartName, Part>;
  folders: Folders;
  /** Stops bots and parts in reverse order. */
  stop(): Promise<void>;
}

interface Tools {
  python: PythonTools;
  redis: RedisTool | undefined;
  chromiumPath: string | undefined;
  ffmpegPath: string;
}

const PORTS_OF_PART: Record<PartName, PortName[]> = {
  web: ['web'],
  postgres: ['postgres'],
  redis: ['redis'],
  temporal: ['temporal', 'temporalUi'],
  whisper: ['whisper'],
  'practice-room': ['practiceRoom'],
  api: ['api'],
  workers: ['workerMetrics'],
};

const ADDRESS_SETTINGS: Partial<Record<PartName, string>> = {
  postgres: 'DATABASE_URL',
  redis: 'REDIS_URL',
  temporal: 'TEMPORAL_ADDRESS',
  whisper: 'WHISPER_URL',
  'practice-room': 'PRACTICE_ROOM_URL',
};

/** A bot that is asked to end still sends what it heard, as far as the API takes it. */
const BOT_GRACE_AT_STOP_MS = 8_000;
/** Before the API is up there is nobody to send it to; the spool stays. */
const BOT_GRACE_AT_START_MS = 1_000;

/** Started together, and stopped in reverse: the second group needs the first. */
const GROUPS: readonly PartName[][] = [
  ['web', 'postgres', 'redis', 'temporal', 'whisper', 'practice-room'],
  ['api', 'workers'],
];

/** Gets what is missing and starts the parts in order; on a failure stops what it had started. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const toolsDir = options.toolsDir ?? path.join(options.dir, 'tools');
  const folders = makeFolders(options.dir, toolsDir);
  assertRoomOnDisk(options.dir, fs.existsSync(path.join(toolsDir, 'venv/.installed')));
  const claim = await claimFolder(folders.run);
  const parts = new Map<PartName, Part>();
  const stop = async () => {
    await stopAll(folders, [...parts.values()]);
    claim.release();
  };
  try {
    await endBots(folders.bots, BOT_GRACE_AT_START_MS);
    const ours = options.parts.filter((name) => !isExternal(name, options.env));
    for (const port of ours.flatMap((name) => PORTS_OF_PART[name])) {
      await assertPortFree(port, options.ports[port]);
    }
    const tools = await prepareTools(options, folders);
    const secrets = readOrMakeSecrets(folders.secretsFile);
    const env = makeEnvironment({ options, folders, secrets, tools });
    const made = { options, folders, secrets, tools, env };
    for (const group of GROUPS) {
      const names = group.filter((name) => options.parts.includes(name));
      for (const name of names) parts.set(name, new Part(makeSpec(name, made), folders));
      await allOrFirstError(names.map((name) => startPart(parts.get(name) as Part, made)));
      if (options.signal?.aborted) throw new UserError('Stopped before everything was up.');
    }
    claim.publish(env);
    return { env, parts, folders, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startPart(part: Part, made: Started): Promise<void> {
  const { options, env } = made;
  options.log(`${part.name}: starting`);
  await part.start();
  if (part.name === 'postgres') await prepareDatabase(made);
  if (part.name === 'temporal') await prepareTemporalNamespace(env);
  options.onPart?.(part);
}

/** Waits for all, so that none is still starting when the others are stopped because of one. */
async function allOrFirstError(promises: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

function isExternal(name: PartName, env: Environment): boolean {
  const setting = ADDRESS_SETTINGS[name];
  return setting !== undefined && Boolean(env[setting]?.trim());
}

async function prepareTools(options: StackOptions, folders: Folders): Promise<Tools> {
  const { env, parts, log } = options;
  const python = await preparePython(folders.tools, log);
  const needsRedis = parts.includes('redis') && !isExternal('redis', env);
  const redis = needsRedis ? await prepareRedis(folders.tools, python.python, log) : undefined;
  const chromiumPath = await prepareChromium(folders.tools, env.CHROMIUM_PATH, log);
  const ffmpegPath = await prepareFfmpeg(python.python, env.FFMPEG_PATH, log);
  return { python, redis, chromiumPath, ffmpegPath };
}

interface Made {
  options: StackOptions;
  folders: Folders;
  secrets: LocalSecrets;
  tools: Tools;
}

interface Started extends Made {
  env: Environment;
}

/** The settings every program of this stack gets; the user's own win where they name something. */
function makeEnvironment({ options, folders, secrets, tools }: Made): Environment {
  const { ports, env } = options;
  const local = (port: PortName) => `http://127.0.0.1:${ports[port]}`;
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const made: Environment = {
    DATABASE_URL: makeDatabaseUrl({
      folders,
      port: ports.postgres,
      password: secrets.databasePassword,
    }),
    REDIS_URL: `redis://127.0.0.1:${ports.redis}`,
    TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
    TEMPORAL_NAMESPACE: 'meetings',
    TEMPORAL_UI_URL: local('temporalUi'),
    WHISPER_URL: local('whisper'),
    PRACTICE_ROOM_URL: local('practiceRoom'),
    API_HOST: '127.0.0.1',
    API_PORT: String(ports.api),
    API_URL: local('api'),
    WEB_URL: local('web'),
    WEB_API_URL: local('api'),
    WORKER_METRICS_PORT: String(ports.workerMetrics),
    AUTH_MODE: 'local',
    CLERK_JWT_KEY: secrets.signInPublicKey,
    LOCAL_AUTH_PRIVATE_KEY: secrets.signInPrivateKey,
    LOCAL_ADMINS: 'admin@example.org',
    BOT_TOKEN_SECRET: secrets.botTokenSecret,
    ENCRYPTION_KEY: secrets.encryptionKey,
    BOT_LAUNCHER: 'local',
    BOT_DIR: folders.bots,
    AUDIO_DIR: given['S3_BUCKET'] ? undefined : path.join(folders.data, 'audio'),
  };
  // Local sign-in and its key pair belong together: a Clerk key alone must not replace one half.
  const isClerk = given['AUTH_MODE'] === 'clerk';
  if (isClerk) for (const name of ['CLERK_JWT_KEY', 'LOCAL_AUTH_PRIVATE_KEY']) delete made[name];
  return { ...made, ...given, CHROMIUM_PATH: tools.chromiumPath, FFMPEG_PATH: tools.ffmpegPath };
}

function makeSpec(name: PartName, made: Started): PartSpec {
  const { options, folders, secrets, tools, env } = made;
  const { ports } = options;
  const external = isExternal(name, options.env);
  const address = (setting: string): string => env[setting] ?? '';
  const namespace = env.TEMPORAL_NAMESPACE ?? 'meetings';
  switch (name) {
    case 'web':
      return webPart({ port: ports.web, tools: folders.tools, env, log: options.log });
    case 'postgres':
      return external
        ? externalPostgresPart(address('DATABASE_URL'))
        : postgresPart({ folders, port: ports.postgres, password: secrets.databasePassword });
    case 'redis':
      return external || !tools.redis
        ? externalRedisPart(address('REDIS_URL'))
        : redisPart(tools.redis, folders, ports.redis);
    case 'temporal':
      return external
        ? externalTemporalPart(address('TEMPORAL_ADDRESS'))
        : temporalPart({
            executable: tools.python.temporal,
            folders,
            port: ports.temporal,
            uiPort: ports.temporalUi,
            namespace,
          });
    case 'whisper':
      return external
        ? externalWhisperPart(address('WHISPER_URL'))
        : whisperPart(tools.python.python, ports.whisper, env);
    case 'practice-room':
      return external
        ? externalPracticeRoomPart(address('PRACTICE_ROOM_URL'))
        : practiceRoomPart(ports.practiceRoom, env);
    case 'api':
      return apiPart(ports.api, env);
    case 'workers':
      return workersPart(ports.workerMetrics, env);
  }
}

async function prepareDatabase({ options, folders, secrets, env }: Started): Promise<void> {
  if (!isExternal('postgres', options.env)) {
    const place = { folders, port: options.ports.postgres, password: secrets.databasePassword };
    await ensureDatabase(makeDatabaseUrl(place, 'postgres'), DATABASE);
  }
  const applied = await migrateDatabase(env.DATABASE_URL ?? '');
  if (applied.length > 0) options.log(`postgres: applied ${applied.length} migrations`);
}

async function stopAll(folders: Folders, parts: Part[]): Promise<void> {
  // The workers first, so that nothing launches a bot while bots are being ended.
  const reversed = parts.toReversed();
  for (const part of reversed) {
    await part.stop();
    if (part.name === 'workers') await endBots(folders.bots, BOT_GRACE_AT_STOP_MS);
  }
}
