import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { TeamsMeeting, type TeamsState } from '../../../test/meeting-pages/teams/teams-meeting';
import { launchTestBrowser } from '../../../test/meeting-pages/test-browser';
import { lookUntil } from './observe-as-bot';
import type { JoinRequest, MeetingPlatform, MeetingView } from '../../src/platforms/platform';
import { listSelectors, type SignOverrides } from '../../src/platforms/signs';
import { createTeamsPlatform } from '../../src/platforms/teams/teams-platform';

export const CLIENTS = ['full', 'guest'] as const;
export const MAYA = {
  key: '8:orgid:11111111-aaaa',
  name: 'Maya Lindqvist',
  isOrganizer: true,
} as const;
export const JONAS = { key: '8:live:.cid.50f0c28861a90997', name: 'Jonas Weber' } as const;
export const LOOK_MS = 50;
const PATIENCE_MS = 30_000;
/** The roster may take the chat's place so often; a meeting of people has more time. */
const ROSTER_PAUSE_MS = 500;

export type InMeeting = Extract<MeetingView, { state: 'in_meeting' }>;

export let meeting: TeamsMeeting;
export let context: BrowserContext;
export let page: Page;
export let platform: MeetingPlatform;

/** A meeting on Teams and a browser for all tests of a file. */
export function useTeams(): void {
  let browser: Browser;
  beforeAll(async () => {
    [meeting, browser] = await Promise.all([TeamsMeeting.start(), launchTestBrowser()]);
    context = await browser.newContext({ locale: 'en-US' });
  });
  afterAll(async () => {
    await browser.close();
    await meeting.page.close();
  });
}

export async function arrive(): Promise<void> {
  page = await context.newPage();
  forget();
}

/** The same browser, but a bot that knows nothing of the meetings before. */
export function forget(changes?: SignOverrides[string]): void {
  platform = createTeamsPlatform(changes, { rosterPauseMs: ROSTER_PAUSE_MS });
}

export function ask(changes: Partial<JoinRequest> = {}): Promise<void> {
  return platform.join(page, {
    url: meeting.link,
    botName: 'Notes',
    passcode: null,
    joinToken: null,
    isSignedIn: false,
    ...changes,
  });
}

export const see = (isTrue: (view: MeetingView) => boolean | Promise<boolean>) =>
  lookUntil({ platform, page }, isTrue);
export const seeEnd = () => see(({ state }) => state === 'over');
export async function seeCall(isTrue: (call: InMeeting) => boolean = () => true) {
  const view = await see((one) => one.state === 'in_meeting' && isTrue(one));
  return view as InMeeting;
}

/** Joins a meeting with these people and waits until the roster has been read. */
export async function enter(state: Partial<TeamsState> = {}): Promise<InMeeting> {
  meeting.open('call', { people: [MAYA, JONAS], ...state });
  await ask();
  return seeCall((call) => call.people.some(({ isHost }) => isHost));
}

export async function waitForSpeaking(keys: string[]): Promise<void> {
  await seeCall();
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (performance.now() < deadlineMs) {
    if (JSON.stringify(await readSpeaking()) === JSON.stringify(keys)) return;
    await delay(LOOK_MS);
  }
  expect(await readSpeaking()).toEqual(keys);
}

function readSpeaking(): Promise<string[]> {
  const read = platform.sound.readSpeaking;
  if (!read) throw new Error('Expected an adapter that sees who speaks');
  return page.evaluate(`(${read.toString()})(${JSON.stringify(listSelectors(platform.table))})`);
}
