import { createDatabase, type Database } from '../../infra/database/client';
import { startPlatform, type Platform } from '../e2e/platform';
import { insertMeeting } from '../records';
import { insertSpoken } from '../spoken';
import {
  findBarriers,
  measureOverflow,
  WebBrowser,
  type OpenOptions,
  type OpenPage,
} from './browser';

/** A person who has signed in, and their number. */
export interface OpenedAs extends OpenPage {
  email: string;
  userId: number;
}

/** The whole platform with its page, for the tests of one file. */
export interface World {
  platform: Platform;
  db: Database;
  /** A page of nobody, or of who has signed in with an address. */
  open(options?: OpenOptions): Promise<OpenPage>;
  /** A page of somebody whom no other test knows. */
  openAs(name: string, options?: OpenOptions): Promise<OpenedAs>;
  /** A meeting in which this was said, a minute apart. */
  speak(userId: number, title: string, texts: readonly string[]): Promise<Spoken>;
}

interface Spoken {
  meetingId: number;
  segmentIds: number[];
}

/** On a machine that does much else besides, the parts come up one after another. */
export const START_TIMEOUT_MS = 600_000;

/** Brings the platform up before the tests of this file, and down after them. */
export function useWorld(
  name: string,
  settings: Record<string, string> | (() => Record<string, string>),
  browserArguments: readonly string[] = [],
): () => World {
  let world: (World & { stop(): Promise<void> }) | undefined;
  beforeAll(async () => {
    const settled = typeof settings === 'function' ? settings() : settings;
    world = await startWorld(name, { settings: settled, browserArguments });
  }, START_TIMEOUT_MS);
  afterAll(() => world?.stop(), 60_000);
  return () => {
    if (!world) throw new Error('Expected a test to ask for the world');
    return world;
  };
}

interface WorldOptions {
  settings: Record<string, string>;
  browserArguments: readonly string[];
}

async function startWorld(name: string, { settings, browserArguments }: WorldOptions) {
  const platform = await startPlatform(name, { withWeb: true, settings });
  const browser = await WebBrowser.start(platform, browserArguments);
  const db = createDatabase({ url: platform.databaseUrl, maxConnections: 2 });
  return {
    platform,
    db,
    open: (options: OpenOptions = {}) => browser.open(options),
    async openAs(person: string, options: OpenOptions = {}) {
      const email = `${person}@example.org`;
      const opened = await browser.open({ ...options, email });
      const { id } = await db.prisma.user.findFirstOrThrow({ where: { email } });
      return { ...opened, email, userId: id };
    },
    async speak(userId: number, title: string, texts: readonly string[]) {
      const { meetingId } = await insertMeeting(db, { userId, title });
      const spoken = texts.map((text, index) => ({
        text,
        speaker: 'Priya',
        startMs: index * 61_000,
      }));
      return { meetingId, segmentIds: await insertSpoken(db, meetingId, spoken) };
    },
    async stop() {
      await db.close();
      await browser.stop();
      await platform.stop();
    },
  };
}

/** Nothing went wrong in the page, and nobody else was asked for anything. */
export function expectClean({ errors, outside }: OpenPage): void {
  expect(errors).toEqual([]);
  expect(outside).toEqual([]);
}

/** The page as it is now has no barrier and fits the screen; `web-look` sees it in light colours too. */
export async function expectOpenToAll(opened: OpenPage): Promise<void> {
  const { page } = opened;
  await page.waitForLoadState('networkidle');
  await page.setViewportSize({ width: 390, height: 900 });
  expect(await measureOverflow(page)).toBe(0);
  await page.setViewportSize({ width: 1024, height: 900 });
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await findBarriers(page)).toEqual([]);
  expect(await measureOverflow(page)).toBe(0);
  expectClean(opened);
}
