import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCES = join(__dirname, '../src');

export interface BotProcess {
  child: ChildProcess;
  exitCode: Promise<number | null>;
}

/** The bot as a launcher starts it: settings by environment, nothing else. */
export function startBotProcess(
  settings: Record<string, string>,
  program: 'main' | 'deliver-spool' | 'end-deaf-bot' = 'main',
  ...args: string[]
): BotProcess {
  const file = join(SOURCES, `${program}.ts`);
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', BOT_LOG_LEVEL: 'warn', ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exitCode = once(child, 'exit').then(([code]) => code as number | null);
  return { child, exitCode };
}

/** The browser's main process among the children of a bot. */
export async function findBrowserPid(bot: ChildProcess): Promise<number> {
  const found = (await listProcesses()).find(
    ({ parent, command }) => parent === bot.pid && command.includes('chrom'),
  );
  if (!found) throw new Error('Expected the bot to have a browser, found none');
  return found.pid;
}

/** The processes that run a bot's pages. */
export async function findRendererPids(bot: ChildProcess): Promise<number[]> {
  const all = await listProcesses();
  const isOurs = ({ parent }: ProcessFacts): boolean => {
    const above = all.find(({ pid }) => pid === parent);
    return parent === bot.pid || (above !== undefined && isOurs(above));
  };
  const renderers = all.filter((one) => one.command.includes('--type=renderer') && isOurs(one));
  if (renderers.length === 0) throw new Error('Expected the bot to have a page, found none');
  return renderers.map(({ pid }) => pid);
}

interface ProcessFacts {
  pid: number;
  parent: number;
  command: string;
}

async function listProcesses(): Promise<ProcessFacts[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(pid), parent: Number(parent), command };
    }),
  );
}
