import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { chromium, type BrowserContextOptions, type Page } from 'playwright-core';
import { findChromium } from '../../test/chromium-path';
import { letPersonSignIn } from './let-person-sign-in';

/** A page of an account: who has signed in is known by a cookie, and by what the page keeps. */
const FORM =
  '<title>Sign in</title><form method="post"><input name="name"><button>Next</button></form>';
const INSIDE = `<title>Inside</title><script>localStorage.setItem('account', 'maya')</script>`;
const isSignedIn = ({ headers }: IncomingMessage) => headers.cookie === 'session=of-maya';

let server: Server;
let url: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    if (request.method !== 'POST') return response.end(isSignedIn(request) ? INSIDE : FORM);
    // ends with the browser's session, as many sign-ins do
    const headers = { location: '/', 'set-cookie': 'session=of-maya; HttpOnly; Path=/' };
    return response.writeHead(303, headers).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

jest.setTimeout(120_000);
const executablePath = findChromium();
/** Machines that run tests have no display. */
const browserArguments = ['--headless=new'];

/** Does in the window what a person does there. */
async function inWindow(debuggerUrl: string, act: (page: Page) => Promise<void>): Promise<void> {
  const hand = await chromium.connectOverCDP(debuggerUrl);
  const page = hand.contexts()[0]?.pages()[0];
  if (!page) throw new Error('Expected a window with a page, got none');
  await act(page);
  await hand.close();
}

async function signIn(page: Page): Promise<void> {
  await page.waitForURL(url);
  await page.fill('input', 'maya');
  await page.click('button');
  await page.waitForFunction(`document.title === 'Inside'`);
}

const listProfiles = async () =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('sign-in-'));

test('a person signs in, and another browser is signed in with what was kept', async () => {
  const before = await listProfiles();
  const state = await letPersonSignIn({ executablePath, url, browserArguments }, (debuggerUrl) =>
    inWindow(debuggerUrl, signIn),
  );
  expect(state).toMatchObject({
    cookies: [expect.objectContaining({ name: 'session', value: 'of-maya' })],
    origins: [{ localStorage: [{ name: 'account', value: 'maya' }] }],
  });
  expect(await listProfiles()).toEqual(before);
  const other = await chromium.launch({ executablePath });
  const storageState = state as BrowserContextOptions['storageState'];
  const page = await (await other.newContext({ storageState })).newPage();
  await page.goto(url);
  expect(await page.title()).toBe('Inside');
  await other.close();
});

test('a window that is closed first stores nothing and says so', async () => {
  const signingIn = letPersonSignIn({ executablePath, url, browserArguments }, async (address) => {
    const hand = await chromium.connectOverCDP(address);
    const session = await hand.newBrowserCDPSession();
    await session.send('Browser.close');
    await new Promise(() => undefined);
  });
  await expect(signingIn).rejects.toThrow('The window was closed before');
});

test('a machine without a display says what is missing', async () => {
  const nowhere = { executablePath: '/bin/false', url };
  await expect(letPersonSignIn(nowhere, () => Promise.resolve())).rejects.toThrow(
    'run this where there is a display',
  );
});
