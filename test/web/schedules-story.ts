import { findBarriers } from './browser';
import { expectClean, type World } from './world';

export function describeSchedules(world: () => World): void {
  describe('schedules', () => {
    test('are made by plain choices; their meeting is planned, run now, skipped, moved and gone', async () => {
      const opened = await world().openAs('planner', { timezone: 'Europe/Berlin' });
      const { page } = opened;
      await page.goto('/schedules');
      await page.getByText('No schedules yet').waitFor();
      await page.getByRole('link', { name: 'New schedule' }).click();
      const preview = page.getByRole('region', { name: 'The next ten' }).getByRole('listitem');
      await preview.nth(9).waitFor();
      await page.getByRole('button', { name: 'Make schedule' }).click();
      await page.getByText('Paste the link that opens the meeting.').waitFor();
      await page.getByLabel('Meeting link').fill(`${world().platform.practiceRoomUrl}/r/standup`);
      await page.getByLabel('Title').fill('Standup');
      await page.getByLabel('Repeats').selectOption('Weekly on chosen days');
      for (const day of ['Tuesday', 'Thursday'])
        await page.getByRole('button', { name: day }).click();
      await page.getByRole('button', { name: 'Make schedule' }).click();
      await page.getByRole('heading', { name: 'Standup' }).waitFor();
      await page.getByText('Every week on Monday, Tuesday and Thursday at 09:00').waitFor();
      await page.getByText('Europe/Berlin (GMT+1)', { exact: true }).waitFor();

      const next = page.getByRole('list', { name: 'Next occurrences' }).getByRole('listitem');
      await next.first().getByText('Planned').waitFor();
      expect(await next.count()).toBe(10);
      await page.goto('/schedules');
      const planned = page.getByRole('list', { name: 'Upcoming meetings' }).getByRole('link');
      await planned.filter({ hasText: 'Standup' }).waitFor();

      await page.getByRole('list', { name: 'Your schedules' }).getByRole('link').click();
      await next.nth(1).getByRole('button').click();
      await page.getByRole('menuitem', { name: 'Skip this one' }).click();
      await next.nth(1).getByText('Skipped').waitFor();
      await next.nth(2).getByRole('button').click();
      await page.getByRole('menuitem', { name: 'Move this one' }).click();
      const to = page.getByRole('dialog').getByLabel('To');
      await to.fill((await to.inputValue()).replace('T09:00', 'T10:15'));
      await page.getByRole('button', { name: 'Move' }).click();
      await next.nth(2).getByText('10:15').waitFor();
      expect(await findBarriers(page)).toEqual([]);

      await page.getByRole('button', { name: 'Run now' }).click();
      await page.waitForURL('**/meetings/*');
      await page.goBack();
      const last = page.getByRole('list', { name: 'Last outcomes' }).getByRole('listitem');
      await last.first().waitFor();
      expectClean(opened);
    });

    test('pause, go on, and are deleted with what they had planned', async () => {
      const { page } = await world().openAs('pauser');
      await page.goto('/schedules/new');
      await page.getByLabel('Meeting link').fill(`${world().platform.practiceRoomUrl}/r/pause`);
      await page.getByRole('button', { name: 'Make schedule' }).click();
      const next = page.getByRole('list', { name: 'Next occurrences' }).getByRole('listitem');
      await next.first().getByText('Planned').waitFor();
      const act = async (name: string) => {
        await page.getByRole('button', { name: 'More actions' }).click();
        await page.getByRole('menuitem', { name }).click();
      };
      await act('Pause');
      await page.getByText('Paused', { exact: true }).waitFor();
      await act('Resume');
      await next.first().getByText('Planned').waitFor();
      await act('Delete');
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
      await page.waitForURL('**/schedules');
      await page.getByText('No schedules yet').waitFor();
      await page.getByText(/Nothing is planned/).waitFor();
    });

    test('are written by hand too, and say at the field what is wrong with a rule', async () => {
      const { page } = await world().openAs('advanced');
      await page.goto('/schedules/new');
      await page.getByLabel('Meeting link').fill('https://example.org/nowhere');
      await page.getByLabel('Repeats').selectOption('Advanced: cron');
      await page.getByLabel('Cron').fill('0 9 * *');
      await page.getByRole('button', { name: 'Make schedule' }).click();
      await page.getByLabel('Meeting link').and(page.locator('[aria-invalid=true]')).waitFor();
      await page.getByLabel('Meeting link').fill(`${world().platform.practiceRoomUrl}/r/cron`);
      await page.getByRole('button', { name: 'Make schedule' }).click();
      await page.getByLabel('Cron').and(page.locator('[aria-invalid=true]')).waitFor();
      await page.getByLabel('Cron').fill('0 9 * * 1-5');
      await page.getByRole('button', { name: 'Make schedule' }).click();
      await page.getByText('0 9 * * 1-5').waitFor();
    });
  });
}
