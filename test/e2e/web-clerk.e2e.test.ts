import path from 'node:path';
import type { Page } from 'playwright-core';
import { createDatabase, type Database } from '../../infra/database/client';
import { findStackDir } from '../../temporal-dev/folders';
import { prepareClerkScripts, type ClerkPackages } from '../../temporal-dev/tools/clerk';
import { insertMeeting } from '../records';
import { insertSpoken } from '../spoken';
import { findBarriers, WebBrowser, type OpenPage } from '../web/browser';
import {
  CLERK_CODE,
  CLERK_HOST,
  CLERK_PASSWORD,
  CLERK_SETTINGS,
  ClerkFrontend,
} from '../web/clerk-frontend';
import { openWhole } from '../web/whole-document';
import { START_TIMEOUT_MS } from '../web/world';
import { startPlatform, type Platform } from './platform';

let platform: Platform;
let browser: WebBrowser;
let db: Database;
let packages: ClerkPackages;

beforeAll(async () => {
  packages = await prepareClerkScripts(path.join(findStackDir(process.env), 'tools'));
  platform = await startPlatform('web-clerk', { withWeb: true, settings: CLERK_SETTINGS });
  browser = await WebBrowser.start(platform);
  db = createDatabase({ url: platform.databaseUrl, maxConnections: 2 });
}, START_TIMEOUT_MS);
afterAll(async () => {
  await db.close();
  await browser.stop();
  await platform.stop();
}, 60_000);

type ClerkPage = OpenPage & { clerk: ClerkFrontend };

async function openPage(): Promise<ClerkPage> {
  const opened = await browser.open();
  opened.page.setDefaultTimeout(60_000);
  const clerk = new ClerkFrontend({ packages, origin: platform.webUrl });
  await clerk.answer(opened.context);
  return { ...opened, clerk };
}

/** As a person does it in Clerk's form. */
async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('Email address').fill(email);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('input[name=password]').fill(CLERK_PASSWORD);
  await page.getByRole('button', { name: 'Continue' }).click();
}

const isElsewhere = (url: string): boolean => new URL(url).host !== CLERK_HOST;

describe('with Clerk’s keys', () => {
  test('the sign-in and the sign-up are Clerk’s own', async () => {
    const { page, errors, outside } = await openPage();
    await page.goto('/sign-in');
    await page.getByLabel('Email address').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('link', { name: 'Sign up' }).click();
    await page.waitForURL('**/sign-up**');
    await page.getByRole('heading', { name: 'Create your account' }).waitFor();
    expect(errors).toEqual([]);
    expect(outside.filter(isElsewhere)).toEqual([]);
  }, 120_000);

  test('who signs up shows that the address is theirs, and is a user from then on', async () => {
    const { page, errors } = await openPage();
    await page.goto('/sign-up');
    await page.getByLabel('Email address').fill('newcomer@example.org');
    await page.locator('input[name=password]').fill(CLERK_PASSWORD);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Verify your email' }).waitFor();
    const digits = page.getByRole('textbox').first();
    await digits.focus();
    await page.keyboard.type('000000');
    await page.getByText('Incorrect code').first().waitFor();
    // the form empties itself a moment after it said so
    while ((await digits.inputValue()) !== '') await digits.focus();
    await page.keyboard.type(CLERK_CODE);
    await page.getByText('No meetings yet').waitFor();
    const clerkId = ClerkFrontend.userId('newcomer@example.org');
    expect(await db.prisma.user.findFirst({ where: { clerkId } })).not.toBeNull();
    expect(errors).toEqual([]);
  }, 120_000);

  test('a wrong password is said, and the right one leads to the page that was asked for', async () => {
    const { page, clerk, errors } = await openPage();
    await page.goto('/settings/profile');
    await page.waitForURL('**/sign-in?next=**');
    await page.getByLabel('Email address').fill('maya@example.org');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.locator('input[name=password]').fill('guessed');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Password is incorrect').first().waitFor();
    await page.locator('input[name=password]').fill(CLERK_PASSWORD);
    const asked = page.waitForRequest(`${platform.apiUrl}/api/me`);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL('**/settings/profile');
    const { authorization } = await (await asked).allHeaders();
    expect(clerk.tokens.map((token) => `Bearer ${token}`)).toContain(authorization);
    await page.getByLabel('Name', { exact: true }).waitFor();
    expect(errors).toEqual([]);
  }, 120_000);

  test('the token reaches the API with requests and sockets, and stands in no address', async () => {
    const { page, clerk, errors, outside } = await openPage();
    const addresses: string[] = [];
    const frames: string[] = [];
    page.on('request', (request) => addresses.push(request.url()));
    page.on('websocket', (socket) => {
      addresses.push(socket.url());
      socket.on('framesent', ({ payload }) => frames.push(payload.toString()));
    });
    await page.goto('/meetings');
    await signIn(page, 'owner@example.org');
    await page.getByText('No meetings yet').waitFor();
    const sub = ClerkFrontend.userId('owner@example.org');
    const { id: userId } = await db.prisma.user.findFirstOrThrow({ where: { clerkId: sub } });
    const { meetingId } = await insertMeeting(db, { userId });
    await insertSpoken(db, meetingId, [{ text: 'Good morning, everybody.' }]);
    const connected = page.waitForEvent('websocket', (socket) => socket.url().endsWith('/ws'));
    const { html } = await openWhole(page, `/meetings/${meetingId}`, 'Good morning, everybody.');
    expect(clerk.tokens.filter((token) => html.includes(token))).toEqual([]);
    await page.getByText('Good morning, everybody.').waitFor();
    await (await connected).waitForEvent('framereceived');
    const [first = ''] = frames;
    expect(clerk.tokens).toContain((JSON.parse(first) as { token: string }).token);
    expect(addresses.filter((url) => clerk.tokens.some((token) => url.includes(token)))).toEqual(
      [],
    );
    const stored = await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })');
    expect(stored).not.toMatch(/eyJ/);
    expect(errors).toEqual([]);
    expect(outside.filter(isElsewhere)).toEqual([]);
  }, 120_000);

  test('the policy lets Clerk in by name and nonce, and nobody else', async () => {
    const { page, context } = await openPage();
    const reached: string[] = [];
    await context.route('https://elsewhere.test/**', (route) => {
      reached.push(route.request().url());
      return route.fulfill({ body: '', headers: { 'access-control-allow-origin': '*' } });
    });
    const response = await page.goto('/sign-in');
    const policy = response?.headers()['content-security-policy'] ?? '';
    const directives = new Map(
      policy.split('; ').map((each) => [each.split(' ')[0], each.split(' ').slice(1)]),
    );
    expect(directives.get('script-src')).toEqual([
      "'self'",
      expect.stringMatching(/^'nonce-.{16,}'$/),
      "'strict-dynamic'",
    ]);
    expect(directives.get('connect-src')).toEqual([
      "'self'",
      platform.apiUrl,
      platform.apiUrl.replace('http', 'ws'),
      `https://${CLERK_HOST}`,
    ]);
    await page.getByLabel('Email address').waitFor();
    const tried = await page.evaluate(`fetch('https://elsewhere.test/').then(
      () => 'let through', () => 'refused')`);
    expect([tried, reached]).toEqual(['refused', []]);
  }, 120_000);

  test('signing out ends the session at Clerk, and the page is closed again', async () => {
    const { page, context, clerk } = await openPage();
    await page.goto('/meetings');
    await signIn(page, 'leaver@example.org');
    await page.getByText('No meetings yet').waitFor();
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in**');
    await page.getByLabel('Email address').waitFor();
    expect(clerk.hasSession).toBe(false);
    const names = (await context.cookies()).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('__session'))).toEqual([]);
    await page.goto('/meetings');
    await page.waitForURL('**/sign-in?next=**');
  }, 120_000);
});
