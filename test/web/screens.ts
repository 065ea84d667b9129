import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { say } from '../../temporal-dev/terminal';
import { WebBrowser } from './browser';
import { lookAt } from './showcase/look';
import { PAGES } from './showcase/pages';
import { startShowcase } from './showcase/stack';

const FOLDER = path.join(__dirname, '../../docs/screens');
/** Those that are taken of a page that is opened once; a phone's has other buttons. */
const WIDTHS = [[1440, 1024], [390]];
const THEMES = ['light', 'dark'] as const;
/** Until what changed is drawn. */
const TWO_FRAMES =
  'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';
/** Sharp enough for text, and a fifth of a PNG. */
const QUALITY = 82;

/** `npm run screens`: a picture of every page in both themes and at three widths. */
async function main(): Promise<void> {
  const stack = await startShowcase({ name: 'screens', now: new Date(), log: say });
  const browser = await WebBrowser.start(stack);
  try {
    fs.rmSync(FOLDER, { recursive: true, force: true });
    fs.mkdirSync(FOLDER, { recursive: true });
    for (const shown of PAGES) {
      for (const widths of WIDTHS) {
        const { page, context } = await lookAt(browser, stack, { shown, width: widths[0] ?? 1440 });
        for (const width of widths) await takePictures(page, { name: shown.name, width });
        await context.close();
      }
      say(`${shown.name}: taken`);
    }
  } finally {
    await browser.stop();
    await stack.stop();
  }
}

async function takePictures(page: Page, { name, width }: { name: string; width: number }) {
  await page.setViewportSize({ width, height: 900 });
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(TWO_FRAMES);
    const file = path.join(FOLDER, `${name}-${width}-${colorScheme}.webp`);
    fs.writeFileSync(file, await takePicture(page));
  }
}

async function takePicture(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const options = { format: 'webp', quality: QUALITY } as const;
  const { data } = await session.send('Page.captureScreenshot', options);
  return Buffer.from(data, 'base64');
}

main().catch((error: unknown) => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
