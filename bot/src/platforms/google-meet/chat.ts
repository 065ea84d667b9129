import type { Page } from 'playwright-core';
import { selectorOf } from '../signs';
import type { GOOGLE_MEET_SIGNS } from './signs';

type Signs = typeof GOOGLE_MEET_SIGNS;

const STEP_TIMEOUT_MS = 2_000;
/** Meet's own limit (joinly, 2026-03-06). */
const MAX_MESSAGE_LENGTH = 500;

/** Opens the side panel of a tool and waits for what it shows. */
export async function openPanel(page: Page, button: string, content: string): Promise<void> {
  const shown = page.locator(content).filter({ visible: true }).first();
  if ((await shown.count()) > 0) return;
  // The toolbar may have hidden itself.
  await page.locator(button).first().dispatchEvent('click', {}, { timeout: STEP_TIMEOUT_MS });
  await shown.waitFor({ state: 'visible', timeout: STEP_TIMEOUT_MS });
}

/** Opens the chat unless it is open. */
export function openChat(page: Page, table: Signs): Promise<void> {
  return openPanel(page, selectorOf(table.chatButton), selectorOf(table.chatInput));
}

/** Sends a text, in pieces where it is too long; Meet empties its input for each that it takes. */
export async function typeIntoChat(page: Page, table: Signs, text: string): Promise<void> {
  const input = page.locator(selectorOf(table.chatInput)).filter({ visible: true }).first();
  for (const piece of splitMessage(text)) {
    await input.fill(piece, { timeout: STEP_TIMEOUT_MS });
    await input.press('Enter');
    await page.waitForFunction(
      (field) => (field as HTMLTextAreaElement | null)?.value === '',
      await input.elementHandle(),
      { timeout: STEP_TIMEOUT_MS },
    );
  }
}

function splitMessage(text: string): string[] {
  const pieces: string[] = [];
  let rest = text.trim();
  while (rest.length > MAX_MESSAGE_LENGTH) {
    const space = rest.lastIndexOf(' ', MAX_MESSAGE_LENGTH);
    const end = space > 0 ? space : MAX_MESSAGE_LENGTH;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end).trim();
  }
  return [...pieces, rest];
}
