import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { TEST_BROWSER_ARGUMENTS } from '../browser-arguments';
import type { Platform } from '../e2e/platform';

export interface OpenOptions {
  width?: number;
  theme?: 'light' | 'dark';
  /** Of the person's machine; by default that of the test's. */
  timezone?: string;
  /** Signs in as this person; nobody is signed in without it. */
  email?: string;
  /** Whether scripts run. */
  hasScripts?: boolean;
}

/** A page of a browser that belongs to nobody else, and what went wrong in it. */
export interface OpenPage {
  page: Page;
  context: BrowserContext;
  /** Errors of scripts and of the Content-Security-Policy. */
  errors: string[];
  /** Addresses of other machines that were asked for something. */
  outside: string[];
}

/** Chromium for tests of the web page. */
export class WebBrowser {
  private constructor(
    private readonly browser: Browser,
    private readonly webUrl: string,
  ) {}

  static async start(
    { chromiumPath, webUrl }: Pick<Platform, 'chromiumPath' | 'webUrl'>,
    more: readonly string[] = [],
  ): Promise<WebBrowser> {
    const args = [...TEST_BROWSER_ARGUMENTS, ...more];
    return new WebBrowser(await chromium.launch({ executablePath: chromiumPath, args }), webUrl);
  }

  /** One that shares the tab with this title when it is asked for one, with the sound it makes. */
  static async startSharing(
    { chromiumPath, webUrl }: Platform,
    title: string,
  ): Promise<WebBrowser> {
    // the devices that are made up for microphones would stand in for the tab as well
    const plain = TEST_BROWSER_ARGUMENTS.filter((each) => !/^--(?:use-fake|mute)/.test(each));
    const browser = await chromium.launch({
      executablePath: chromiumPath,
      args: [...plain, `--auto-select-tab-capture-source-by-title=${title}`],
      ignoreDefaultArgs: ['--mute-audio'],
    });
    return new WebBrowser(browser, webUrl);
  }

  async open(options: OpenOptions = {}): Promise<OpenPage> {
    const { width = 1280, theme = 'light', email, timezone, hasScripts = true } = options;
    const context = await this.browser.newContext({
      baseURL: this.webUrl,
      viewport: { width, height: 900 },
      colorScheme: theme,
      javaScriptEnabled: hasScripts,
      ...(timezone ? { timezoneId: timezone } : {}),
      // what moves is still when it is looked at
      reducedMotion: 'reduce',
    });
    if (email !== undefined) {
      const response = await context.request.post('/auth/session', { data: { email } });
      if (!response.ok()) throw new Error(`Expected a sign-in, got ${response.status()}`);
    }
    const page = await context.newPage();
    if (hasScripts) waitForTakeOver(page);
    // what a test has for itself is the limit; this one only names what was waited for
    page.setDefaultTimeout(120_000);
    const errors: string[] = [];
    const outside: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      // what a server refused, or while it was killed, is the test's own affair
      const isNetwork = /^Failed to load resource|net::ERR_/.test(message.text());
      if (message.type() === 'error' && !isNetwork) errors.push(message.text());
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      const isOurs = ['127.0.0.1', 'localhost'].includes(url.hostname);
      if (/^(?:https?|wss?):$/.test(url.protocol) && !isOurs) outside.push(request.url());
    });
    return { page, context, errors, outside };
  }

  stop(): Promise<void> {
    return this.browser.close();
  }
}

/** Words stand in a document before its scripts do anything with what is typed or clicked. */
const IS_TAKEN_OVER = `!document.querySelector('script[src^="/_next/"]') ||
  Object.keys(document.querySelector('main') ?? {}).some((key) => key.startsWith('__reactProps'))`;

function waitForTakeOver(page: Page): void {
  const goto = page.goto.bind(page);
  const reload = page.reload.bind(page);
  const untilTakenOver = async (): Promise<void> => {
    // one that leads on to another page has nothing to say
    while (!page.isClosed() && !(await page.evaluate(IS_TAKEN_OVER).catch(() => false))) {
      await delay(20);
    }
  };
  page.goto = async (...given) => {
    const response = await goto(...given);
    await untilTakenOver();
    return response;
  };
  page.reload = async (...given) => {
    const response = await reload(...given);
    await untilTakenOver();
    return response;
  };
}

const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const AXE_OPTIONS = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  // what is in order need not be described
  resultTypes: ['violations'],
};

/** What axe finds wrong with a page, a line each: rule, and where. */
export async function findBarriers(page: Page): Promise<string[]> {
  // By the debugger, which a Content-Security-Policy does not bind.
  await page.evaluate(AXE);
  const script = `axe.run(${JSON.stringify(AXE_OPTIONS)}).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`;
  return (await page.evaluate(script)) as string[];
}

/** How far a page can be moved sideways, in pixels: 0 where everything fits. */
export function measureOverflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
}
