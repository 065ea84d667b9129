import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  BotNotLaunchableError,
  type BotLaunch,
  type BotLauncher,
  type BotSighting,
} from './bot-launcher';

/*
 * One folder per bot, `<directory>/<name>/`:
 *   launch.json  the launch it is for; written before anything is started
 *   started/     made by the wrapper that won: a launch that is repeated starts nothing twice
 *   process      "<pid> <start time>" of the wrapper, from /proc, so that a reused pid is told apart
 *   exit-code    written by the wrapper once the bot has ended
 *   spool/       the bot's own; chunks/ in it holds audio that is not acknowledged yet
 *   bot.log
 * The token is in the environment only.
 */

export interface LocalBotLauncherOptions {
  /** Folder of the bots' folders. */
  directory: string;
  /** The bot's program and its arguments. */
  command: readonly [string, ...string[]];
  /** The program that sends what a dead bot left in its spool. */
  deliverCommand: readonly [string, ...string[]];
  /** Address of the API as bots reach it. */
  apiUrl: string;
  /** Absolute path; null when no Chromium was found. */
  chromiumPath: string | null;
  logLevel: string;
  /** Settings of the bot beyond what the launcher gives it. */
  botSettings: Readonly<Record<string, string | undefined>>;
  /** What a program needs in order to run at all: PATH, HOME, TMPDIR. */
  baseEnvironment: Readonly<Record<string, string | undefined>>;
}

const NO_CHROMIUM =
  'There is no Chromium to start a bot with: install one (`apt install chromium`, or `npx playwright install chromium`) or set CHROMIUM_PATH to it, then start the workers again.';

/**
 * Runs the bot beside it, hands SIGTERM on to it alone, and sweeps its leftovers at the end. A signal
 * interrupts `wait`, whose status is then not the bot's: so it waits again.
 */
const WRAPPER = `
folder=$1; shift
mkdir "$folder/started" 2>/dev/null || exit 0
printf '%s %s' "$$" "$(cut -d ' ' -f 22 "/proc/$$/stat")" > "$folder/process.new"
mv "$folder/process.new" "$folder/process"
"$@" &
child=$!
trap 'asked=yes; kill -TERM "$child" 2>/dev/null' TERM INT
code=127
while :; do
  asked=no
  wait "$child"; waited=$?
  [ "$waited" = 127 ] || code=$waited
  [ "$asked" = yes ] || break
done
printf %s "$code" > "$folder/exit-code.new"
mv "$folder/exit-code.new" "$folder/exit-code"
kill -9 "-$$"
`;

/** Beside them the spool keeps the bot's counters, and audio the API refused for good. */
const UNSENT_AUDIO = ['spool/chunks', 'spool/journal', 'spool/recording'];
const UNSENT_FILE = /\.(chunk|open|part)$/;
const START_TIMEOUT_MS = 5_000;
const KILL_TIMEOUT_MS = 5_000;
const LOOK_INTERVAL_MS = 50;
/** Below the activity's own limit; the program itself gives up before. */
const DELIVERY_TIMEOUT_MS = 100_000;

/** Starts bots as processes of this machine; they outlive the worker that started them. */
export function createLocalBotLauncher(options: LocalBotLauncherOptions): BotLauncher {
  const folderOf = (name: string): string => path.join(options.directory, requireBotName(name));
  const launcher: BotLauncher = {
    async launch(launch) {
      if (options.chromiumPath === null) throw new BotNotLaunchableError(NO_CHROMIUM);
      const folder = folderOf(launch.name);
      const known = await readLaunchId(folder);
      if (known !== null && known !== launch.launchId) await launcher.erase(launch.name);
      if (known === launch.launchId && (await readProcess(folder)) !== null) return;
      await mkdir(path.join(folder, 'spool'), { recursive: true });
      await writeWhole(path.join(folder, 'launch.json'), JSON.stringify(describe(launch)));
      await startWrapper(folder, options, launch.token);
      await until(async () => (await readProcess(folder)) !== null, START_TIMEOUT_MS).catch(() => {
        throw new Error(`Expected ${launch.name} to start within ${START_TIMEOUT_MS} ms`);
      });
    },

    inspect: (name) => inspectFolder(folderOf(name)),

    async stop(name, graceMs) {
      const folder = folderOf(name);
      if ((await inspectFolder(folder)).state === 'pending') await preventStart(folder);
      const wrapper = await readProcess(folder);
      if (wrapper === null || !(await isAlive(wrapper))) return;
      const isGone = async (): Promise<boolean> => !(await isAlive(wrapper));
      signal(wrapper.pid, 'SIGTERM');
      if (await settles(until(isGone, graceMs))) return;
      signal(-wrapper.pid, 'SIGKILL');
      await until(isGone, KILL_TIMEOUT_MS);
    },

    async deliver({ name, launchId, token }) {
      const folder = folderOf(name);
      const { state } = await inspectFolder(folder);
      if (state !== 'ended' || (await readLaunchId(folder)) !== launchId) return;
      const code = await runDelivery(folder, options, token);
      if (code !== 0) throw new Error(`Expected the spool of ${name} to be sent, got code ${code}`);
    },

    async list() {
      const names = await readdir(options.directory).catch(emptyWhenMissing);
      const known = await Promise.all(
        names.filter(isBotName).map(async (name) => {
          return (await readLaunchId(folderOf(name))) === null ? [] : [name];
        }),
      );
      return known.flat();
    },

    async forget(name) {
      const folder = folderOf(name);
      const { state } = await inspectFolder(folder);
      if (state === 'running' || state === 'pending') return;
      if (await hasUnsentAudio(folder)) return;
      await rm(folder, { recursive: true, force: true });
    },

    async erase(name) {
      await launcher.stop(name, 0);
      await rm(folderOf(name), { recursive: true, force: true });
    },
  };
  return launcher;
}

function describe({ name, meetingId, attempt, launchId }: BotLaunch): object {
  return { name, meetingId, attempt, launchId };
}

function makeEnvironment(
  folder: string,
  options: LocalBotLauncherOptions,
  token: string,
): Record<string, string | undefined> {
  return {
    ...options.baseEnvironment,
    ...options.botSettings,
    BOT_API_URL: options.apiUrl,
    BOT_TOKEN: token,
    BOT_SPOOL_DIR: path.join(folder, 'spool'),
    BOT_LOG_LEVEL: options.logLevel,
    CHROMIUM_PATH: options.chromiumPath ?? undefined,
  };
}

/** Resolves with the exit code, null when it was killed. */
async function runDelivery(
  folder: string,
  options: LocalBotLauncherOptions,
  token: string,
): Promise<number | null> {
  const log = await open(path.join(folder, 'bot.log'), 'a');
  try {
    const [program, ...args] = options.deliverCommand;
    const child = spawn(program, args, {
      stdio: ['ignore', log.fd, log.fd],
      env: makeEnvironment(folder, options, token),
      timeout: DELIVERY_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    return await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
  } finally {
    await log.close();
  }
}

async function startWrapper(
  folder: string,
  options: LocalBotLauncherOptions,
  token: string,
): Promise<void> {
  const log = await open(path.join(folder, 'bot.log'), 'a');
  try {
    const child = spawn('/bin/sh', ['-c', WRAPPER, 'bot', folder, ...options.command], {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: makeEnvironment(folder, options, token),
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
  } finally {
    await log.close();
  }
}

/** Takes the wrapper's place, so that one that is still to come starts nothing. */
async function preventStart(folder: string): Promise<void> {
  try {
    await mkdir(path.join(folder, 'started'));
    await writeWhole(path.join(folder, 'exit-code'), '');
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    // the wrapper was quicker and is about to write who it is
    await settles(until(async () => (await readProcess(folder)) !== null, START_TIMEOUT_MS));
  }
}

async function hasUnsentAudio(folder: string): Promise<boolean> {
  for (const place of UNSENT_AUDIO) {
    const names = await readdir(path.join(folder, place)).catch(emptyWhenMissing);
    if (names.some((name) => UNSENT_FILE.test(name))) return true;
  }
  return false;
}

async function inspectFolder(folder: string): Promise<BotSighting> {
  const launchId = await readLaunchId(folder);
  if (launchId === null) return { state: 'absent' };
  const wrapper = await readProcess(folder);
  // asked before the exit code: it is written before the wrapper goes
  const isRunning = wrapper !== null && (await isAlive(wrapper));
  const code = await readText(path.join(folder, 'exit-code'));
  if (code !== null) {
    const exitCode = code === '' ? null : Number(code);
    return { state: 'ended', launchId, exitCode, detail: `exit code ${exitCode ?? 'unknown'}` };
  }
  if (wrapper === null) return { state: 'pending', launchId };
  if (isRunning) return { state: 'running', launchId };
  return { state: 'ended', launchId, exitCode: null, detail: 'killed' };
}

interface Process {
  pid: number;
  /** Clock ticks after boot at which it started: with the pid it is unique. */
  startTime: string;
}

async function readProcess(folder: string): Promise<Process | null> {
  const [pid, startTime] = (await readText(path.join(folder, 'process')))?.split(' ') ?? [];
  return pid && startTime ? { pid: Number(pid), startTime } : null;
}

async function isAlive({ pid, startTime }: Process): Promise<boolean> {
  const stat = await readText(`/proc/${pid}/stat`);
  // the name in parentheses may hold spaces; state is the 3rd field, start time the 22nd
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields !== undefined && fields[19] === startTime && fields[0] !== 'Z';
}

async function readLaunchId(folder: string): Promise<string | null> {
  const text = await readText(path.join(folder, 'launch.json'));
  return text === null ? null : (JSON.parse(text) as { launchId: string }).launchId;
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    // ESRCH: the process went while its file in /proc was read
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return null;
    throw error;
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${randomUUID()}`;
  // flushed, so that a machine that loses its power never leaves an empty file under this name
  await writeFile(unfinished, text, { flush: true });
  await rename(unfinished, file);
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/** Rejects when `isTrue` has not become true within `timeoutMs`. */
async function until(isTrue: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() >= deadlineMs) throw new Error(`Expected it within ${timeoutMs} ms`);
    await pause(LOOK_INTERVAL_MS);
  }
}

function settles(promise: Promise<void>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}

const BOT_NAME = /^bot-\d+-\d+$/;

function isBotName(name: string): boolean {
  return BOT_NAME.test(name);
}

function requireBotName(name: string): string {
  if (isBotName(name)) return name;
  throw new Error(`Expected a bot's name like bot-12-1, got ${JSON.stringify(name)}`);
}

function emptyWhenMissing(error: unknown): string[] {
  if (hasCode(error, 'ENOENT')) return [];
  throw error;
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
