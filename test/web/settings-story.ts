import type { Page } from 'playwright-core';
import { insertIdentity } from '../../infra/database/identities';
import { expectClean, type World } from './world';

/** Waits for the answer to what `act` asks the API for. */
async function answered(page: Page, method: string, act: () => Promise<void>): Promise<number> {
  const answer = page.waitForResponse((each) => each.request().method() === method);
  await act();
  return (await answer).status();
}

export function describeSettings(world: () => World): void {
  describe('the settings', () => {
    test('keep profile and defaults, and say at a field what is wrong with it', async () => {
      const opened = await world().openAs('keeper');
      const { page, userId } = opened;
      await page.goto('/settings');
      await page.waitForURL('**/settings/profile');
      await page.getByLabel('Name', { exact: true }).fill('Maya Okafor');
      const [profile, defaults] = [
        page.getByRole('button', { name: 'Save' }).first(),
        page.getByRole('button', { name: 'Save' }).last(),
      ];
      expect(await answered(page, 'PATCH', () => profile.click())).toBe(200);
      await page.getByLabel('Bot name').fill('Notes of Maya');
      const silence = page.getByLabel('After everybody fell silent');
      await silence.fill('soon');
      await defaults.click();
      await page.getByText('Enter minutes as a number, such as 10 or 1.5.').waitFor();
      expect(await silence.getAttribute('aria-invalid')).toBe('true');
      await silence.fill('2.5');
      await page.getByRole('switch', { name: 'Keep a recording' }).click();
      expect(await answered(page, 'PATCH', () => defaults.click())).toBe(200);
      const user = await world().db.prisma.user.findUniqueOrThrow({ where: { id: userId } });
      expect(user.fullName).toBe('Maya Okafor');
      expect(user.botDefaults).toEqual({
        botName: 'Notes of Maya',
        recording: true,
        leavePolicy: { silenceSeconds: 150 },
      });
      await page.reload();
      await silence.waitFor();
      expect(await silence.inputValue()).toBe('2.5');
      expectClean(opened);
    });

    test('show at its field what the API refuses', async () => {
      const { page } = await world().openAs('refused');
      await page.goto('/settings/profile');
      await page.getByLabel('Bot name').fill('Two\u0001names');
      await page.getByRole('button', { name: 'Save' }).last().click();
      await page.getByText('Expected one line without control characters').waitFor();
      expect(await page.getByLabel('Bot name').getAttribute('aria-invalid')).toBe('true');
    });

    test('make an API key that is shown once and works, and revoke it', async () => {
      const opened = await world().openAs('programmer');
      const { page } = opened;
      await page.goto('/settings/api-keys');
      await page.getByText('No API keys yet').waitFor();
      await page.getByRole('button', { name: 'New key' }).click();
      await page.getByRole('button', { name: 'Make key' }).click();
      await page.getByText('Give it a name by which you know it again.').waitFor();
      await page.getByLabel('Name').fill('Weekly report');
      await page.keyboard.press('Enter');
      const shown = page.getByRole('textbox', { name: 'The new API key' });
      await shown.waitFor();
      const key = await shown.inputValue();
      const ask = () =>
        fetch(`${world().platform.apiUrl}/api/meetings`, { headers: { 'x-api-key': key } });
      expect((await ask()).status).toBe(200);
      await page.getByRole('button', { name: 'I have copied it' }).click();
      const row = page.getByRole('listitem').filter({ hasText: `mtg_…${key.slice(-4)}` });
      await row.waitFor();
      expect(await page.content()).not.toContain(key);
      await row.getByRole('button', { name: 'Revoke Weekly report' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
      await page.getByText('No API keys yet').waitFor();
      expect((await ask()).status).toBe(401);
      expectClean(opened);
    });

    test('keep identities: named, chosen for a schedule, allowed more, and deleted', async () => {
      const opened = await world().openAs('keyholder');
      const { page, userId } = opened;
      const { db, platform } = world();
      const kept = { name: 'Team room', platform: 'custom', stateEncrypted: 'none' } as const;
      await insertIdentity(db, userId, { ...kept, allowsParallel: false, most: 5 });
      await page.goto('/settings/identities');
      const act = async (name: string) => {
        await page.getByRole('button', { name: /^Actions for/ }).click();
        await page.getByRole('menuitem', { name }).click();
      };
      await act('Rename');
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill(' ');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.getByText('Give it a name.').waitFor();
      await dialog.getByLabel('Name').fill('Planning room');
      await page.keyboard.press('Enter');
      await page.getByRole('listitem').filter({ hasText: 'Planning room' }).waitFor();
      await act('Allow several meetings at a time');
      await page.getByText('In several meetings at the same time').waitFor();

      await page.goto('/schedules/new');
      await page.getByLabel('Meeting link').fill(`${platform.practiceRoomUrl}/r/signed-in`);
      await page.getByLabel('Joins as').selectOption('Planning room · Practice room');
      await page.getByRole('button', { name: 'Make schedule' }).click();
      await page.waitForURL(/\/schedules\/\d+$/);
      const readIdentity = async () =>
        (await db.prisma.schedule.findFirstOrThrow({ where: { userId } })).botIdentityId;
      expect(await readIdentity()).toEqual(expect.any(Number));
      await page.goto(`${page.url()}/edit`);
      await page.getByLabel('Joins as').selectOption('A guest');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.waitForURL(/\/schedules\/\d+$/);
      expect(await readIdentity()).toBeNull();

      await page.goto('/settings/identities');
      await act('Delete');
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByText('No identities yet').waitFor();
      expectClean(opened);
    });

    test('show what was done, newest first', async () => {
      const { page } = await world().openAs('watched');
      await page.goto('/settings/profile');
      await page.getByLabel('Name', { exact: true }).fill('W');
      const save = page.getByRole('button', { name: 'Save' }).first();
      expect(await answered(page, 'PATCH', () => save.click())).toBe(200);
      await page.goto('/settings/audit');
      await page.getByRole('cell', { name: 'profile.changed' }).waitFor();
      await page.getByLabel('What').fill('meeting.deleted');
      await page.getByText('Nothing here').waitFor();
    });

    test('delete the account once its words were typed', async () => {
      const { page } = await world().openAs('leaver');
      await page.goto('/settings/account');
      await page.getByRole('button', { name: 'Delete my account' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Delete my account' }).click();
      await dialog.getByText('Type exactly “delete my account”.').waitFor();
      await dialog.getByRole('textbox').fill('delete my account');
      await page.keyboard.press('Enter');
      await page.getByText('Your account is being deleted').waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL('**/sign-in');
    });
  });
}
