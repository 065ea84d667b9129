import type { Browser, Page } from 'playwright-core';
import { lookUntil } from './observe-as-bot';
import type { MeetingPlatform, MeetingView } from '../../src/platforms/platform';
import type { SignOverrides } from '../../src/platforms/signs';
import { createZoomPlatform } from '../../src/platforms/zoom/zoom-platform';
import type { MeetingPage } from '../../../test/meeting-pages/meeting-page';
import { launchTestBrowser } from '../../../test/meeting-pages/test-browser';
import {
  makeZoomState,
  startZoomMeeting,
  type ZoomState,
} from '../../../test/meeting-pages/zoom/zoom-meeting';

export const BOT_NAME = 'Notes Bot';
export const MAYA = { key: 'Maya', id: 16779264, name: 'Maya', isHost: true };
export const JONAS = { key: 'Jonas', id: 16780288, name: 'Jonas', isMuted: true };
/** Zoom's page for a link that it does not know yet is left alone for longer. */
const LINK_RETRY_MS = 500;

export let meeting: MeetingPage<ZoomState>;
export let page: Page;
export let platform: MeetingPlatform;

/** A meeting on Zoom and a page for all tests of a file; each has a bot of its own. */
export function useZoom(): void {
  let browser: Browser;
  beforeAll(async () => {
    [meeting, browser] = await Promise.all([startZoomMeeting(), launchTestBrowser()]);
    page = await browser.newPage({ locale: 'en-US' });
  });
  afterAll(async () => {
    await browser.close();
    await meeting.close();
  });
  beforeEach(() => mend());
  // so that the next test's link loads anew
  afterEach(() => page.goto('about:blank'));
}

/** A bot that knows the page by these selectors of an operator. */
export function mend(changes?: SignOverrides[string]): void {
  platform = createZoomPlatform(changes, { linkRetryMs: LINK_RETRY_MS });
}

interface JoinOptions {
  path?: string;
  passcode?: string | null;
  joinToken?: string | null;
  isSignedIn?: boolean;
}

/** Asks to be let into a meeting that is as the test says. */
export async function join(
  state: Partial<ZoomState> = {},
  options: JoinOptions = {},
): Promise<void> {
  meeting.reset(makeZoomState(state));
  const {
    path = '/j/87617459756',
    passcode = null,
    joinToken = null,
    isSignedIn = false,
  } = options;
  const url = `${meeting.url}${path}`;
  return platform.join(page, { url, botName: BOT_NAME, passcode, joinToken, isSignedIn });
}

export const see = (isExpected: (view: MeetingView) => boolean) =>
  lookUntil({ platform, page }, isExpected);
export const seeState = (state: MeetingView['state']) => see((view) => view.state === state);
export const listNames = (view: MeetingView) =>
  view.state === 'in_meeting' ? view.people.map(({ name }) => name) : [];
export const seePeople = (...names: string[]) =>
  see((view) => JSON.stringify(listNames(view).sort()) === JSON.stringify([...names].sort()));

export async function joinCall(state: Partial<ZoomState> = {}): Promise<void> {
  await join({ people: [MAYA, JONAS], ...state });
  await seePeople(BOT_NAME, ...(state.people ?? [MAYA, JONAS]).map(({ name }) => name));
}

export async function keyOf(name: string): Promise<string | undefined> {
  const view = await platform.observe(page);
  return view.state === 'in_meeting'
    ? view.people.find((person) => person.name === name)?.key
    : undefined;
}
