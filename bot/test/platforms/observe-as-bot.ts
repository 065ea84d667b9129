import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { MeetingPlatform, MeetingView } from '../../src/platforms/platform';

const LOOK_MS = 50;
const PATIENCE_MS = 30_000;

/** What the page shows, as the bot takes it: a look into a page that just moves on tells nothing. */
export function observeAsBot(platform: MeetingPlatform, page: Page): Promise<MeetingView> {
  const unclear: MeetingView = { state: 'unclear', signs: [] };
  return platform.observe(page).catch(() => unclear);
}

/** Looks again and again, as the bot does, until the page shows what is wanted. */
export async function lookUntil(
  { platform, page }: { platform: MeetingPlatform; page: Page },
  isWanted: (view: MeetingView) => boolean | Promise<boolean>,
): Promise<MeetingView> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const view = await observeAsBot(platform, page);
    if (await isWanted(view)) return view;
    if (performance.now() > deadlineMs) {
      throw new Error(`Expected another view, saw ${JSON.stringify(view)}`);
    }
    await delay(LOOK_MS);
  }
}
