import fs from 'node:fs';
import path from 'node:path';
import { findStackDir } from '../temporal-dev/folders';
import { findFreePorts } from '../temporal-dev/ports';
import { identify } from '../temporal-dev/proc';
import { startStack, type Stack } from '../temporal-dev/stack';
import { removeFolder } from './remove-folder';

/** What the tests share: real servers, started by the same code as `npm start`. */
const SHARED_PARTS = ['postgres', 'redis', 'temporal', 'whisper'] as const;
const PASSED_ON = [
  'DATABASE_URL',
  'REDIS_URL',
  'TEMPORAL_ADDRESS',
  'WHISPER_URL',
  'CHROMIUM_PATH',
  'FFMPEG_PATH',
];

declare global {
  var testStack: Stack | undefined;
}

export default async function globalSetup(): Promise<void> {
  const stackDir = findStackDir(process.env);
  removeLeftOvers(stackDir);
  const dir = path.join(stackDir, `test-${process.pid}`);
  fs.mkdirSync(dir, { recursive: true });
  const { CHROMIUM_PATH, FFMPEG_PATH, PATH, HOME, TEMP } = process.env;
  const stack = await startStack({
    dir,
    toolsDir: path.join(stackDir, 'tools'),
    ports: await findFreePorts(),
    parts: SHARED_PARTS,
    // The user's own servers are not for tests.
    env: { CHROMIUM_PATH, FFMPEG_PATH, PATH, HOME, TEMP },
    log: () => undefined,
  });
  globalThis.testStack = stack;
  for (const name of PASSED_ON) process.env[name] = stack.env[name];
  process.env.TEST_STACK_DIR = dir;
}

/** Folders of test runs that were killed. */
function removeLeftOvers(stackDir: string): void {
  if (!fs.existsSync(stackDir)) return;
  for (const name of fs.readdirSync(stackDir)) {
    const pid = /^(?:test|e2e-.+)-(\d+)$/.exec(name)?.[1];
    if (pid && !identify(Number(pid))) {
      removeFolder(path.join(stackDir, name));
    }
  }
}
