import { listSelectors } from '../../src/platforms/signs';
import { findEnd, LINK_PATIENCE_MS } from '../../src/platforms/zoom/interpret';
import { makeClientUrl } from '../../src/platforms/zoom/join-url';
import { JAPANESE } from '../../../test/meeting-pages/zoom/japanese';
import {
  BOT_NAME,
  join,
  joinCall,
  JONAS,
  MAYA,
  meeting,
  page,
  platform,
  see,
  seePeople,
  seeState,
  useZoom,
} from './zoom-stage';

useZoom();

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

describe('a page in Japanese', () => {
  test('is passed from the form to the call by what it is made of, and out again', async () => {
    const people = [MAYA, JONAS];
    await join({ words: JAPANESE, door: 'waiting_room', people });
    expect(await meeting.waitForEvent('asked')).toMatchObject({ name: BOT_NAME });
    const { signs } = await seeState('waiting_room');
    expect(signs).toContain('waitingRoom');
    expect(signs).not.toContain('waitingText');
    meeting.update({ door: 'open' });
    await seePeople(BOT_NAME, 'Maya', 'Jonas');
    await meeting.waitForEvent('sound-joined');
    // a button whose label says nothing here is not pressed over and over
    meeting.update({ people: [MAYA] });
    await seePeople(BOT_NAME, 'Maya');
    await platform.leave(page);
    await meeting.waitForEvent('left');
  });

  test('ends no call by its words, but by going home', async () => {
    await joinCall({ words: JAPANESE, framing: 'iframe' });
    for (const [ending, text] of [
      ['ended', '終了しました'],
      ['removed', '退出させられました'],
    ] as const) {
      meeting.update({ ending });
      await page.frames().at(-1)?.getByText(text).waitFor();
      const view = await platform.observe(page);
      expect(view).toMatchObject({ state: 'in_meeting' });
      expect(view.signs).toContain('dialogTitle');
    }
    meeting.update({ ending: 'home' });
    expect(await seeState('over')).toMatchObject({ reason: 'meeting_ended', confidence: 'likely' });
  });

  test('keeps nobody out by its words', async () => {
    await join({ words: JAPANESE, door: 'joining' });
    await meeting.waitForEvent('asked');
    for (const [door, text] of [
      ['invalid_link', 'リンクは無効です'],
      ['unknown_meeting', 'ミーティングIDが正しくありません'],
      ['bot_wall', 'ボットの可能性があります'],
    ] as const) {
      meeting.update({ door });
      await page.getByText(text).waitFor();
      expect(await platform.observe(page)).toMatchObject({ state: 'unclear' });
    }
  });
});
