import type { OpenOptions, OpenPage, WebBrowser } from '../browser';
import { watchScripts } from '../first-load';
import type { ShownPage } from './pages';
import type { ShowcaseStack } from './stack';

export type Seen = Pick<ShowcaseStack, 'showcase' | 'email' | 'apiUrl'>;

export interface LookOptions extends Omit<OpenOptions, 'email'> {
  shown: ShownPage;
  /** What the page's clock says all the time; the real time without it. */
  now?: Date;
}

export interface SeenPage extends OpenPage {
  /** The scripts that were fetched until the page showed what it is for. */
  scripts: string[];
}

/** Opens a page of the showcase and waits until it stands still. */
export async function lookAt(
  browser: WebBrowser,
  { showcase, email, apiUrl }: Seen,
  { shown, now, ...options }: LookOptions,
): Promise<SeenPage> {
  const { path, isOpen = false, isOfApi = false, prepare } = shown;
  const opened = await browser.open({
    timezone: 'UTC',
    ...options,
    ...(isOpen ? {} : { email }),
  });
  const { page } = opened;
  const listScripts = watchScripts(page);
  if (now) await page.clock.setFixedTime(now);
  await page.goto(isOfApi ? `${apiUrl}${path(showcase)}` : path(showcase));
  await prepare(page);
  const scripts = listScripts();
  await page.waitForLoadState('networkidle');
  await page.evaluate('document.fonts.ready');
  return { ...opened, scripts };
}
