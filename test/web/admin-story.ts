import { expectClean, type World } from './world';

export function describeAdmin(world: () => World): void {
  describe('the administration', () => {
    test('tells others how one comes to have the role', async () => {
      const { page } = await world().openAs('curious');
      await page.goto('/admin/users');
      await page.getByText('For administrators only').waitFor();
      await page.getByText(/LOCAL_ADMINS/).waitFor();
      expect(await page.getByRole('link', { name: 'Administration' }).count()).toBe(0);
    });

    test('finds users, limits them, keeps them out and lets them in again', async () => {
      const person = await world().openAs('limited');
      const opened = await world().openAs('admin');
      const { page } = opened;
      await page.goto('/meetings');
      await page.getByRole('link', { name: 'Administration' }).click();
      await page.getByLabel('Search by name or e-mail').fill('limited@');
      const users = page.getByRole('list', { name: 'Users' }).getByRole('link');
      await users.filter({ hasText: 'limited@example.org' }).click();
      await page.getByRole('heading', { name: 'limited@example.org' }).waitFor();
      await page.getByLabel('Bots at the same time').fill('many');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Enter a whole number from 0 on').waitFor();
      await page.getByLabel('Bots at the same time').fill('2');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Disable' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Disable' }).click();
      await page.getByRole('button', { name: 'Enable' }).waitFor();
      const { id, maxConcurrentBots, disabledAt } = await world().db.prisma.user.findFirstOrThrow({
        where: { email: person.email },
      });
      expect([maxConcurrentBots, disabledAt]).toEqual([2, expect.any(Date)]);
      await page.getByRole('button', { name: 'Enable' }).click();
      await page.getByRole('button', { name: 'Disable' }).waitFor();
      await page.getByRole('link', { name: 'Audit log' }).last().click();
      await page.waitForURL(`**/admin/audit?user=${id}`);
      const entry = page.getByRole('row').filter({ hasText: 'admin.user.changed' }).first();
      await entry.getByRole('link', { name: person.email }).waitFor();
      expectClean(opened);
    });

    test('shows what is live, with the way to its story, and deletes once words were typed', async () => {
      const person = await world().openAs('deleted');
      const { meetingId } = await world().speak(person.userId, 'Secret plans', ['Nothing.']);
      await world().db.prisma.meeting.update({
        where: { id: meetingId },
        data: { status: 'live', botStatus: 'in_meeting' },
      });
      const { page } = await world().openAs('admin');
      await page.goto('/admin/meetings');
      const story = page.getByRole('link', { name: `Meeting ${meetingId} in the Temporal Web UI` });
      expect(await story.getAttribute('href')).toContain(`meeting-${meetingId}`);
      const whose = page.getByRole('row').filter({ has: story }).getByRole('link').first();
      expect(await whose.textContent()).toBe(person.email);
      expect(await page.content()).not.toContain('Secret plans');
      await whose.click();
      await page.getByRole('heading', { name: person.email }).waitFor();
      await page.goto(`/admin/users/${person.userId}`);
      await page.getByRole('button', { name: 'Delete user' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('textbox').fill(person.email);
      await page.keyboard.press('Enter');
      await page.getByText('Being deleted', { exact: true }).waitFor();
    });
  });
}
