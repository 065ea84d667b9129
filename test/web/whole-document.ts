import type { Page } from 'playwright-core';

/**
 * Opens a page whose document has these words, and returns it. A server that has only just started,
 * or has much to do, is late now and then and leaves them to the browser.
 */
export async function openWhole(page: Page, path: string, words: string): Promise<WholeDocument> {
  for (;;) {
    const response = await page.goto(path);
    const html = (await response?.text()) ?? '';
    const cacheControl = await response?.headerValue('cache-control');
    if (html.includes(words)) return { html, cacheControl: cacheControl ?? '' };
  }
}

interface WholeDocument {
  html: string;
  cacheControl: string;
}
