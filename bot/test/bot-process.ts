import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { ROOT } from '../../temporal-dev/folders';

const SOURCES = join(__dirname, '../src');
const PROGRAMS = ['main', 'deliver-spool', 'end-deaf-bot'] as const;
/** Within the checkout: there the programs find the packages that they need. */
const COMPILED = join(ROOT, '.local/bot-programs');
let isCompiled = false;

export interface BotProcess {
  child: ChildProcess;
  exitCode: Promise<number | null>;
}

/** The bot as a launcher starts it: settings by environment, nothing else. */
export function startBotProcess(
  settings: Record<string, string>,
  program: (typeof PROGRAMS)[number] = 'main',
  ...args: string[]
): BotProcess {
  compilePrograms();
  const child = spawn(process.execPath, [join(COMPILED, `${program}.js`), ...args], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', BOT_LOG_LEVEL: 'warn', ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exitCode = once(child, 'exit').then(([code]) => code as number | null);
  return { child, exitCode };
}

/** Once for each test file, as for a release: compiled anew at each start, a bot takes 2 s longer. */
function compilePrograms(): void {
  if (isCompiled) return;
  mkdirSync(COMPILED, { recursive: true });
  const outdir = mkdtempSync(join(COMPILED, 'new-'));
  buildSync({
    entryPoints: PROGRAMS.map((program) => join(SOURCES, `${program}.ts`)),
    outdir,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
  });
  // whole at once: test files that run side by side compile the same
  for (const program of PROGRAMS) {
    renameSync(join(outdir, `${program}.js`), join(COMPILED, `${program}.js`));
  }
  rmSync(outdir, { recursive: true });
  isCompiled = true;
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
