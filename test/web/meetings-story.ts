import { DemoApiClient } from '../../temporal-dev/demo/api-client';
import { insertMeeting } from '../records';
import { insertSpoken } from '../spoken';
import { expectClean, expectOpenToAll, type World } from './world';

const GOOGLE_MEET = 'https://meet.google.com/abc-defg-hij';
const TWO_FRAMES =
  'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';

/** The list of meetings, a start that is refused, and a meeting's page in its less usual states. */
export function describeMeetings(world: () => World): void {
  /** A meeting in some state, as its workflow would have left it. */
  async function insert(userId: number, title: string, data: object): Promise<number> {
    const { meetingId } = await insertMeeting(world().db, { userId, title });
    await world().db.prisma.meeting.update({ where: { id: meetingId }, data });
    return meetingId;
  }

  describe('the list of meetings', () => {
    test('moves a meeting to what is over when it ends', async () => {
      const opened = await world().openAs('follower');
      const { page, userId } = opened;
      const id = await insert(userId, 'Ends soon', { status: 'live', botStatus: 'in_meeting' });
      const row = (section: string) =>
        page.getByRole('region', { name: section, exact: true }).getByText('Ends soon');
      await page.goto('/meetings');
      await row('Now').waitFor();
      const over = { status: 'completed', botStatus: 'ended', reason: 'stopped' };
      await world().db.prisma.meeting.update({ where: { id }, data: over });
      await row('Past').waitFor();
      expect(await page.getByText('Ends soon').count()).toBe(1);
      expectClean(opened);
    });

    test('is narrowed down by title, state and platform, and comes page by page', async () => {
      const { page, userId } = await world().openAs('tidy');
      for (let nth = 1; nth <= 31; nth += 1) {
        await insert(userId, `Weekly ${nth}`, { status: 'completed', platform: 'zoom' });
      }
      await insert(userId, 'Board', { status: 'failed', platform: 'teams', reason: 'join_denied' });
      const rows = page.getByRole('region', { name: 'Past' }).getByRole('listitem');
      const shows = async (titles: string[]): Promise<void> => {
        const read = () => rows.getByText(/^(?:Weekly \d+|Board)$/).allTextContents();
        while ((await read()).join() !== titles.join()) await page.waitForTimeout(50);
      };
      await page.goto('/meetings');
      await page.getByText('Board').waitFor();
      expect(await rows.count()).toBe(30);
      await page.getByRole('button', { name: 'Show more' }).click();
      await page.getByText('Weekly 1', { exact: true }).waitFor();
      expect(await rows.count()).toBe(32);
      await page.getByLabel('Search by title').fill('weekly 3');
      await shows(['Weekly 31', 'Weekly 30', 'Weekly 3']);
      await page.getByLabel('Search by title').fill('');
      await page.getByLabel('Platform').selectOption('teams');
      await shows(['Board']);
      await page.getByText('The host declined the bot’s request to join.').waitFor();
      await page.getByLabel('State').selectOption('completed');
      await page.getByText('Nothing matches').waitFor();
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await page.getByText('Weekly 31').waitFor();
    });
  });

  describe('a start that is refused', () => {
    test('leads to the one meeting that was made, and says there why', async () => {
      const { page, userId } = await world().openAs('busy');
      const { prisma } = world().db;
      await prisma.user.update({ where: { id: userId }, data: { maxConcurrentBots: 0 } });
      await page.goto('/meetings');
      await page.getByLabel('Meeting link').fill(GOOGLE_MEET);
      await page.getByRole('button', { name: 'Start bot' }).click();
      await page.waitForURL(/\/meetings\/\d+$/);
      const refusal = page.getByRole('alert').filter({ hasText: 'All of your bots are busy' });
      await refusal.waitFor();
      const again = page.waitForResponse((response) => response.url().endsWith('/start-bot'));
      await page.getByRole('button', { name: 'Start bot' }).click();
      expect((await again).status()).toBe(409);
      await refusal.waitFor();
      expect(await prisma.meeting.count({ where: { userId } })).toBe(1);
    });

    test('of the form shows what is wrong where it stands, however hidden that was', async () => {
      const { page, userId } = await world().openAs('former');
      await page.goto('/meetings/new');
      await page.getByLabel('Meeting link').fill(GOOGLE_MEET);
      const leave = page.getByText('When the bot leaves');
      const longest = page.getByLabel('Longest meeting');
      await leave.click();
      await longest.fill('none');
      await leave.click();
      await longest.waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Start bot' }).click();
      await page.getByText(/^Enter minutes between/).waitFor();
      await longest.and(page.locator(':focus')).waitFor();
      expect(await world().db.prisma.meeting.count({ where: { userId } })).toBe(0);
    });
  });

  describe('a meeting without a bot', () => {
    test('is a file on its way: told by its per cent, and cancelled where it is read', async () => {
      const opened = await world().openAs('sender');
      const { page, userId } = opened;
      const { prisma } = world().db;
      const file = { source: 'upload', platform: 'none', meetingUrl: null };
      const meetingId = await insert(userId, 'interview.mp3', file);
      const [sizeBytes, receivedBytes] = [4_000_000n, 1_000_000n];
      await prisma.upload.create({
        data: { meetingId, fileName: 'interview.mp3', sizeBytes, receivedBytes },
      });
      await page.goto('/meetings');
      const row = page.getByRole('region', { name: 'Now', exact: true }).getByRole('link');
      expect(await row.innerText()).toMatch(/interview\.mp3[^]*File[^]*Uploading/);
      await row.click();
      await page.getByRole('heading', { name: 'The file is being uploaded' }).waitFor();
      const bar = page.getByRole('progressbar', { name: 'How far the file is' });
      expect(await bar.getAttribute('aria-valuenow')).toBe('25');
      await prisma.upload.update({
        where: { meetingId },
        data: { receivedBytes: 3_000_000n },
      });
      await page.getByText('Uploading, 75 %').waitFor();
      expect(await page.getByText(/\bbot\b/i).count()).toBe(0);
      await expectOpenToAll(opened);
      await page.getByRole('button', { name: 'Cancel the file' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the file' }).click();
      await page.getByRole('heading', { name: 'This file was cancelled' }).waitFor();
      expect(await prisma.upload.findUnique({ where: { meetingId } })).toMatchObject({
        status: 'cancelled',
      });
    });

    test('is a recording whose page is gone, and is finished where it is read', async () => {
      const opened = await world().openAs('recorder');
      const { page, email } = opened;
      const { apiUrl } = world().platform;
      const token = await new DemoApiClient(apiUrl).signIn(email);
      const made = await fetch(`${apiUrl}/api/recorders`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ title: 'Thoughts' }),
      });
      const { meeting } = (await made.json()) as { meeting: { id: number } };
      await page.goto(`/meetings/${meeting.id}`);
      await page.getByRole('heading', { name: 'A browser records this meeting' }).waitFor();
      await page.getByText('Recording', { exact: true }).first().waitFor();
      expect(await page.getByText(/\bbot\b/i).count()).toBe(0);
      await page.getByRole('button', { name: 'Finish recording' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Finish recording' }).click();
      await page.getByText('The recording was finished.').waitFor();
      await page.getByRole('heading', { name: 'Nothing was said' }).waitFor();
      expect(await page.getByRole('button', { name: 'Finish recording' }).count()).toBe(0);
    }, 120_000);
  });

  describe('a long transcript', () => {
    const lines = (count: number, at: (index: number) => string): string[] =>
      Array.from({ length: count }, (_, index) => at(index));

    test('is searched while it grows, and stays where its reader is', async () => {
      const { page, userId } = await world().openAs('finder');
      const { meetingId } = await world().speak(
        userId,
        'Live',
        lines(120, (index) => (index % 50 === 20 ? 'The budget.' : `Point ${index}.`)),
      );
      const live = { status: 'live', botStatus: 'in_meeting' };
      await world().db.prisma.meeting.update({ where: { id: meetingId }, data: live });
      await page.goto(`/meetings/${meetingId}`);
      const log = page.getByRole('log', { name: 'Transcript' });
      const place = async (): Promise<number> => {
        await page.evaluate(TWO_FRAMES);
        return page.evaluate<number>(`document.querySelector('[role=log]').scrollTop`);
      };
      await log.getByText('Point 119.').waitFor();
      await page.getByLabel('Search in this meeting').fill('budget');
      await page.getByText('1 of 2').waitFor();
      await log.locator('mark').waitFor();
      await page.evaluate(`document.querySelector('[role=log]').scrollTo(0, 0)`);
      await log.getByText('Point 0.').waitFor();
      const late = { text: 'One more word on the budget.', startMs: 200 * 61_000 };
      await insertSpoken(world().db, meetingId, [late]);
      await page.getByText('1 of 3').waitFor();
      expect(await place()).toBe(0);
      await page.getByRole('button', { name: 'Next match' }).click();
      await page.getByText('2 of 3').waitFor();
      await log.locator('mark').waitFor();
      expect(await place()).toBeGreaterThan(500);
    });

    test('is passed by who goes by Tab', async () => {
      const { page, userId } = await world().openAs('tabber');
      const { meetingId } = await world().speak(
        userId,
        'Long',
        lines(300, (index) => `Point ${index}.`),
      );
      await page.goto(`/meetings/${meetingId}`);
      await page.getByText('Point 0.').waitFor();
      await page.getByLabel('Search in this meeting').focus();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      const tab = page.getByRole('tab', { name: 'Summary' });
      const isThere = async () => (await tab.and(page.locator(':focus')).count()) === 1;
      for (let pressed = 0; pressed < 5 && !(await isThere()); pressed += 1) {
        await page.keyboard.press('Tab');
      }
      expect(await isThere()).toBe(true);
      // and back: to the search, without a row between
      for (let pressed = 0; pressed < 5; pressed += 1) {
        await page.keyboard.press('Shift+Tab');
        const text = await page.evaluate('document.activeElement.textContent');
        if (text === 'Skip back over the transcript') break;
      }
      await page.keyboard.press('Enter');
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Shift+Tab');
      const label = await page.evaluate('document.activeElement.ariaLabel');
      expect(label).toBe('Search in this meeting');
      expect(new URL(page.url()).hash).toBe('');
    });
  });

  test('notes survive a lost connection, and are asked about before one leaves', async () => {
    const { page, context, userId } = await world().openAs('writer');
    const { meetingId } = await world().speak(userId, 'Notes', ['A word.']);
    await page.goto(`/meetings/${meetingId}`);
    await page.getByRole('tab', { name: 'Notes' }).click();
    const notes = page.getByLabel('Your notes');
    await notes.waitFor();
    await context.setOffline(true);
    await notes.fill('Ask sales about Berlin.');
    await page.getByText(/^Could not be saved/).waitFor();
    const question = page.waitForEvent('dialog');
    void page.close({ runBeforeUnload: true });
    expect((await question).type()).toBe('beforeunload');
    await (await question).dismiss();
    await context.setOffline(false);
    await page.getByText('Saved', { exact: true }).waitFor();
    const kept = await world().db.prisma.meetingNotes.findFirstOrThrow({ where: { meetingId } });
    expect(kept.text).toBe('Ask sales about Berlin.');
  });
}
