import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const MAIN = join(__dirname, '../src/main.ts');

export interface BotProcess {
  child: ChildProcess;
  exitCode: Promise<number | null>;
}

/** The bot as a launcher starts it: settings by environment, nothing else. */
export function startBotProcess(settings: Record<string, string>): BotProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', BOT_LOG_LEVEL: 'warn', ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exitCode = once(child, 'exit').then(([code]) => code as number | null);
  return { child, exitCode };
}

/** The browser's main process among the children of a bot. */
export async function findBrowserPid(bot: ChildProcess): Promise<number> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(parent) !== bot.pid) continue;
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('chrom')) return Number(name);
  }
  throw new Error('Expected the bot to have a browser, found none');
}
