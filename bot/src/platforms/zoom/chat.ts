import type { Frame, Page } from 'playwright-core';
import { selectorOf } from '../signs';
import { press } from './client-frame';
import type { ZoomSigns } from './signs';

const STEP_TIMEOUT_MS = 5_000;
/** Zoom takes no longer message. */
const LONGEST = 1_024;

/** Returns once the page has taken the text out of its input. */
export async function sendToChat(
  page: Page,
  frame: Frame,
  { table, text }: { table: ZoomSigns; text: string },
): Promise<void> {
  const input = frame.locator(`:is(${selectorOf(table.chatInput)}):visible`).first();
  if ((await input.count()) === 0) await press(frame, table.chatButton);
  for (const part of splitText(text)) {
    await input.click({ timeout: STEP_TIMEOUT_MS });
    // An earlier try may have left its text; the editor takes what is typed, not what is set.
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText(part);
    await frame.waitForSelector(selectorOf(table.chatSend), { timeout: STEP_TIMEOUT_MS });
    await press(frame, table.chatSend);
    await frame.waitForFunction(
      (selectors) =>
        selectors.every((selector) =>
          Array.from(document.querySelectorAll(selector)).every(
            (one) => (one.textContent ?? '').trim() === '',
          ),
        ),
      [...table.chatInput.css],
      { timeout: STEP_TIMEOUT_MS },
    );
  }
}

function splitText(text: string): string[] {
  const letters = Array.from(text);
  const parts = Math.ceil(letters.length / LONGEST);
  return Array.from({ length: parts }, (_, index) =>
    letters.slice(index * LONGEST, (index + 1) * LONGEST).join(''),
  );
}
