import type { Page } from 'playwright-core';
import { readConversation } from '../../temporal-dev/demo/conversation';
import { startFakeParticipant, type FakeParticipant } from '../fake-participant';
import { findBarriers, measureOverflow, WebBrowser, type OpenPage } from '../web/browser';
import { lengthenMeeting } from '../web/long-meeting';
import { START_TIMEOUT_MS } from '../web/world';
import { startPlatform, type Platform } from './platform';

/** Joining, draining and analysing each take their time on a busy machine. */
const STEP_TIMEOUT_MS = 120_000;

let platform: Platform;
let browser: WebBrowser;
let opened: OpenPage;
let page: Page;
let people: FakeParticipant[] = [];
let meetingPath: string;

beforeAll(async () => {
  platform = await startPlatform('web-meeting', { withWeb: true });
  browser = await WebBrowser.start(platform);
  opened = await browser.open({ width: 1440, email: 'owner@example.org' });
  page = opened.page;
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
}, START_TIMEOUT_MS);
afterAll(async () => {
  await Promise.allSettled(people.map((person) => person.kill()));
  await browser.stop();
  await platform.stop();
}, 60_000);

const transcript = () => page.getByRole('log', { name: 'Transcript' });

async function openRoom(): Promise<string> {
  const conversation = await readConversation('test/audio/standup.json');
  const roomUrl = `${platform.practiceRoomUrl}/r/page`;
  for (const { name, audioFile } of conversation.speakers) {
    const { chromiumPath } = platform;
    const host = people.length === 0;
    people.push(await startFakeParticipant({ roomUrl, name, audioFile, chromiumPath, host }));
  }
  return roomUrl;
}

describe('a meeting on the page', () => {
  test(
    'begins with a pasted link',
    async () => {
      const roomUrl = await openRoom();
      await page.goto('/meetings');
      await page.getByText('No meetings yet').waitFor();
      await page.getByLabel('Meeting link').fill(roomUrl);
      await page.getByText('Practice room recognised.').waitFor();
      await page.getByRole('button', { name: 'Start bot' }).click();
      await page.waitForURL(/\/meetings\/\d+$/);
      meetingPath = new URL(page.url()).pathname;
      await page.getByText('The bot is in the meeting').first().waitFor();
    },
    STEP_TIMEOUT_MS,
  );

  test(
    'shows every word once while they are spoken and the API is killed',
    async () => {
      await Promise.all(people.map((person) => person.startSpeaking()));
      await transcript().getByText('Good morning').first().waitFor();
      await platform.crash('api');
      await transcript().getByText('sales team').first().waitFor();
      const texts = await transcript().getByRole('paragraph').allTextContents();
      expect(new Set(texts).size).toBe(texts.length);
      expect(texts.filter((text) => text.includes('payment page is finished'))).toHaveLength(1);
    },
    STEP_TIMEOUT_MS,
  );

  test(
    'ends when the bot is stopped, and says why',
    async () => {
      await page.getByRole('button', { name: 'Stop bot' }).click();
      await page.getByText('The bot left because it was asked to stop.').first().waitFor();
      await page.getByText('Done', { exact: true }).waitFor();
    },
    STEP_TIMEOUT_MS,
  );

  test(
    'leads from a decision to the words that it rests on',
    async () => {
      const decisions = page.getByRole('region', { name: 'Decisions' });
      await decisions
        .getByRole('button', { name: /^Go to the words at/ })
        .first()
        .click();
      const words = transcript().locator('[aria-current="true"]');
      expect(await words.textContent()).toMatch(/decided to release/);
    },
    STEP_TIMEOUT_MS,
  );

  test('finds words and steps through them', async () => {
    await page.getByLabel('Search in this meeting').fill('release');
    await page.getByText(/^1 of \d/).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText(/^2 of \d/).waitFor();
    expect(await transcript().locator('mark').first().textContent()).toBe('release');
    await page.keyboard.press('Escape');
  });

  test('gives a line with its source to who has only keys', async () => {
    await opened.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const copy = page.locator('button:focus[aria-label="Copy with its source"]');
    await transcript().focus();
    while (!(await copy.isVisible())) await page.keyboard.press('Tab');
    const isSeen = `getComputedStyle(document.activeElement).opacity === '1'`;
    while (!(await page.evaluate(isSeen))) await page.waitForTimeout(50);
    await page.keyboard.press('Enter');
    await page.getByText('Copied').first().waitFor();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    expect(copied).toMatch(/Good morning/);
    expect(copied).toContain(`${meetingPath}#s`);
  });

  test('renames a speaker everywhere', async () => {
    await transcript().getByRole('button', { name: 'Maya', exact: true }).first().click();
    await page.getByRole('dialog').getByLabel('Name').fill('Maya Chen');
    await page.keyboard.press('Enter');
    await transcript().getByRole('button', { name: 'Maya Chen' }).first().waitFor();
    await page.waitForFunction(
      `!document.querySelector('[role=log]').innerText.split('\\n').includes('Maya')`,
    );
  });

  test('keeps notes across a reload', async () => {
    await page.getByRole('tab', { name: 'Notes' }).click();
    await page.getByLabel('Your notes').fill('Ask sales about Berlin.');
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.reload();
    await page.getByRole('tab', { name: 'Notes' }).click();
    await page.getByLabel('Your notes').waitFor();
    expect(await page.getByLabel('Your notes').inputValue()).toBe('Ask sales about Berlin.');
  });

  test('is exported as a file with its title’s name', async () => {
    await page.getByRole('button', { name: 'Export' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.docx$/);
  });

  test('is read by a stranger who has its link', async () => {
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('button', { name: 'Make a link' }).click();
    const url = await page.getByLabel(/^Your link/).inputValue();
    const stranger = await browser.open({ width: 390 });
    await stranger.page.goto(url);
    await stranger.page.getByText('decided to release').first().waitFor();
    expect(await findBarriers(stranger.page)).toEqual([]);
    expect(await measureOverflow(stranger.page)).toBe(0);
    expect(stranger.outside).toEqual([]);
    await page.keyboard.press('Escape');
  });

  test('is read by those alone whose addresses a link names, until it is ended', async () => {
    await page.getByRole('button', { name: 'Share' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Only for these people').fill('reader@example.org, somebody');
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    await dialog.getByText('“somebody” is not an e-mail address.').waitFor();
    await dialog.getByLabel('Only for these people').fill('reader@example.org');
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    const url = await dialog.getByLabel(/^Your link/).inputValue();
    const stranger = await browser.open();
    await stranger.page.goto(url);
    await stranger.page.getByRole('heading', { name: 'Sign in to read this' }).waitFor();
    await stranger.page.getByRole('link', { name: 'Sign in' }).click();
    await stranger.page.waitForURL(`${platform.webUrl}/sign-in`);
    const other = await browser.open({ email: 'other@example.org' });
    await other.page.goto(url);
    await other.page.getByRole('heading', { name: 'Not for this account' }).waitFor();
    const reader = await browser.open({ email: 'reader@example.org' });
    await reader.page.goto(url);
    await reader.page.getByText('decided to release').first().waitFor();
    const link = dialog.getByRole('listitem').filter({ hasText: 'reader@example.org' });
    await link.getByRole('button', { name: 'End this link' }).click();
    await link.getByText(/ended/).waitFor();
    await reader.page.reload();
    await reader.page.getByRole('heading', { name: 'Nothing here' }).waitFor();
    await page.keyboard.press('Escape');
  }, 120_000);

  test('is analysed once more when that is asked', async () => {
    await page.getByRole('tab', { name: 'Summary' }).click();
    const again = page.waitForResponse(async (response) => {
      if (!response.url().endsWith('/analysis') || response.request().method() !== 'GET')
        return false;
      const { run, status } = (await response.json()) as { run?: number; status?: string };
      return run === 2 && status === 'completed';
    });
    await page.getByRole('button', { name: 'Analyse again' }).click();
    await page.getByText('The meeting is being analysed again.').waitFor();
    await again;
    await page.getByRole('region', { name: 'Decisions' }).waitFor();
  }, 120_000);

  test('was read without an error and without another machine', () => {
    expect(opened.errors).toEqual([]);
    expect(opened.outside).toEqual([]);
  });

  test.each([
    [1440, 'dark'],
    [1024, 'light'],
    [390, 'dark'],
  ] as const)('has no barrier at %i pixels, %s', async (width, theme) => {
    const seen = await browser.open({ width, theme, email: 'owner@example.org' });
    await seen.page.goto(meetingPath);
    await seen.page.getByText('decided to release').first().waitFor();
    if (width < 1024) await seen.page.getByRole('button', { name: 'Details' }).click();
    for (const tab of ['Summary', 'People', 'Timeline', 'Chat', 'Notes']) {
      await seen.page.getByRole('tab', { name: tab }).click();
      await seen.page.waitForLoadState('networkidle');
      expect([tab, await findBarriers(seen.page)]).toEqual([tab, []]);
    }
    expect(await measureOverflow(seen.page)).toBe(0);
    expect(seen.errors).toEqual([]);
    await seen.context.close();
  });

  test(
    'takes a bot again after its end, and tells of both attempts, also where no socket gets through',
    async () => {
      const apart = await browser.open({ width: 1440, email: 'owner@example.org' });
      await apart.page.routeWebSocket(/\/ws$/, (socket) => socket.close());
      await apart.page.goto(meetingPath);
      await apart.page.getByText('decided to release').first().waitFor();
      await page.getByRole('button', { name: 'Start bot again' }).click();
      await page.getByText('The bot is in the meeting').first().waitFor();
      await apart.page.getByText('The bot is in the meeting').first().waitFor();
      await apart.context.close();
      await page.getByRole('tab', { name: 'Timeline' }).click();
      for (const name of ['Attempt 1', 'Attempt 2']) await page.getByText(name).first().waitFor();
      await page.getByRole('button', { name: 'Stop bot' }).click();
      await page.getByText('Done', { exact: true }).waitFor();
    },
    STEP_TIMEOUT_MS,
  );

  test(
    'of 20,000 segments keeps only what is in sight in the page, and finds its last words',
    async () => {
      const meetingId = Number(meetingPath.split('/').at(-1));
      await lengthenMeeting(platform.databaseUrl, { meetingId, count: 20_000 });
      const long = await browser.open({ width: 1440, email: 'owner@example.org' });
      await long.page.goto(meetingPath);
      await long.page.getByText('Good morning').first().waitFor();
      await long.page.getByLabel('Search in this meeting').fill('20000: ');
      await long.page.getByText('1 of 1').waitFor();
      await long.page.getByRole('log').getByText('20000: ').waitFor();
      expect(await long.page.getByRole('log').getByRole('paragraph').count()).toBeLessThan(100);
      expect(long.errors).toEqual([]);
    },
    STEP_TIMEOUT_MS,
  );
});
