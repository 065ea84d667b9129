import type { Locator, Page } from 'playwright-core';
import { selectorOf, type Sign } from '../signs';
import type { GOOGLE_MEET_SIGNS } from './signs';
import type { SeenSigns } from './views';

const CLICK_TIMEOUT_MS = 1_000;

/**
 * Clicks away what stands before the page: hints, missing devices, and the notice that the call is
 * being recorded, which all who stay accept. Tells whether there was anything.
 */
export async function clearTheWay(
  page: Page,
  table: typeof GOOGLE_MEET_SIGNS,
  signs: SeenSigns,
): Promise<boolean> {
  const buttons: Locator[] = [];
  if (signs.has('noticeDialog') && signs.has('noticeText')) {
    buttons.push(page.locator(selectorOf(table.noticeButton)));
  }
  if (signs.has('noDevicesButton')) buttons.push(buttonSaying(page, table.noDevicesButton));
  if (signs.has('gotItButton')) buttons.push(buttonSaying(page, table.gotItButton));
  for (const button of buttons) {
    const visible = button.filter({ visible: true }).first();
    // What only looks like it, a chat line for example, is no button.
    if ((await visible.count()) === 0) continue;
    await visible.click({ timeout: CLICK_TIMEOUT_MS });
    return true;
  }
  return false;
}

function buttonSaying(page: Page, { css, text }: Sign): Locator {
  const byText = (text ?? []).map((one) => `button:has-text(${JSON.stringify(one)})`);
  return page.locator([...(css ?? []), ...byText].join(', '));
}
