import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type BrowserContext } from 'playwright-core';
import { findFreePort } from '../ports';
import { UserError } from '../user-error';

export interface SignInWindow {
  executablePath: string;
  /** The page to sign in at. */
  url: string;
  /** Of the browser, beyond what it needs here. */
  browserArguments?: readonly string[];
}

const START_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 10_000;
const LOOK_INTERVAL_MS = 50;

/**
 * Opens a browser as a person would, with a profile of its own, and reads what it keeps once
 * `untilSignedIn` has resolved; nothing steers it before. Google signs nobody in who uses a browser
 * that a program steers: https://support.google.com/accounts/answer/7675428
 */
export async function letPersonSignIn(
  { executablePath, url, browserArguments = [] }: SignInWindow,
  untilSignedIn: (debuggerUrl: string) => Promise<void>,
): Promise<unknown> {
  const profile = await mkdtemp(path.join(tmpdir(), 'sign-in-'));
  const port = await findFreePort();
  const debuggerUrl = `http://127.0.0.1:${port}`;
  const browser = spawn(
    executablePath,
    [...makeArguments(profile, port), ...browserArguments, url],
    // a group of its own, to end all of it; what it says of itself is of no use to a person
    { stdio: 'ignore', detached: true },
  );
  const over = new AbortController();
  const ended = once(browser, 'exit').catch((error: unknown) => [error]);
  const failed = (message: string): Promise<never> =>
    ended.then(() => {
      throw new UserError(message);
    });
  try {
    await Promise.race([
      untilOpen(debuggerUrl, over.signal),
      failed('No window could be opened: run this where there is a display.'),
    ]);
    await Promise.race([
      untilSignedIn(debuggerUrl),
      failed('The window was closed before the sign-in was stored: keep it open until then.'),
    ]);
    return await readState(debuggerUrl);
  } finally {
    over.abort();
    await end(browser, ended);
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function makeArguments(profile: string, port: number): string[] {
  return [
    `--user-data-dir=${profile}`,
    // a port that the browser is to choose itself (0) counts as being steered
    `--remote-debugging-port=${port}`,
    '--no-first-run',
    '--no-default-browser-check',
    // no wallet of the desktop is asked for a profile that is deleted at the end
    '--password-store=basic',
    '--use-mock-keychain',
    '--lang=en-US',
    // Chromium's sandbox refuses root
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
}

async function untilOpen(debuggerUrl: string, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const answer = await fetch(`${debuggerUrl}/json/version`, { signal }).catch(() => null);
    if (answer?.ok || signal.aborted) return;
    if (performance.now() >= deadlineMs) break;
    await pause(LOOK_INTERVAL_MS);
  }
  throw new UserError(`Expected a browser window within ${START_TIMEOUT_MS / 1_000} s, got none.`);
}

async function readState(debuggerUrl: string): Promise<unknown> {
  const connection = await chromium.connectOverCDP(debuggerUrl);
  try {
    const [context] = connection.contexts();
    if (!context) throw new UserError('The browser has no window any more: sign in once again.');
    await lookIn(context, await listOrigins(context));
    return await context.storageState({ indexedDB: true });
  } finally {
    await connection.close();
  }
}

/** Where the person was, in every tab. */
async function listOrigins(context: BrowserContext): Promise<Set<string>> {
  const urls: string[] = [];
  for (const page of context.pages()) {
    const session = await context.newCDPSession(page);
    const { entries } = await session.send('Page.getNavigationHistory');
    await session.detach();
    urls.push(...entries.map(({ url }) => url), ...page.frames().map((frame) => frame.url()));
  }
  const isWeb = (url: string): boolean => /^https?:/.test(url);
  return new Set(urls.filter(isWeb).map((url) => new URL(url).origin));
}

/** Playwright keeps what sites have stored only of those it saw opened; nothing is fetched for it. */
async function lookIn(context: BrowserContext, origins: Iterable<string>): Promise<void> {
  const page = await context.newPage();
  await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  for (const origin of origins) await page.goto(origin);
  await page.close();
}

/** Helpers of the browser outlive it for a moment and would write into the profile. */
async function end(browser: ChildProcess, ended: Promise<unknown>): Promise<void> {
  signalAll(browser, 'SIGTERM');
  const late = setTimeout(() => signalAll(browser, 'SIGKILL'), END_TIMEOUT_MS);
  await ended;
  clearTimeout(late);
  signalAll(browser, 'SIGKILL');
}

function signalAll({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // all of them are gone
  }
}
