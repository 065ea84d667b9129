import type { Browser, Page } from 'playwright-core';
import { observeAsBot } from './observe-as-bot';
import { listSelectors } from '../../src/platforms/signs';
import { createJitsiPlatform } from '../../src/platforms/jitsi/jitsi-platform';
import type { MeetingPlatform, MeetingView } from '../../src/platforms/platform';
import type { MeetingPage } from '../../../test/meeting-pages/meeting-page';
import {
  FRESH,
  startJitsiMeeting,
  type JitsiState,
} from '../../../test/meeting-pages/jitsi/jitsi-meeting';
import { GERMAN } from '../../../test/meeting-pages/jitsi/german';
import { startSoundCast } from '../../../test/meeting-pages/sound-cast';
import { launchTestBrowser } from '../../../test/meeting-pages/test-browser';

type View<State extends MeetingView['state']> = Extract<MeetingView, { state: State }>;

const NAME = 'Notes (bot)';
const MAYA = { id: 'aaaa1111', name: 'Maya', role: 'moderator' } as const;
const JONAS = { id: 'bbbb2222', name: 'Jonas' };
let meeting: MeetingPage<JitsiState>;
let browser: Browser;
let page: Page;
let platform: MeetingPlatform;

beforeAll(async () => {
  meeting = await startJitsiMeeting();
  browser = await launchTestBrowser();
  page = await browser.newPage({ locale: 'en-US' });
});
afterAll(async () => {
  await browser.close();
  await meeting.close();
});
beforeEach(() => {
  platform = createJitsiPlatform();
});
afterEach(async () => {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  // so that the next test's link loads anew
  await page.goto('about:blank');
});

async function join(state: Partial<JitsiState> = {}, more: { passcode?: string } = {}) {
  meeting.reset({ ...FRESH, ...state });
  await platform.join(page, {
    url: `${meeting.url}/team/Weekly`,
    botName: NAME,
    passcode: more.passcode ?? null,
    joinToken: null,
    isSignedIn: false,
  });
}

/** Looks until the page shows what is wanted, as the bot does. */
async function until<State extends MeetingView['state']>(
  state: State,
  isRight: (view: View<State>) => boolean = () => true,
): Promise<View<State>> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const view = await observeAsBot(platform, page);
    if (view.state === state && isRight(view as View<State>)) return view as View<State>;
    if (Date.now() > deadline) throw new Error(`Expected ${state}, seen ${JSON.stringify(view)}`);
    await page.waitForTimeout(30);
  }
}

describe('a bot before a Jitsi meeting', () => {
  test.each([
    ['takes the settings of the link', true],
    ['takes none', false],
  ])('asks under its name, silent and unseen, where the page %s', async (_, honoursSettings) => {
    await join({ honoursSettings });
    expect(await meeting.waitForEvent('asked')).toEqual({
      name: NAME,
      isMuted: true,
      isCameraOff: true,
      path: '/team/Weekly',
      isAudioOnly: true,
    });
    expect(await until('in_meeting')).toMatchObject({ isConnected: true });
  });

  test('goes in where there is no page before the call', async () => {
    await join({ hasPrejoin: false });
    expect(await meeting.waitForEvent('asked')).toMatchObject({ name: NAME, isMuted: true });
    await until('in_meeting');
  });

  test.each([
    ['by itself', true],
    ['when told to', false],
  ])('waits in the lobby, where the page knocks %s, until it is let in', async (_, itself) => {
    await join({ door: 'lobby', knocksByItself: itself });
    meeting.update({});
    const view = await until('waiting_room', ({ signs }) => signs.includes('knocking'));
    expect(view).not.toHaveProperty('isNotStarted', true);
    if (!itself) expect(await meeting.waitForEvent('knocked')).toEqual({ name: NAME });
    meeting.update({ door: 'open' });
    await until('in_meeting');
  });

  test('waits for a meeting that its host has not started', async () => {
    await join({ door: 'not-started' });
    expect(await until('waiting_room')).toMatchObject({ isNotStarted: true });
    meeting.update({ door: 'open' });
    await until('in_meeting');
  });

  test.each(['passcode', 'lobby'] as const)('gives the passcode at the door (%s)', async (door) => {
    await join({ door, passcode: 'sesame' }, { passcode: 'sesame' });
    await until('in_meeting');
  });

  test.each(['passcode', 'lobby'] as const)('tells a wrong passcode (%s)', async (door) => {
    await join({ door, passcode: 'sesame' }, { passcode: 'nonsense' });
    expect(await until('over')).toMatchObject({ reason: 'passcode_wrong', confidence: 'certain' });
  });

  test('tells that a passcode is asked for where it has none', async () => {
    await join({ door: 'passcode', passcode: 'sesame' });
    expect(await until('over')).toMatchObject({ reason: 'passcode_wrong', confidence: 'likely' });
  });

  test.each([
    ['refused', 'join_denied'],
    ['not-allowed', 'sign_in_required'],
    ['full', 'join_failed'],
    ['captcha', 'captcha_shown'],
  ] as const)('tells %s as %s', async (end, reason) => {
    await join({ door: 'lobby' });
    await until('waiting_room');
    meeting.update({ end });
    expect(await until('over')).toMatchObject({ reason, confidence: 'certain' });
  });

  test('tells that a link leads nowhere', async () => {
    const body = '<h1>404 Not found</h1>';
    await page.route('**/Weekly?*', (route) =>
      route.fulfill({ status: 404, contentType: 'text/html', body }),
    );
    await join();
    expect(await until('over')).toMatchObject({ reason: 'meeting_not_found' });
  });
});

describe('a host that speaks German', () => {
  test('speaks English to the bot, whose link asks for it', async () => {
    await join({ words: GERMAN });
    expect(await meeting.waitForEvent('opened')).toMatchObject({ query: '?lang=en' });
    await until('in_meeting');
    expect(await page.isVisible('#new-toolbox [aria-label="Unmute microphone"]')).toBe(true);
  });

  test('all the same is passed from the form to the call by what its page is made of', async () => {
    const german = { words: GERMAN, honoursLanguage: false };
    await join({ ...german, door: 'not-started', people: [MAYA] });
    await page.getByText('noch nicht gestartet').waitFor();
    expect(await platform.observe(page)).toMatchObject({ state: 'unclear' });
    meeting.update({ door: 'lobby' });
    expect((await until('waiting_room')).signs).toContain('lobby');
    meeting.update({ door: 'open' });
    const { people } = await until('in_meeting');
    expect(people).toContainEqual({ key: MAYA.id, name: 'Maya', isHost: true, isSelf: false });
    expect(await page.isVisible('#new-toolbox [aria-label="Konferenz verlassen"]')).toBe(true);
    await platform.leave(page);
    expect(await meeting.waitForEvent('left')).toBeNull();
  });

  test('ends a visit by the marks of its page, not its words', async () => {
    await join({ words: GERMAN, honoursLanguage: false });
    await until('in_meeting');
    for (const [end, reason] of [
      ['removed', 'removed'],
      ['ended', 'meeting_ended'],
      ['refused', 'join_denied'],
    ] as const) {
      meeting.update({ end });
      await until('over', (view) => view.reason === reason && view.confidence === 'certain');
    }
  });
});

describe('a bot in a Jitsi meeting', () => {
  test.each([
    ['removed', 'removed'],
    ['ended', 'meeting_ended'],
  ] as const)('tells %s, by the page and by the state of its client', async (end, reason) => {
    await join();
    await until('in_meeting');
    meeting.update({ end });
    expect(await until('over')).toMatchObject({ reason, confidence: 'certain' });
  });

  test('is less sure where the state of the client cannot be read', async () => {
    await join({ hasStore: false });
    await until('in_meeting');
    meeting.update({ end: 'removed' });
    expect(await until('over')).toMatchObject({ reason: 'removed', confidence: 'likely' });
  });

  test.each([true, false])(
    'goes on whatever people write, or are called (client state readable: %s)',
    async (hasStore) => {
      const text =
        'Call terminated. The meeting has been terminated. You have been disconnected. Maya ' +
        'kicked you out of the meeting. Your join request has been rejected. Incorrect password';
      await join({ hasStore, people: [{ ...MAYA, name: text }] });
      await until('in_meeting');
      await page.click('[aria-label="Open chat"]');
      const line = { displayName: text, message: text, messageType: 'remote' } as const;
      meeting.update({ chat: [{ ...line, messageId: 'message-1' }] });
      await page.locator('.usermessage').getByText(text).waitFor();
      const view = await platform.observe(page);
      expect(view).toMatchObject({ state: 'in_meeting', isConnected: true });
    },
  );

  test('notices that the connection is lost and back', async () => {
    await join();
    await until('in_meeting');
    meeting.update({ isConnected: false });
    await until('in_meeting', ({ isConnected }) => !isConnected);
    meeting.update({ isConnected: true });
    await until('in_meeting', ({ isConnected }) => isConnected);
  });

  test.each([
    ['the state of the client', true],
    ['the tiles', false],
  ])('lists people by %s, late ones and renamed ones too', async (_, hasStore) => {
    await join({ hasStore, people: [MAYA] });
    const self = { name: NAME, isSelf: true, isHost: false };
    const maya = { key: MAYA.id, name: 'Maya', isHost: hasStore, isSelf: false };
    const { people } = await until('in_meeting');
    expect(people).toEqual([expect.objectContaining(self), maya]);
    meeting.update({ people: [{ ...MAYA, name: 'Maya Lindqvist' }, JONAS] });
    const later = await until('in_meeting', (view) => view.people.length === 3);
    expect(later.people).toEqual([
      expect.objectContaining(self),
      { ...maya, name: 'Maya Lindqvist' },
      { key: JONAS.id, name: 'Jonas', isHost: false, isSelf: false },
    ]);
  });

  test.each([true, false])(
    'reads and writes chat (client state readable: %s)',
    async (hasStore) => {
      await join({ hasStore });
      await until('in_meeting');
      await platform.sendChat(page, 'I take notes');
      expect(await meeting.waitForEvent('said')).toMatchObject({ text: 'I take notes' });
      const line = { displayName: 'Maya', message: 'Hello', messageType: 'remote' } as const;
      meeting.update({ chat: [...meeting.state.chat, { ...line, messageId: 'message-9' }] });
      const { chat } = await until('in_meeting', (view) => view.chat.length === 2);
      expect(chat).toEqual([
        { key: 'message-1', from: NAME, text: 'I take notes' },
        { key: 'message-9', from: 'Maya', text: 'Hello' },
      ]);
    },
  );

  test('switches its microphone and returns when the page shows it', async () => {
    await join();
    await until('in_meeting');
    const shown = (label: string) => page.isVisible(`#new-toolbox [aria-label="${label}"]`);
    await platform.setMicrophone(page, true);
    expect(await shown('Mute microphone')).toBe(true);
    await platform.setMicrophone(page, true);
    expect(await shown('Mute microphone')).toBe(true);
    await platform.setMicrophone(page, false);
    expect(await shown('Unmute microphone')).toBe(true);
  });

  test.each([false, true])('leaves (asked how: %s)', async (hasLeaveMenu) => {
    await join({ hasLeaveMenu });
    await until('in_meeting');
    await platform.leave(page);
    expect(await meeting.waitForEvent('left')).toBeNull();
  });

  test.each([
    ['the state of the client', true],
    ['the tiles', false],
  ])('knows the dominant speaker by %s', async (_, hasStore) => {
    await join({ hasStore, people: [MAYA, JONAS] });
    await until('in_meeting');
    const read = () =>
      page.evaluate(platform.sound.readLastSpeakers ?? (() => null), listSelectors(platform.table));
    expect(await read()).toEqual([]);
    meeting.update({ dominantSpeaker: JONAS.id });
    await page.locator('.dominant-speaker').waitFor();
    expect(await read()).toEqual([JONAS.id]);
  });

  test('knows whose a track is, also after it passed to somebody else', async () => {
    const streamIds = { [MAYA.id]: `${MAYA.id}-audio-0-1`, [JONAS.id]: 'remote-audio-2' };
    const people = [MAYA.id, JONAS.id];
    const cast = await startSoundCast(meeting, { kind: 'per_person', people, streamIds }, browser);
    try {
      await join({ people: [MAYA, JONAS] });
      const owners = async () => {
        await until('in_meeting');
        return page.$$eval('audio', (all) => all.map((one) => one.dataset.participantKey));
      };
      while ((await owners()).length < 2);
      expect(await owners()).toEqual([MAYA.id, JONAS.id]);
      meeting.update({ owners: { [JONAS.id]: 'cccc3333' } });
      while ((await owners())[1] === JONAS.id);
      expect(await owners()).toEqual([MAYA.id, 'cccc3333']);
      const pattern = new RegExp(platform.sound.ownerInStreamId ?? '');
      expect(pattern.exec(`${MAYA.id}-audio-0-1`)?.[1]).toBe(MAYA.id);
      expect(pattern.exec('remote-audio-2')).toBeNull();
    } finally {
      await cast.close();
    }
  });
});

test('a page that changed is mended by an override', async () => {
  meeting.reset(FRESH);
  await page.route('**/page.js', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replaceAll('prejoin.joinMeeting', 'prejoin.enter');
    await route.fulfill({ response: answer, body });
  });
  platform = createJitsiPlatform({ joinButton: { css: ['[data-testid="prejoin.enter"]'] } });
  await join();
  await until('in_meeting');
});
