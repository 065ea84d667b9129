import { expectClean, type World } from './world';

export function describeSearch(world: () => World): void {
  describe('the search', () => {
    test('finds what was said as one types, by keys alone, and opens it at the segment', async () => {
      const opened = await world().openAs('searcher');
      const { page, userId } = opened;
      const { meetingId, segmentIds } = await world().speak(userId, 'Planning', [
        'Nothing of that.',
        'We have decided on the budget.',
      ]);
      await page.goto('/search');
      await page.waitForLoadState('networkidle');
      await page.getByRole('heading', { name: 'What was it again?' }).click();
      await page.keyboard.press('/');
      await page.keyboard.type('budget');
      const result = page.getByRole('list', { name: 'Results' }).getByRole('link');
      await result.waitFor();
      expect(await result.locator('mark').allTextContents()).toEqual(['budget']);
      expect(await result.textContent()).toContain('1:01');
      expect(new URL(page.url()).search).toBe('?q=budget');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForURL(`**/meetings/${meetingId}#s${segmentIds[1]}`);
      expectClean(opened);
    });

    test('narrows down by speaker, and says when nothing was found', async () => {
      const { page, userId } = await world().openAs('narrower');
      await world().speak(userId, 'Review', ['The budget again.']);
      await page.goto('/search?q=budget&speaker=Priya');
      await page.getByText('1 match').waitFor();
      await page.getByLabel('Speaker').fill('Tom');
      await page.getByText('Nobody said that').waitFor();
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await page.getByText('1 match').waitFor();
    });

    test('has a page of results at a time', async () => {
      const { page, userId } = await world().openAs('pager');
      const points = Array.from({ length: 25 }, (_, index) => `Point ${index} of the agenda.`);
      await world().speak(userId, 'Long', points);
      await page.goto('/search?q=agenda');
      const results = page.getByRole('list', { name: 'Results' }).getByRole('listitem');
      await page.getByText('20+ matches').waitFor();
      expect(await results.count()).toBe(20);
      await page.getByRole('button', { name: 'Show more' }).click();
      await page.getByText('25 matches').waitFor();
      expect(await results.count()).toBe(25);
    });
  });
}
