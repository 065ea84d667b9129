import { findBarriers, measureOverflow, WebBrowser, type OpenPage } from '../web/browser';
import { START_TIMEOUT_MS } from '../web/world';
import { startPlatform, type Platform } from './platform';

let platform: Platform;
let browser: WebBrowser;

beforeAll(async () => {
  platform = await startPlatform('web', { withWeb: true });
  browser = await WebBrowser.start(platform);
}, START_TIMEOUT_MS);
afterAll(async () => {
  await browser.stop();
  await platform.stop();
}, 60_000);

const expectClean = ({ errors, outside }: OpenPage): void => {
  expect(errors).toEqual([]);
  expect(outside).toEqual([]);
};

describe('the sign-in', () => {
  test('leads to the page that was asked for', async () => {
    const opened = await browser.open();
    const { page } = opened;
    await page.goto('/meetings/new');
    await page.getByLabel('E-mail').fill('maya@example.org');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL('**/meetings/new');
    expectClean(opened);
  });

  test('says what is wrong with an address', async () => {
    const { page } = await browser.open();
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill('maya');
    await page.keyboard.press('Enter');
    await page.getByText('Enter an e-mail address such as maya@example.org.').waitFor();
    expect(await page.getByLabel('E-mail').getAttribute('aria-invalid')).toBe('true');
  });

  test('leads nowhere else than to this page', async () => {
    const { page } = await browser.open();
    await page.goto('/sign-in?next=//example.com/');
    await page.getByLabel('E-mail').fill('maya@example.org');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/meetings');
    expect(new URL(page.url()).origin).toBe(platform.webUrl);
  });

  test('hides its token from scripts and addresses', async () => {
    const { page } = await browser.open({ email: 'maya@example.org' });
    await page.goto('/meetings');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const seen = (await page.evaluate(
      '({ cookie: document.cookie, stored: JSON.stringify({ ...localStorage, ...sessionStorage }) })',
    )) as { cookie: string; stored: string };
    expect(seen.cookie).toBe('');
    expect(seen.stored).not.toMatch(/eyJ/);
  });
});

describe.each([
  ['/sign-in', undefined],
  ['/meetings', 'axe@example.org'],
  ['/meetings/new', 'axe@example.org'],
])('%s', (path, email) => {
  test.each([
    [1440, 'light'],
    [1440, 'dark'],
    [1024, 'light'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('has no barrier and fits at %i pixels, %s', async (width, theme) => {
    const opened = await browser.open({ width, theme, ...(email ? { email } : {}) });
    await opened.page.goto(path);
    await opened.page.getByRole('heading', { level: 1 }).waitFor();
    await opened.page.waitForLoadState('networkidle');
    expect(await findBarriers(opened.page)).toEqual([]);
    expect(await measureOverflow(opened.page)).toBe(0);
    expectClean(opened);
  });
});

describe('the keyboard', () => {
  test('reaches a new meeting by the palette and says what is missing', async () => {
    const { page } = await browser.open({ email: 'keys@example.org' });
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
    const { page } = await browser.open({ email: 'palette@example.org' });
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
    await pressFor(`${platform.practiceRoomUrl}/r/palette`, /^Start a bot in/);
    await page.waitForURL(/\/meetings\/\d+$/);
    // a link may hold a passcode, and addresses are written down in many places
    expect(page.url()).not.toContain('palette');
    await page.getByRole('button', { name: 'Stop bot' }).click();
  });

  test('plans a meeting without a mouse', async () => {
    const { page } = await browser.open({ email: 'keys@example.org' });
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

  test('goes past the side bar to the content', async () => {
    const { page } = await browser.open({ email: 'keys@example.org' });
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
    const { page, context } = await browser.open({ email: 'offline@example.org' });
    await page.goto('/meetings');
    await page.getByText('No meetings yet').waitFor();
    await context.setOffline(true);
    await page.getByText('You are offline.').waitFor();
    await context.setOffline(false);
    await page.getByText('You are offline.').waitFor({ state: 'detached' });
  });
});

test('another person’s meeting is not there', async () => {
  const { page } = await browser.open({ email: 'stranger@example.org' });
  await page.goto('/meetings/999999');
  await page.getByText('No such meeting').waitFor();
});
