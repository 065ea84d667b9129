import { chromium, type Browser, type LaunchOptions, type Page } from 'playwright-core';
import type { Logger } from 'pino';
import { CHUNK_SAMPLE_RATE_HZ } from '../../../domain/bot-api';
import { captureInPage, type CaptureMessage, type CaptureSettings } from './capture-script';

/** Blocks of 100 ms: ten small messages a second and track. */
const BLOCK_SAMPLES = CHUNK_SAMPLE_RATE_HZ / 10;
const BINDING = '__meetingSound';
const CLOSE_TIMEOUT_MS = 5_000;

export interface MeetingBrowserOptions {
  chromiumPath: string | undefined;
  isHeadless: boolean;
  joinUrl: string;
  owner: { selector: string; attribute: string };
  onSound(message: CaptureMessage): void;
  /** The browser or its page is gone without having been closed by us. */
  onCrash(detail: string): void;
  logger: Logger;
}

export interface MeetingBrowser {
  page: Page;
  close(): Promise<void>;
}

/** Opens a Chromium whose page tells every remote audio track to `onSound`. */
export async function openMeetingBrowser(options: MeetingBrowserOptions): Promise<MeetingBrowser> {
  const browser = await launch(options);
  let isClosing = false;
  const crashed = (detail: string) => () => {
    if (!isClosing) options.onCrash(detail);
  };
  browser.on('disconnected', crashed('the browser ended'));
  // Nobody looks at this page: what it need not animate, it need not draw.
  const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.on('crash', crashed('the page crashed'));
  page.on('close', crashed('the page was closed'));
  await installCapture(page, options);
  return {
    page,
    close: async () => {
      isClosing = true;
      await Promise.race([
        browser.close().catch(() => undefined),
        new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref()),
      ]);
    },
  };
}

/** The raw protocol: unlike Playwright's own bindings it sends no answer back for each block. */
async function installCapture(page: Page, options: MeetingBrowserOptions): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.enable');
  await session.send('Runtime.addBinding', { name: BINDING });
  session.on('Runtime.bindingCalled', ({ name, payload }) => {
    if (name === BINDING) options.onSound(JSON.parse(payload) as CaptureMessage);
  });
  const settings: CaptureSettings = {
    binding: BINDING,
    sampleRateHz: CHUNK_SAMPLE_RATE_HZ,
    blockSamples: BLOCK_SAMPLES,
    ownerSelector: options.owner.selector,
    ownerAttribute: options.owner.attribute,
  };
  // NOTE: tsx's compiler wraps named functions in a helper that does not exist in the page.
  const content = `(() => {
    const __name = (named) => named;
    (${captureInPage.toString()})(${JSON.stringify(settings)});
  })();`;
  await page.addInitScript({ content });
}

async function launch(options: MeetingBrowserOptions): Promise<Browser> {
  const launchOptions: LaunchOptions = {
    executablePath: options.chromiumPath,
    headless: options.isHeadless,
    args: makeArguments(options.joinUrl),
    // The process itself decides what a signal means; the browser must outlive it.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  };
  const isRoot = process.getuid?.() === 0;
  try {
    return await chromium.launch({ ...launchOptions, chromiumSandbox: !isRoot });
  } catch (error) {
    // Many containers forbid the namespaces that Chromium's sandbox is made of.
    if (isRoot) throw error;
    options.logger.warn('chromium does not start with its sandbox; starting it without');
    return chromium.launch({ ...launchOptions, chromiumSandbox: false });
  }
}

function makeArguments(joinUrl: string): string[] {
  const args = [
    '--autoplay-policy=no-user-gesture-required',
    '--mute-audio',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    // Without a microphone the page would offer mDNS names that nobody can resolve.
    '--disable-features=WebRtcHideLocalIpsWithMdns',
  ];
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(joinUrl).hostname);
  return isLoopback ? [...args, '--allow-loopback-in-peer-connection'] : args;
}
