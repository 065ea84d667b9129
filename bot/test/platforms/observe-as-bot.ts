import type { Page } from 'playwright-core';
import type { MeetingPlatform, MeetingView } from '../../src/platforms/platform';

/** What the page shows, as the bot takes it: a look into a page that just moves on tells nothing. */
export function observeAsBot(platform: MeetingPlatform, page: Page): Promise<MeetingView> {
  const unclear: MeetingView = { state: 'unclear', signs: [] };
  return platform.observe(page).catch(() => unclear);
}
