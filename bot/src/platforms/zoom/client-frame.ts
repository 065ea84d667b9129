import type { Frame, Page } from 'playwright-core';
import { selectorOf } from '../signs';
import type { ZoomSigns } from './signs';

/** Where the client runs: in a frame of Zoom's web app, or as the page itself. */
export async function findClient(page: Page, table: ZoomSigns): Promise<Frame> {
  const holder = await page.$(selectorOf(table.clientFrame));
  if (!holder) return page.mainFrame();
  const frame = await holder.contentFrame();
  await holder.dispose();
  return frame ?? page.mainFrame();
}

/**
 * Presses the first button that matches, whether it is visible or not: Zoom's footer hides by itself
 * and does not count as gone. With labels given, the button's own text must be one of them.
 */
export function press(
  frame: Frame,
  { css, text }: { css: readonly string[]; text?: readonly string[] },
): Promise<boolean> {
  return frame.evaluate(
    ({ selectors, labels }) => {
      const isVisible = (one: Element) => one.checkVisibility({ visibilityProperty: true });
      const labelOf = (one: Element) =>
        (one.textContent ?? '').replace(/\s+/g, ' ').trim().toLowerCase();
      for (const selector of selectors) {
        const found = Array.from(document.querySelectorAll<HTMLElement>(selector)).find((one) =>
          labels ? isVisible(one) && labels.includes(labelOf(one)) : true,
        );
        if (!found) continue;
        found.click();
        return true;
      }
      return false;
    },
    { selectors: [...css], labels: text ? [...text] : null },
  );
}
