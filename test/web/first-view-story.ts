import { setTimeout as delay } from 'node:timers/promises';
import { insertSpoken } from '../spoken';
import { openWhole } from './whole-document';
import { expectClean, type World } from './world';

const LINES = Array.from({ length: 130 }, (_, index) => `Line ${index + 1} of the minutes.`);

/** Adds up how far what is seen moves by itself, into `window.shift`. */
const WATCH_SHIFTS = `window.shift = 0;
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) window.shift += value;
  }).observe({ type: 'layout-shift', buffered: true });`;

/** What stands in a page's document before any script runs. */
export function describeFirstView(world: () => World): void {
  describe('the document', () => {
    test('has meetings and words without scripts, no time that may be wrong, and no token', async () => {
      const { page, userId } = await world().openAs('reader', { hasScripts: false });
      const { meetingId } = await world().speak(userId, 'Minutes', LINES);
      const list = await openWhole(page, '/meetings', 'Minutes');
      await page.getByRole('link', { name: 'Minutes' }).waitFor();
      const meeting = await openWhole(page, `/meetings/${meetingId}`, 'Line 1 of');
      await page.getByRole('log').getByText('Line 1 of').waitFor();
      expect(await page.locator('time').allTextContents()).toEqual(['']);
      for (const { html, cacheControl } of [list, meeting]) {
        expect(html).not.toMatch(/eyJ[\w-]+\.eyJ/);
        expect(cacheControl).toMatch(/private.*no-store/);
      }
    });

    test('is taken over where it ends, in the reader’s own zone, and nothing moves', async () => {
      const opened = await world().openAs('reader', { timezone: 'Asia/Kolkata' });
      const { page, userId } = opened;
      const { meetingId } = await world().speak(userId, 'Minutes', LINES);
      const { createdAt } = await world().db.prisma.meeting.findUniqueOrThrow({
        where: { id: meetingId },
      });
      await page.addInitScript(WATCH_SHIFTS);
      await openWhole(page, `/meetings/${meetingId}`, 'Line 1 of');
      await page.getByLabel('Search in this meeting').fill('of the minutes');
      await page.getByText(`1 of ${LINES.length}`).waitFor();
      const there = new Date(createdAt.getTime() + 5.5 * 3_600_000).toISOString().slice(11, 16);
      expect(await page.locator('time').textContent()).toContain(`, ${there}`);
      expect(await page.evaluate('window.shift')).toBe(0);
      await insertSpoken(world().db, meetingId, [{ text: 'One more.', startMs: 9_000_000 }]);
      await page.getByLabel('Search in this meeting').fill('One more');
      await page.getByText('1 of 1').waitFor();
      await openWhole(page, '/meetings', 'Minutes');
      await page.waitForLoadState('networkidle');
      expect(await page.evaluate('window.shift')).toBe(0);
      expectClean(opened);
    });

    test('has nothing of another person’s meeting', async () => {
      const { userId } = await world().openAs('owner');
      const { meetingId } = await world().speak(userId, 'Secret', ['We buy the competitor.']);
      const { page } = await world().openAs('curious');
      const response = await page.goto(`/meetings/${meetingId}`);
      expect(await response?.text()).not.toMatch(/Secret|We buy/);
      await page.getByText('No such meeting').waitFor();
    });

    test('comes while the API is down, and is filled once that is back', async () => {
      const { page, userId } = await world().openAs('patient');
      const { meetingId } = await world().speak(userId, 'Outage', ['We go on.']);
      const { platform } = world();
      const isUp = (): Promise<boolean> =>
        fetch(`${platform.apiUrl}/api/health`).then(
          () => true,
          () => false,
        );
      const back = platform.crash('api');
      while (await isUp()) await delay(20);
      const response = await page.goto(`/meetings/${meetingId}`);
      expect(await response?.text()).not.toContain('We go on.');
      await page.getByText('The server cannot be reached.').waitFor();
      await page.getByRole('log').getByText('We go on.').waitFor();
      await back;
    }, 120_000);
  });
}
