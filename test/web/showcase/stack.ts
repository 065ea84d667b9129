import fs from 'node:fs';
import path from 'node:path';
import { DemoApiClient } from '../../../temporal-dev/demo/api-client';
import { findStackDir } from '../../../temporal-dev/folders';
import type { PartName } from '../../../temporal-dev/part';
import { findFreePorts } from '../../../temporal-dev/ports';
import { startStack } from '../../../temporal-dev/stack';
import { seedShowcase, type Showcase } from './seed';

/** No workers: nothing may change what was laid down. */
const PARTS: PartName[] = ['postgres', 'redis', 'temporal', 'api', 'web'];

const OWNER = 'admin@example.org';

export interface ShowcaseStack {
  showcase: Showcase;
  /** Who has it all, an administrator as well. */
  email: string;
  webUrl: string;
  apiUrl: string;
  databaseUrl: string;
  chromiumPath: string;
  stop(): Promise<void>;
}

export interface ShowcaseOptions {
  /** Of the folder that it is kept in while it runs. */
  name: string;
  now: Date;
  log?: (text: string) => void;
}

/** The page with what it needs, full of meetings, on ports of its own. */
export async function startShowcase({
  name,
  now,
  log = () => undefined,
}: ShowcaseOptions): Promise<ShowcaseStack> {
  const stackDir = findStackDir(process.env);
  const dir = path.join(stackDir, `${name}-${process.pid}`);
  fs.mkdirSync(dir, { recursive: true });
  const { CHROMIUM_PATH, PATH, HOME } = process.env;
  const stack = await startStack({
    dir,
    toolsDir: path.join(stackDir, 'tools'),
    ports: await findFreePorts(),
    parts: PARTS,
    env: { CHROMIUM_PATH, PATH, HOME },
    log,
  });
  const setting = (key: string): string => {
    const value = stack.env[key];
    if (!value) throw new Error(`Expected the stack to set ${key}`);
    return value;
  };
  await new DemoApiClient(setting('API_URL')).signIn(OWNER);
  const databaseUrl = setting('DATABASE_URL');
  const showcase = await seedShowcase({
    ...{ databaseUrl, now, email: OWNER, ffmpegPath: setting('FFMPEG_PATH') },
    chromiumPath: setting('CHROMIUM_PATH'),
    ...{ audioDir: setting('AUDIO_DIR'), encryptionKey: setting('ENCRYPTION_KEY') },
  });
  return {
    ...{ showcase, databaseUrl, email: OWNER },
    ...{ webUrl: setting('WEB_URL'), apiUrl: setting('API_URL') },
    chromiumPath: setting('CHROMIUM_PATH'),
    async stop() {
      await stack.stop();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}
