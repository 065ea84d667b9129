import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

const FOLDER = path.join(__dirname, 'snapshots');
/** Where a picture that differs is put, to be looked at. */
const DIFFERENCES = path.join(__dirname, '../../.local/snapshots');

/** How much of a pixel's colour may differ: another Chromium draws edges a little otherwise. */
const COLOUR_TOLERANCE = 0.2;

/**
 * The share of the page's pixels that differ from its stored picture, in per cent. Times are painted
 * over. With `UPDATE_SNAPSHOTS` the picture is stored instead and counts as the same.
 */
export async function compareToSnapshot(page: Page, name: string): Promise<number> {
  const bytes = await page.screenshot({
    animations: 'disabled',
    caret: 'hide',
    mask: [page.locator('time:not([data-moment])')],
    maskColor: '#808080',
  });
  const file = path.join(FOLDER, `${name}.png`);
  if (process.env.UPDATE_SNAPSHOTS) {
    fs.mkdirSync(FOLDER, { recursive: true });
    fs.writeFileSync(file, bytes);
    return 0;
  }
  return compare(PNG.sync.read(bytes), file, name);
}

function compare(seen: PNG, file: string, name: string): number {
  const { width, height } = seen;
  const known = PNG.sync.read(fs.readFileSync(file));
  if (known.width !== width || known.height !== height) return 100;
  const difference = new PNG({ width, height });
  const count = pixelmatch(known.data, seen.data, difference.data, width, height, {
    threshold: COLOUR_TOLERANCE,
  });
  const percent = (count / (width * height)) * 100;
  if (count > 0) {
    fs.mkdirSync(DIFFERENCES, { recursive: true });
    fs.writeFileSync(path.join(DIFFERENCES, `${name}.png`), PNG.sync.write(seen));
    fs.writeFileSync(path.join(DIFFERENCES, `${name}.difference.png`), PNG.sync.write(difference));
  }
  return percent;
}
