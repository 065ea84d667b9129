import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** In the spool's folder: which process the bot is, and that it has heard that it is to go. */
const PROCESS_FILE = 'bot.pid';
const HEARD_FILE = 'asked-to-go';
const LOOK_INTERVAL_MS = 250;

/** Says to whoever shares the spool's folder which process the bot is. */
export function noteProcess(spoolDir: string): void {
  note(spoolDir, PROCESS_FILE, String(process.pid));
}

/** Says that the bot has heard that it is to go; from within a signal's handler. */
export function noteHeard(spoolDir: string): void {
  note(spoolDir, HEARD_FILE, '');
}

function note(spoolDir: string, name: string, text: string): void {
  try {
    mkdirSync(spoolDir, { recursive: true });
    writeFileSync(path.join(spoolDir, name), text);
  } catch {
    // a full disk: then the bot may be taken for deaf, and what is on it is sent for it
  }
}

export interface DeafBotOptions {
  /** The bot's main file, as its command names it. */
  program: string;
  spoolDir: string;
  /** How long a bot that has been asked to go may seem deaf. */
  answerMs: number;
  /** How long it may take in all. */
  leaveMs: number;
}

/**
 * Resolves once the bot has ended that is asked to go at this moment: by itself, or killed, early
 * where it does not even hear, so that the time is not used up by one that is frozen.
 */
export async function endDeafBot(options: DeafBotOptions): Promise<'gone' | 'killed'> {
  const { program, spoolDir, answerMs, leaveMs } = options;
  const pid = readPid(spoolDir);
  const startedMs = performance.now();
  while (pid !== null && (await isBot(pid, program))) {
    const hasHeard = existsSync(path.join(spoolDir, HEARD_FILE));
    if (performance.now() - startedMs >= (hasHeard ? leaveMs : answerMs)) {
      kill(pid);
      return 'killed';
    }
    await delay(LOOK_INTERVAL_MS);
  }
  return 'gone';
}

/** Null where the bot never began: then it has left nothing either. */
function readPid(spoolDir: string): number | null {
  const file = path.join(spoolDir, PROCESS_FILE);
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
}

/** A process that has ended has no command any more, and its number may be another's by now. */
async function isBot(pid: number, program: string): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.split('\0').includes(program);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has just gone
  }
}
