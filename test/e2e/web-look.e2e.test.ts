import { findBarriers, measureOverflow, WebBrowser } from '../web/browser';
import { measureFirstLoad } from '../web/first-load';
import { lookAt } from '../web/showcase/look';
import { PAGES } from '../web/showcase/pages';
import { startShowcase, type ShowcaseStack } from '../web/showcase/stack';
import { compareToSnapshot } from '../web/snapshots';

/** So that moments and distances read the same whenever the test runs. */
const NOW = new Date('2031-03-06T10:30:00Z');
/** Of all pixels; another Chromium, or a font that hints otherwise, moves fewer. */
const MOST_PERCENT = 1;
/** JavaScript that a document names, compressed, and that with what a meeting or a form is made of. */
const MOST_NAMED_BYTES = 200_000;
const MOST_SHOWN_BYTES = 225_000;

let stack: ShowcaseStack;
let browser: WebBrowser;

beforeAll(async () => {
  stack = await startShowcase({ name: 'web-look', now: NOW });
  browser = await WebBrowser.start(stack);
}, 300_000);
afterAll(async () => {
  await browser.stop();
  await stack.stop();
}, 60_000);

const SIGHTS = [
  { width: 1280, theme: 'light' },
  { width: 390, theme: 'dark' },
] as const;
/** Compared with how they are known to look; of the others a picture would only be kept up to date. */
const MAIN = ['meetings', 'meeting', 'record', 'search', 'api-keys', 'schedules'];

const pages = PAGES.map((shown) => [shown.name, shown] as const);

test.each(pages)(
  '%s has no barrier, fits, loads little and looks as it is known',
  async (name, shown) => {
    const clock = shown.isOfNow ? {} : { now: NOW };
    const opened = await lookAt(browser, stack, { shown, ...clock });
    const { page } = opened;
    for (const { width, theme } of SIGHTS) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: theme });
      if (MAIN.includes(name)) {
        const percent = await compareToSnapshot(page, `${name}-${width}-${theme}`);
        expect(percent).toBeLessThan(MOST_PERCENT);
      }
      const barriers = await findBarriers(page);
      expect({ width, barriers, overflow: await measureOverflow(page) }).toEqual({
        width,
        barriers: [],
        overflow: 0,
      });
    }
    expect(opened.errors).toEqual([]);
    expect(opened.outside).toEqual([]);
    if (!shown.isOfApi) {
      const url = `${stack.webUrl}${shown.path(stack.showcase)}`;
      const load = await measureFirstLoad(opened.context, { url, scripts: opened.scripts });
      expect(load.named).toBeLessThanOrEqual(MOST_NAMED_BYTES);
      if (!shown.isOpened) expect(load.shown).toBeLessThanOrEqual(MOST_SHOWN_BYTES);
    }
    await opened.context.close();
  },
);

test('a meeting plays its recording, marks the words that are heard, and jumps to a time', async () => {
  const shown = PAGES.find(({ name }) => name === 'meeting');
  if (!shown) throw new Error('Expected a page named meeting');
  const { page, errors, context } = await lookAt(browser, stack, { shown });
  const place = page.getByRole('slider', { name: 'Place in the recording' });
  await page.getByRole('button', { name: 'Play from 0:31' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  const heard = page.getByRole('log').locator('[aria-current=time]');
  await heard.getByText('Support sees the same').waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await place.focus();
  await page.keyboard.press('ArrowLeft');
  await heard.getByText('The other two were looking').waitFor();
  expect(await place.getAttribute('aria-valuetext')).toMatch(/^0:2\d of 6:/);
  expect(errors).toEqual([]);
  await context.close();
});

test('a meeting that failed shows what its bot saw last, and leads to what happened', async () => {
  const shown = PAGES.find(({ name }) => name === 'meeting-failed');
  if (!shown) throw new Error('Expected a page named meeting-failed');
  const { page, errors, context } = await lookAt(browser, stack, { shown });
  const picture = page.getByRole('img', { name: 'What the bot saw last in attempt 1' });
  await picture.waitFor();
  await page.waitForFunction(`document.querySelector('main img').naturalWidth === 1280`);
  await page.getByText('“Longest wait to be let in”').first().waitFor();
  await page.getByRole('button', { name: 'See what happened' }).click();
  await page.getByRole('heading', { name: 'Attempt 1' }).waitFor();
  expect(await picture.count()).toBe(2);
  expect(errors).toEqual([]);
  await context.close();
});
