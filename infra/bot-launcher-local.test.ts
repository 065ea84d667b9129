import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  describeBotLauncher,
  describeSpoolOnDisk,
  makeLaunch,
  sees,
  type BotBehaviour,
  type LauncherUnderTest,
  type SpoolUnderTest,
} from '../test/bot-launcher-contract';
import { BotNotLaunchableError, type BotLauncher } from './bot-launcher';
import { createLocalBotLauncher, type LocalBotLauncherOptions } from './bot-launcher-local';

/** Notes its start, then behaves; as the bot it does so only once it can hear SIGTERM. */
const PROGRAMS: Record<BotBehaviour['kind'], string> = {
  exits: 'echo started >> "$BOT_SPOOL_DIR/../starts"; exit "$1"',
  leaves_when_asked:
    'trap "exit 0" TERM; echo started >> "$BOT_SPOOL_DIR/../starts"; while :; do sleep 0.05; done',
  stays: 'trap "" TERM; echo started >> "$BOT_SPOOL_DIR/../starts"; while :; do sleep 0.05; done',
};

/** Sends what is in the spool, when it has the token and nothing forbids it. */
const DELIVERY =
  '[ "$BOT_TOKEN" = fresh ] && [ ! -e "$BOT_SPOOL_DIR/../api-down" ] && rm -rf "$BOT_SPOOL_DIR/chunks"';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'bots-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function makeLauncher(
  behaviour: BotBehaviour,
  overrides: Partial<LocalBotLauncherOptions> = {},
): BotLauncher {
  const code = behaviour.kind === 'exits' ? String(behaviour.code) : '';
  return createLocalBotLauncher({
    directory,
    command: ['/bin/sh', '-c', PROGRAMS[behaviour.kind], 'bot', code],
    apiUrl: 'http://127.0.0.1:8000',
    deliverCommand: ['/bin/sh', '-c', DELIVERY],
    botSettings: {},
    chromiumPath: '/usr/bin/chromium',
    logLevel: 'info',
    baseEnvironment: { PATH: process.env.PATH },
    ...overrides,
  });
}

/** Once the program has noted its start, it hears signals as it means to. */
async function readStarts(name: string): Promise<string[]> {
  for (;;) {
    try {
      const text = await readFile(path.join(directory, name, 'starts'), 'utf8');
      if (text !== '') return text.trim().split('\n');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    await pause(20);
  }
}

async function readPid(name: string): Promise<number> {
  const text = await readFile(path.join(directory, name, 'process'), 'utf8');
  return Number(text.split(' ')[0]);
}

/** A killed process whose parent is gone may stay as a zombie where nobody reaps. */
async function isRunning(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !stat.includes(') Z');
}

async function openLocal(behaviour: BotBehaviour): Promise<LauncherUnderTest & SpoolUnderTest> {
  const launcher = makeLauncher(behaviour);
  const started: BotLauncher = {
    ...launcher,
    async launch(launch) {
      await launcher.launch(launch);
      await readStarts(launch.name);
    },
  };
  return {
    launcher: started,
    restart: () => makeLauncher(behaviour),
    countStarts: async (name) => (await readStarts(name)).length,
    async fillSpool(name) {
      const chunks = path.join(directory, name, 'spool/chunks');
      await mkdir(chunks);
      await writeFile(path.join(chunks, 'audio-1.00000001.chunk'), 'audio');
    },
    async setApiDown(name, isDown) {
      const mark = path.join(directory, name, 'api-down');
      if (isDown) await writeFile(mark, '');
      else await rm(mark);
    },
    async close() {
      for (const name of await launcher.list()) await launcher.erase(name);
    },
  };
}

describeBotLauncher('the local launcher', openLocal);
describeSpoolOnDisk('the local launcher', openLocal);

describe('a bot as a local process', () => {
  test('is refused with what to do when there is no Chromium', async () => {
    const launcher = makeLauncher({ kind: 'stays' }, { chromiumPath: null });
    const launching = launcher.launch(makeLaunch());
    await expect(launching).rejects.toBeInstanceOf(BotNotLaunchableError);
    await expect(launching).rejects.toThrow('set CHROMIUM_PATH');
    await expect(launcher.list()).resolves.toEqual([]);
  });

  test('gets its token by environment only: not on disk, not on a command line', async () => {
    const launcher = makeLauncher({ kind: 'leaves_when_asked' });
    const bot = makeLaunch();
    await launcher.launch(bot);
    await readStarts(bot.name);
    const pid = await readPid(bot.name);
    await expect(readFile(`/proc/${pid}/environ`, 'utf8')).resolves.toContain(bot.token);
    await expect(readFile(`/proc/${pid}/cmdline`, 'utf8')).resolves.not.toContain(bot.token);
    for (const file of ['launch.json', 'process', 'bot.log']) {
      const text = await readFile(path.join(directory, bot.name, file), 'utf8');
      expect(text).not.toContain(bot.token);
    }
    await launcher.erase(bot.name);
  });

  test('is not mistaken for another process that got its pid', async () => {
    const launcher = makeLauncher({ kind: 'exits', code: 0 });
    const bot = makeLaunch();
    await launcher.launch(bot);
    await sees(launcher, bot.name, 'ended');
    await writeFile(path.join(directory, bot.name, 'process'), `${process.pid} 1`);
    await rm(path.join(directory, bot.name, 'exit-code'));
    await expect(launcher.inspect(bot.name)).resolves.toMatchObject({
      state: 'ended',
      exitCode: null,
    });
    await launcher.stop(bot.name, 0);
    expect(process.exitCode).toBeUndefined();
  });

  test('leaves no process behind when it ends by itself', async () => {
    const launcher = makeLauncher(
      { kind: 'exits', code: 0 },
      { command: ['/bin/sh', '-c', 'sleep 1000 & echo $! > "$BOT_SPOOL_DIR/../child"; exit 4'] },
    );
    const bot = makeLaunch();
    await launcher.launch(bot);
    await expect(sees(launcher, bot.name, 'ended')).resolves.toMatchObject({ exitCode: 4 });
    const child = (await readFile(path.join(directory, bot.name, 'child'), 'utf8')).trim();
    while (await isRunning(child)) await pause(20);
  });

  test('is never started when it is stopped before its wrapper came up', async () => {
    const launcher = makeLauncher({ kind: 'stays' }, { command: ['/bin/false'] });
    const bot = makeLaunch();
    await launcher.launch(bot);
    await sees(launcher, bot.name, 'ended');
    const folder = path.join(directory, bot.name);
    for (const left of ['started', 'process', 'exit-code']) {
      await rm(path.join(folder, left), { recursive: true });
    }
    await expect(launcher.inspect(bot.name)).resolves.toMatchObject({ state: 'pending' });
    await launcher.stop(bot.name, 0);
    await expect(launcher.inspect(bot.name)).resolves.toMatchObject({ state: 'ended' });
  });

  test('with a name that leads elsewhere is refused', async () => {
    const launcher = makeLauncher({ kind: 'stays' });
    await expect(launcher.erase('../..')).rejects.toThrow("Expected a bot's name");
  });
});
