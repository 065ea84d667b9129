import fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { findStackDir } from '../../temporal-dev/folders';
import { DemoApiClient } from '../../temporal-dev/demo/api-client';
import { PART_NAMES, type PartName } from '../../temporal-dev/part';
import { findFreePorts } from '../../temporal-dev/ports';
import { startStack } from '../../temporal-dev/stack';

export type PlatformPart = Exclude<PartName, 'practice-room'>;

interface PlatformOptions {
  /** Also the page that people use; most tests need none. */
  withWeb?: boolean;
  /** Settings besides those that the stack chooses. */
  settings?: Record<string, string>;
}

/** The whole product on ports of its own, as `npm start` brings it up. */
export interface Platform {
  api: DemoApiClient;
  apiUrl: string;
  webUrl: string;
  practiceRoomUrl: string;
  chromiumPath: string;
  databaseUrl: string;
  /** Ends a part as a crash would and brings it up again. */
  crash(part: PlatformPart): Promise<void>;
  /** Ends a bot with its browser as a crash would. */
  crashBot(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts everything in a folder of its own; in local mode a user is signed in. */
export async function startPlatform(
  name: string,
  { withWeb = false, settings = {} }: PlatformOptions = {},
): Promise<Platform> {
  const stackDir = findStackDir(process.env);
  const dir = path.join(stackDir, `e2e-${name}-${process.pid}`);
  fs.mkdirSync(dir, { recursive: true });
  const { CHROMIUM_PATH, PATH, HOME } = process.env;
  const stack = await startStack({
    dir,
    toolsDir: path.join(stackDir, 'tools'),
    ports: await findFreePorts(),
    parts: PART_NAMES.filter((part) => part !== 'web' || withWeb),
    env: { CHROMIUM_PATH, PATH, HOME, ...settings },
    log: () => undefined,
  });
  const setting = (key: string): string => {
    const value = stack.env[key];
    if (!value) throw new Error(`Expected the stack to set ${key}`);
    return value;
  };
  const api = new DemoApiClient(setting('API_URL'));
  if (stack.env.AUTH_MODE === 'local') await api.signIn('e2e@example.org');
  return {
    api,
    apiUrl: setting('API_URL'),
    webUrl: setting('WEB_URL'),
    practiceRoomUrl: setting('PRACTICE_ROOM_URL'),
    chromiumPath: setting('CHROMIUM_PATH'),
    databaseUrl: setting('DATABASE_URL'),
    async crash(part) {
      const running = stack.parts.get(part);
      if (!running) throw new Error(`Expected a part named ${part}`);
      await running.kill();
      await running.start();
    },
    async crashBot(name) {
      // "<pid> <start time>" of the bot's process group, see infra/bot-launcher-local.ts
      const file = path.join(stack.folders.bots, name, 'process');
      const [pid] = (await readFile(file, 'utf8')).split(' ');
      process.kill(-Number(pid), 'SIGKILL');
    },
    async stop() {
      await stack.stop();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}
