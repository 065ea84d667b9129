import type { Page } from 'playwright-core';
import { selectorOf } from '../signs';
import type { JITSI_SIGNS } from './signs';

const CLICK_TIMEOUT_MS = 3_000;

/** What one visit knows beside the page. */
export interface Visit {
  botName: string;
  passcode: string | null;
  passcodeGivenAtMs: number | null;
  /** The link did not lead to a page. */
  isNotFound: boolean;
  hasBeenIn: boolean;
}

/**
 * Does what comes between asking and being in: gives the passcode, once, and knocks where the
 * client does not knock by itself.
 */
export async function passDoor(
  { page, table }: { page: Page; table: typeof JITSI_SIGNS },
  signs: ReadonlySet<string>,
  visit: Visit,
): Promise<void> {
  const click = (name: keyof typeof JITSI_SIGNS) =>
    page.click(selectorOf(table[name]), { timeout: CLICK_TIMEOUT_MS });
  const { passcode } = visit;
  if (passcode !== null && visit.passcodeGivenAtMs === null) {
    if (signs.has('passcodeInput')) {
      await page.fill(selectorOf(table.passcodeInput), passcode);
      await click('passcodeSubmit');
      visit.passcodeGivenAtMs = performance.now();
      return;
    }
    if (signs.has('lobbyPasscodeButton')) {
      await click('lobbyPasscodeButton');
      await page.fill(selectorOf(table.lobbyPasscodeInput), passcode);
      await click('lobbyPasscodeSubmit');
      visit.passcodeGivenAtMs = performance.now();
      return;
    }
  }
  if (!signs.has('knockButton')) return;
  if (signs.has('lobbyNameInput')) {
    await page.fill(selectorOf(table.lobbyNameInput), visit.botName);
  }
  await click('knockButton');
}
