import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { observeAsBot } from './observe-as-bot';
import type { MeetingPlatform, MeetingView } from '../../src/platforms/platform';
import { listSelectors } from '../../src/platforms/signs';
import { findEnd, LINK_PATIENCE_MS } from '../../src/platforms/zoom/interpret';
import { makeClientUrl } from '../../src/platforms/zoom/join-url';
import { createZoomPlatform } from '../../src/platforms/zoom/zoom-platform';
import type { MeetingPage } from '../../../test/meeting-pages/meeting-page';
import { launchTestBrowser } from '../../../test/meeting-pages/test-browser';
import {
  makeZoomState,
  startZoomMeeting,
  type ZoomState,
} from '../../../test/meeting-pages/zoom/zoom-meeting';

const BOT_NAME = 'Notes Bot';
const LOOKS_MS = 30_000;
const LOOK_INTERVAL_MS = 50;
const MAYA = { key: 'Maya', id: 16779264, name: 'Maya', isHost: true };
const JONAS = { key: 'Jonas', id: 16780288, name: 'Jonas', isMuted: true };

let meeting: MeetingPage<ZoomState>;
let browser: Browser;
let page: Page;
let platform: MeetingPlatform;

beforeAll(async () => {
  meeting = await startZoomMeeting();
  browser = await launchTestBrowser();
});
afterAll(async () => {
  await browser.close();
  await meeting.close();
});
beforeEach(() => {
  platform = createZoomPlatform();
});
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

interface JoinOptions {
  path?: string;
  passcode?: string | null;
  joinToken?: string | null;
  isSignedIn?: boolean;
}

/** Asks to be let into a meeting that is as the test says. */
async function join(state: Partial<ZoomState> = {}, options: JoinOptions = {}): Promise<void> {
  meeting.reset(makeZoomState(state));
  page = await browser.newPage();
  const {
    path = '/j/87617459756',
    passcode = null,
    joinToken = null,
    isSignedIn = false,
  } = options;
  const url = `${meeting.url}${path}`;
  return platform.join(page, { url, botName: BOT_NAME, passcode, joinToken, isSignedIn });
}

/** Looks at the page, as the bot does again and again, until it is seen as the test expects. */
async function see(isExpected: (view: MeetingView) => boolean): Promise<MeetingView> {
  const deadline = Date.now() + LOOKS_MS;
  let view: MeetingView = { state: 'unclear', signs: [] };
  while (Date.now() < deadline) {
    view = await observeAsBot(platform, page);
    if (isExpected(view)) return view;
    await delay(LOOK_INTERVAL_MS);
  }
  throw new Error(`Expected another view; the last was ${JSON.stringify(view)}`);
}

const seeState = (state: MeetingView['state']) => see((view) => view.state === state);
const listNames = (view: MeetingView) =>
  view.state === 'in_meeting' ? view.people.map(({ name }) => name) : [];
const seePeople = (...names: string[]) =>
  see((view) => JSON.stringify(listNames(view).sort()) === JSON.stringify([...names].sort()));

async function joinCall(state: Partial<ZoomState> = {}): Promise<void> {
  await join({ people: [MAYA, JONAS], ...state });
  await seePeople(BOT_NAME, ...(state.people ?? [MAYA, JONAS]).map(({ name }) => name));
}

async function keyOf(name: string): Promise<string | undefined> {
  const view = await platform.observe(page);
  return view.state === 'in_meeting'
    ? view.people.find((person) => person.name === name)?.key
    : undefined;
}

describe('the link', () => {
  test.each([
    [
      'https://us05web.zoom.us/j/87617459756?pwd=abc.1#success',
      'https://us05web.zoom.us/wc/87617459756/join?pwd=abc.1',
    ],
    [
      'https://acme.zoom.us/w/87617459756?tk=token',
      'https://acme.zoom.us/wc/87617459756/join?tk=token',
    ],
    ['https://zoom.us/my/maya.lind', 'https://zoom.us/wc/my/maya.lind'],
    ['https://app.zoom.us/wc/87617459756/join', 'https://app.zoom.us/wc/87617459756/join'],
    ['https://events.zoom.us/ejl/abc', 'https://events.zoom.us/ejl/abc'],
  ])('%s leads to the web client on the same host', (link, expected) => {
    expect(makeClientUrl(link, null)).toBe(expected);
  });

  test('carries the join token as the one that Zoom’s registration gives', () => {
    expect(makeClientUrl('https://zoom.us/j/87617459756', 'a token')).toBe(
      'https://zoom.us/wc/87617459756/join?tk=a+token',
    );
  });
});

describe.each(['react', 'classic'] as const)('the %s client', (client) => {
  test('is asked under the bot’s name with microphone and camera off', async () => {
    await join({ client }, { path: '/j/87617459756?pwd=abc' });
    expect(await meeting.waitForEvent('asked')).toEqual({
      name: BOT_NAME,
      // The classic client has no preview; in the call the microphone is muted.
      isMicrophoneOn: client === 'classic',
      isCameraOn: client === 'classic',
      path: '/wc/87617459756/join',
      query: '?pwd=abc',
    });
  });
});

describe.each(['top', 'iframe'] as const)('a client as %s', (framing) => {
  test('lets the bot in from the waiting room, and out', async () => {
    await join({ framing, door: 'waiting_room' });
    expect(await seeState('waiting_room')).toMatchObject({ isNotStarted: false });
    meeting.update({ door: 'open', people: [MAYA, JONAS] });
    const view = await seePeople(BOT_NAME, 'Maya', 'Jonas');
    expect(view).toMatchObject({
      isConnected: true,
      people: [
        { name: BOT_NAME, isSelf: true, isHost: false },
        { name: 'Maya', isSelf: false, isHost: true },
        { name: 'Jonas', isSelf: false, isHost: false },
      ],
    });
    await platform.leave(page);
    await meeting.waitForEvent('left');
  });

  test('shows who speaks', async () => {
    await joinCall({ framing });
    // The page learns at each look what names the look before has seen.
    await platform.observe(page);
    const frame = page.frames().at(-1);
    const css = listSelectors(platform.table);
    const speaking = () => frame?.evaluate(platform.sound.readSpeaking ?? (() => []), css);
    expect(await speaking()).toEqual([]);
    await frame?.evaluate(`document.querySelectorAll('.participants-li')[1]
      .querySelector('svg').classList.add('participants-icon__voip-speaking-icon')`);
    expect(await speaking()).toEqual(['zoom-16779264']);
  });
});

describe('on the way in', () => {
  test('puts consent, terms and questions about devices aside', async () => {
    await join({ hasCookieBanner: true, hasTerms: true, hasPermissionDialogs: true });
    await meeting.waitForEvent('asked');
  });

  test('gives the passcode where the page asks for one', async () => {
    await join({ passcode: '123456' }, { passcode: '123456' });
    await meeting.waitForEvent('asked');
  });

  test.each(['not_started', 'other_meeting'] as const)('waits for the host: %s', async (door) => {
    await join({ door });
    expect(await seeState('waiting_room')).toMatchObject({ isNotStarted: true });
    meeting.update({ door: 'host_joined' });
    await see((view) => view.state === 'waiting_room' && !view.isNotStarted);
  });

  test('tries a link again that Zoom does not know yet, until the host has started', async () => {
    await join({ door: 'invalid_link' });
    expect(await seeState('waiting_room')).toMatchObject({ isNotStarted: true });
    meeting.update({ door: 'open' });
    await seeState('in_meeting');
  });

  test('is on its way while Zoom connects', async () => {
    await join({ door: 'joining' });
    expect(await platform.observe(page)).toMatchObject({ state: 'joining' });
  });

  test('takes its request back', async () => {
    await join({ door: 'waiting_room' });
    await seeState('waiting_room');
    await platform.leave(page);
    await meeting.waitForEvent('left-waiting');
  });
});

describe('there is no way in', () => {
  test.each([
    ['unknown_meeting', 'meeting_not_found', 'certain'],
    ['sign_in', 'sign_in_required', 'certain'],
    ['bot_wall', 'bots_not_allowed', 'certain'],
    ['captcha', 'captcha_shown', 'certain'],
    ['timeout', 'join_failed', 'certain'],
  ] as const)('%s: %s', async (door, reason, confidence) => {
    await join({ door });
    expect(await seeState('over')).toMatchObject({ reason, confidence });
  });

  test('a link that stays unknown to Zoom leads nowhere', () => {
    const visit = { hasBeenIn: false, isSignedIn: false, isPasscodeGiven: false };
    const signs = new Set(['linkInvalidText']);
    expect(findEnd(signs, { ...visit, linkInvalidMs: LINK_PATIENCE_MS - 1 })).toBeNull();
    expect(findEnd(signs, { ...visit, linkInvalidMs: LINK_PATIENCE_MS })).toMatchObject({
      reason: 'meeting_not_found',
      confidence: 'likely',
    });
  });

  test('a stored sign-in that is no longer accepted is told apart', async () => {
    await join({ door: 'sign_in' }, { isSignedIn: true });
    expect(await seeState('over')).toMatchObject({ reason: 'auth_required' });
  });

  test('the passcode is wrong', async () => {
    await join({ passcode: '123456' }, { passcode: '654321' });
    expect(await seeState('over')).toMatchObject({
      reason: 'passcode_wrong',
      confidence: 'certain',
    });
  });

  test('a passcode is asked for and none was given', async () => {
    await join({ passcode: '123456' });
    expect(await seeState('over')).toMatchObject({
      reason: 'passcode_wrong',
      confidence: 'likely',
    });
  });

  test('the host refuses', async () => {
    await join({ door: 'waiting_room' });
    await seeState('waiting_room');
    meeting.update({ ending: 'removed' });
    expect(await seeState('over')).toMatchObject({ reason: 'join_denied', confidence: 'certain' });
  });
});

describe('the call ends', () => {
  test.each([
    ['ended', 'meeting_ended'],
    ['removed', 'removed'],
  ] as const)('%s', async (ending, reason) => {
    await joinCall();
    meeting.update({ ending });
    expect(await seeState('over')).toMatchObject({ reason, confidence: 'certain' });
  });

  test('when Zoom’s web app has gone home without a word', async () => {
    await joinCall({ framing: 'iframe' });
    meeting.update({ ending: 'home' });
    expect(await seeState('over')).toMatchObject({ reason: 'meeting_ended', confidence: 'likely' });
  });

  test('but not because a guest writes so', async () => {
    const people = [{ ...MAYA, name: 'You have been removed from the meeting' }];
    await joinCall({ people });
    const text = 'This meeting has been ended by host. Automated bots aren’t allowed';
    meeting.update({ chat: [{ id: '1', from: 'Maya', text }] });
    await see((view) => view.state === 'in_meeting' && view.chat.length === 1);
    meeting.update({ people: [...people, JONAS] });
    await seePeople(BOT_NAME, 'Jonas', 'You have been removed from the meeting');
  });

  test.each(['reconnecting', 'disconnected'] as const)(
    'not while it is %s; the people are still there',
    async (connection) => {
      await joinCall();
      meeting.update({ connection });
      const view = await see((one) => one.state === 'in_meeting' && !one.isConnected);
      expect(listNames(view)).toEqual([BOT_NAME, 'Maya', 'Jonas']);
      meeting.update({ connection: 'connected' });
      await see((one) => one.state === 'in_meeting' && one.isConnected);
    },
  );

  test('not because Zoom hides its footer', async () => {
    await joinCall();
    meeting.update({ isFooterHidden: true });
    meeting.update({ people: [MAYA] });
    await seePeople(BOT_NAME, 'Maya');
  });
});

describe('the people', () => {
  test('are found when they come late, and keep their key under a new name', async () => {
    await joinCall({ people: [MAYA] });
    const late = { key: 'Priya', id: 16781312, name: 'Priya' };
    meeting.update({ people: [MAYA, late] });
    await seePeople(BOT_NAME, 'Maya', 'Priya');
    const key = await keyOf('Priya');
    meeting.update({ people: [MAYA, { ...late, name: 'Priya (Berlin)' }] });
    await seePeople(BOT_NAME, 'Maya', 'Priya (Berlin)');
    expect(await keyOf('Priya (Berlin)')).toBe(key);
  });

  const makeGuests = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      key: `${index}`,
      id: 16779264 + 1024 * index,
      name: `Guest ${index}`,
    }));

  test.each(['top', 'iframe'] as const)(
    'all get a row that shows whether they speak, in a client as %s',
    async (framing) => {
      await joinCall({ framing, people: makeGuests(12) });
      const frame = page.frames().at(-1);
      await frame?.waitForFunction('document.querySelectorAll(".participants-li").length === 13');
      // the page learns at each look what names the look before has seen
      await platform.observe(page);
      await frame?.evaluate(`[...document.querySelectorAll('.participants-li')].at(-1)
        .querySelector('svg').classList.add('participants-icon__voip-speaking-icon')`);
      const css = listSelectors(platform.table);
      const speaking = await frame?.evaluate(platform.sound.readSpeaking ?? (() => []), css);
      expect(speaking).toEqual([`zoom-${16779264 + 1024 * 11}`]);
    },
  );

  test('are all there, also when they are more than rows can be had for', async () => {
    await joinCall({ people: makeGuests(150) });
    expect(await page.locator('.participants-li').count()).toBeLessThan(151);
  });

  test('of one name are told apart by Zoom’s numbers, but not named as speaking', async () => {
    const people = [MAYA, { ...JONAS, name: 'Maya' }];
    await joinCall({ people });
    const view = await platform.observe(page);
    if (view.state !== 'in_meeting') throw new Error(`Expected a call, saw ${view.state}`);
    expect(view.people.map(({ key }) => key)).toEqual(['self', 'zoom-16779264', 'zoom-16780288']);
    expect(await page.evaluate('meetingKeysByName')).toEqual({});
  });

  test('have keys of their names where Zoom’s numbers cannot be had', async () => {
    await joinCall({ hasStore: false });
    const key = await keyOf('Maya');
    expect(key).toMatch(/^name-[0-9a-f]{12}$/);
    meeting.update({ people: [MAYA] });
    await seePeople(BOT_NAME, 'Maya');
    expect(await keyOf('Maya')).toBe(key);
  });

  test('are gone when the bot is alone', async () => {
    await joinCall();
    meeting.update({ people: [] });
    await seePeople(BOT_NAME);
  });
});

describe.each([false, true])('the chat, sharing its place: %s', (hasOnePanel) => {
  test('is read and written while the people are seen', async () => {
    await joinCall({ hasOnePanel });
    const lines = [
      { id: '1-A', from: 'Maya', text: 'Welcome, all' },
      { id: '1-B', from: 'Maya', text: 'Shall we begin?' },
    ];
    meeting.update({ chat: lines });
    const view = await see((one) => one.state === 'in_meeting' && one.chat.length === 2);
    expect(view).toMatchObject({
      chat: [
        { key: '1-A', from: 'Maya', text: 'Welcome, all' },
        { key: '1-B', from: 'Maya', text: 'Shall we begin?' },
      ],
    });
    await platform.sendChat(page, 'I take notes.');
    expect(await meeting.waitForEvent('chat')).toBe('I take notes.');
    await see(
      (one) =>
        one.state === 'in_meeting' &&
        one.chat.some(({ from, text }) => from === BOT_NAME && text === 'I take notes.'),
    );
    meeting.update({ people: [MAYA] });
    await seePeople(BOT_NAME, 'Maya');
  });
});

describe('in the call', () => {
  test('sound is joined, muted, and incoming video off', async () => {
    await joinCall();
    await see((view) => view.state === 'in_meeting');
    await meeting.waitForEvent('sound-joined');
    expect(await muteAfterLooks()).toBe(false);
    await meeting.waitForEvent('video-stopped');
  });

  test('the microphone is on and off as wished', async () => {
    await joinCall();
    await meeting.waitForEvent('sound-joined');
    await muteAfterLooks();
    await platform.setMicrophone(page, true);
    expect(await meeting.waitForEvent('microphone')).toBe(true);
    await seePeople(BOT_NAME, 'Maya', 'Jonas');
    await platform.setMicrophone(page, false);
    expect(await meeting.waitForEvent('microphone')).toBe(false);
  });

  test('notices are put aside', async () => {
    await joinCall();
    meeting.update({ notice: 'This meeting is being recorded' });
    await seeState('in_meeting');
    await meeting.waitForEvent('notice-read');
  });

  test('an operator’s selectors mend a changed page', async () => {
    await joinCall();
    platform = createZoomPlatform({ leaveButton: { css: ['#changed'] } });
    expect(await platform.observe(page)).toMatchObject({ state: 'unclear' });
    platform = createZoomPlatform({ leaveButton: { css: ['[footer-section="right"] button'] } });
    await seeState('in_meeting');
  });
});

/** The bot mutes itself at one of its next looks; whether the microphone is on after that. */
async function muteAfterLooks(): Promise<unknown> {
  await see((view) => view.state === 'in_meeting');
  return meeting.waitForEvent('microphone');
}
