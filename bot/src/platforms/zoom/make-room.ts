import type { Page } from 'playwright-core';
import type { CallPage } from './read-call';

const ROW_PX = 48;
/** Room for more than a hundred rows. */
const HIGHEST_PX = 6_000;

/**
 * The panel draws the rows that fit, and only drawn rows show who speaks: the page grows until
 * everybody has one.
 */
export async function makeRoom(
  page: Page,
  { rows, count }: Pick<CallPage, 'rows' | 'count'>,
): Promise<void> {
  const missing = (count ?? 0) - rows;
  const size = page.viewportSize();
  if (rows === 0 || missing <= 0 || !size || size.height >= HIGHEST_PX) return;
  const height = Math.min(HIGHEST_PX, size.height + missing * ROW_PX);
  await page.setViewportSize({ ...size, height });
}
