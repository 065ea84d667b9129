import {
  chromium,
  type Browser,
  type BrowserContextOptions,
  type LaunchOptions,
  type Page,
} from 'playwright-core';
import type { Logger } from 'pino';
import { CHUNK_SAMPLE_RATE_HZ } from '../../../domain/bot-api';
import type { MeetingPlatform } from '../platforms/platform';
import { listSelectors } from '../platforms/signs';
import { watchActivity } from './activity-watch';
import { captureInPage, type CaptureMessage, type CaptureSettings } from './capture-script';
import { createResampler } from './resampler';
import { createSoundBlocks } from './sound-blocks';

/** Blocks of 100 ms: ten small messages a second and track. */
const BLOCK_SAMPLES = CHUNK_SAMPLE_RATE_HZ / 10;
const BINDING = '__meetingSound';
const REHEAR = '__hearMeetingAnew';
const REHEAR_TIMEOUT_MS = 3_000;
const CLOSE_TIMEOUT_MS = 4_000;
/** Also how long closing may take altogether. */
const KILL_TIMEOUT_MS = 5_000;

export interface MeetingBrowserOptions {
  chromiumPath: string | undefined;
  isHeadless: boolean;
  joinUrl: string;
  platform: Pick<MeetingPlatform, 'sound' | 'table'>;
  /** What a signed-in browser had stored. */
  storageState?: BrowserContextOptions['storageState'];
  /** What else is to be installed before the page opens anything. */
  prepare?(page: Page): Promise<void>;
  onSound(message: CaptureMessage): void;
  /** The browser or its page is gone without having been closed by us. */
  onCrash(detail: string): void;
  logger: Logger;
}

export interface MeetingBrowser {
  page: Page;
  /** Lets the page look for its sound anew, and hear all of it from the beginning. */
  rehear(): Promise<void>;
  /** Kills what has not closed by itself after `graceMs`. */
  close(graceMs?: number): Promise<void>;
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
  const context = await browser.newContext({
    locale: 'en-US',
    reducedMotion: 'reduce',
    permissions: ['microphone'],
    ...(options.storageState !== undefined && { storageState: options.storageState }),
  });
  const page = await context.newPage();
  page.on('crash', crashed('the page crashed'));
  page.on('close', crashed('the page was closed'));
  await installCapture(page, options);
  await options.prepare?.(page);
  const kill = await findKill(browser);
  return {
    page,
    rehear: () => rehear(page),
    close: async (graceMs = CLOSE_TIMEOUT_MS) => {
      isClosing = true;
      const closed = browser.close().catch(() => undefined);
      const timer = setTimeout(kill, graceMs);
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, KILL_TIMEOUT_MS))]);
      clearTimeout(timer);
    },
  };
}

/** A browser whose page is frozen may not close when asked; its processes are one group. */
async function findKill(browser: Browser): Promise<() => void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const pid = processInfo.find(({ type }) => type === 'browser')?.id;
  return () => {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
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
  await page.addInitScript({ content: makeInitScript(options.platform) });
}

function makeInitScript({ sound, table }: MeetingBrowserOptions['platform']): string {
  const settings: CaptureSettings = {
    binding: BINDING,
    rehearName: REHEAR,
    sampleRateHz: CHUNK_SAMPLE_RATE_HZ,
    blockSamples: BLOCK_SAMPLES,
    isMixed: sound.tracks === 'mixed',
    mixTrackPrefix: sound.mixTrackPrefix ?? null,
    owner: sound.owner ?? null,
    ownerInStreamId: sound.ownerInStreamId ?? null,
  };
  const selectors = JSON.stringify(listSelectors(table));
  const makeReader = (read: Reader | undefined) =>
    read ? `() => (${toExpression(read)})(${selectors})` : 'null';
  // NOTE: tsx's compiler wraps named functions in a helper that does not exist in the page.
  return `(() => {
    // What the adapters evaluate later needs it too.
    const __name = (globalThis.__name = (named) => named);
    (${captureInPage.toString()})(${JSON.stringify(settings)}, {
      createResampler: ${createResampler.toString()},
      createSoundBlocks: ${createSoundBlocks.toString()},
      watchActivity: ${watchActivity.toString()},
      readSpeaking: ${makeReader(sound.readSpeaking)},
      readLastSpeakers: ${makeReader(sound.readLastSpeakers)},
    });
  })();`;
}

type Reader = (css: Record<string, readonly string[]>) => string[];

/** The text of a method is no expression by itself; that of a function or an arrow is. */
function toExpression(method: Reader): string {
  const text = method.toString();
  const isExpression = /^(function\b|\(|[\w$]+\s*=>)/.test(text);
  return isExpression ? text : `Object.values({ ${text} })[0]`;
}

async function rehear(page: Page): Promise<void> {
  const asked = page.frames().map((frame) =>
    frame
      .evaluate((name) => {
        const call = (globalThis as unknown as Record<string, unknown>)[name];
        if (typeof call === 'function') (call as () => void)();
      }, REHEAR)
      // A frame that goes away takes its sound with it.
      .catch(() => undefined),
  );
  await Promise.race([
    Promise.all(asked),
    new Promise((resolve) => setTimeout(resolve, REHEAR_TIMEOUT_MS).unref()),
  ]);
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
    // Without a microphone the page would offer mDNS names that nobody can resolve; and pages for
    // what an address bar suggests would be opened beside it, in a process of their own.
    '--disable-features=WebRtcHideLocalIpsWithMdns,WebUIOmniboxPopup,WebUIOmniboxAimPopup',
  ];
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(joinUrl).hostname);
  return isLoopback ? [...args, '--allow-loopback-in-peer-connection'] : args;
}
