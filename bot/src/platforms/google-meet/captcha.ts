import type { Page } from 'playwright-core';
import { selectorOf } from '../signs';
import type { GOOGLE_MEET_SIGNS } from './signs';

/** Google's silent checks show frames of a few pixels; a test for people is at least so big. */
const MIN_PX = { width: 120, height: 40 };

/** Whether the page shows a test that only a person may solve. */
export async function showsCaptcha(page: Page, table: typeof GOOGLE_MEET_SIGNS): Promise<boolean> {
  const sizes = await page.locator(selectorOf(table.captcha)).evaluateAll((frames) =>
    frames.map((frame) => {
      const { width, height } = frame.getBoundingClientRect();
      return { width, height };
    }),
  );
  return sizes.some(({ width, height }) => width >= MIN_PX.width && height >= MIN_PX.height);
}
