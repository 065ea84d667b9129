import { findBarriers } from './browser';
import { expectClean, type World } from './world';

/** What surrounds every page: signing in, the keyboard, a lost connection, what is not there. */
export function describeFrame(world: () => World): void {
  describe('the sign-in', () => {
    test('leads to the page that was asked for', async () => {
      const opened = await world().open();
      const { page } = opened;
      await page.goto('/meetings/new');
      await page.getByLabel('E-mail').fill('maya@example.org');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL('**/meetings/new');
      expectClean(opened);
    });

    test('says what is wrong with an address', async () => {
      const { page } = await world().open();
      await page.goto('/sign-in');
      await page.getByLabel('E-mail').fill('maya');
      await page.keyboard.press('Enter');
      await page.getByText('Enter an e-mail address such as maya@example.org.').waitFor();
      expect(await page.getByLabel('E-mail').getAttribute('aria-invalid')).toBe('true');
    });

    test('leads nowhere else than to this page', async () => {
      const { page } = await world().open();
      await page.goto('/sign-in?next=//example.com/');
      await page.getByLabel('E-mail').fill('maya@example.org');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/meetings');
      expect(new URL(page.url()).origin).toBe(world().platform.webUrl);
    });

    test('hides its token from scripts and addresses', async () => {
      const { page } = await world().open({ email: 'maya@example.org' });
      await page.goto('/meetings');
      await page.getByRole('heading', { level: 1 }).waitFor();
      const seen = (await page.evaluate(
        '({ cookie: document.cookie, stored: JSON.stringify({ ...localStorage, ...sessionStorage }) })',
      )) as { cookie: string; stored: string };
      expect(seen.cookie).toBe('');
      expect(seen.stored).not.toMatch(/eyJ/);
    });
  });

  describe('the keyboard', () => {
    test('reaches a new meeting by the palette and says what is missing', async () => {
      const { page } = await world().open({ email: 'keys@example.org' });
      await page.goto('/meetings');
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByText('No meetings yet').waitFor();
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder('Type a command').waitFor();
      await page.keyboard.type('new meeting');
      expect(await findBarriers(page)).toEqual([]);
      await page.keyboard.press('Enter');
      await page.waitForURL('**/meetings/new');
      await page.getByLabel('Meeting link').waitFor();
      await page.keyboard.press('Enter');
      await page.getByText('Paste the link that opens the meeting.').waitFor();
    });

    test('searches what was said, and sends a bot into a link, from the palette', async () => {
      const { page } = await world().open({ email: 'palette@example.org' });
      const pressFor = async (text: string, entry: RegExp) => {
        await page.keyboard.press('Control+k');
        await page.getByPlaceholder('Type a command').fill(text);
        await page.getByRole('option', { name: entry }).waitFor();
        await page.keyboard.press('Enter');
      };
      await page.goto('/record');
      await page.getByRole('heading', { level: 1 }).waitFor();
      await pressFor('budget for Berlin', /^Search for “budget for Berlin”/);
      await page.waitForURL('**/search?q=budget%20for%20Berlin');
      await pressFor('https://example.org/no-meeting', /^Start a bot in/);
      await page.getByText('Expected one of: ').first().waitFor();
      await pressFor(`${world().platform.practiceRoomUrl}/r/palette`, /^Start a bot in/);
      await page.waitForURL(/\/meetings\/\d+$/);
      // a link may hold a passcode, and addresses are written down in many places
      expect(page.url()).not.toContain('palette');
      await page.getByRole('button', { name: 'Stop bot' }).click();
    });

    test('plans a meeting without a mouse', async () => {
      const { page } = await world().open({ email: 'keys@example.org' });
      await page.goto('/meetings/new');
      await page.getByLabel('Meeting link').focus();
      await page.keyboard.type('https://meet.google.com/abc-defg-hij');
      await page.getByText('Google Meet recognised.').waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.type('Planning');
      const tomorrow = new Date(Date.now() + 24 * 3_600_000).toISOString().slice(0, 16);
      await page.getByLabel('Planned start').fill(tomorrow);
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/meetings\/\d+$/);
      await page.getByRole('heading', { name: 'Planning' }).waitFor();
      await page.getByText('Planned', { exact: true }).waitFor();
    });

    test('is told of its keys by the palette, as this machine has them', async () => {
      const { page } = await world().open({ email: 'keys@example.org' });
      await page.addInitScript(
        `Object.defineProperty(navigator, 'platform', { get: () => 'MacIntel' });`,
      );
      await page.goto('/meetings');
      await page.getByText('⌘ K').click();
      const keys = page.getByRole('option', { name: /^Record/ }).locator('kbd');
      await keys.first().waitFor();
      expect(await keys.allTextContents()).toEqual(['g', 'r']);
      await page.keyboard.press('Escape');
      await page.keyboard.press('g');
      await page.keyboard.press('r');
      await page.waitForURL('**/record');
    });

    test('goes past the side bar to the content', async () => {
      const { page } = await world().open({ email: 'keys@example.org' });
      await page.goto('/meetings');
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('content');
    });
  });

  describe('a lost connection', () => {
    test('is said, and heals by itself', async () => {
      const { page, context } = await world().open({ email: 'offline@example.org' });
      await page.goto('/meetings');
      await page.getByText('No meetings yet').waitFor();
      await context.setOffline(true);
      await page.getByText('You are offline.').waitFor();
      await context.setOffline(false);
      await page.getByText('You are offline.').waitFor({ state: 'detached' });
    });
  });

  test('another person’s meeting is not there', async () => {
    const { page } = await world().open({ email: 'stranger@example.org' });
    await page.goto('/meetings/999999');
    await page.getByText('No such meeting').waitFor();
  });
}
