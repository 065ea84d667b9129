import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import {
  startGoogleMeetPage,
  type GoogleMeetPage,
  type MeetState,
} from '../../../test/meeting-pages/google-meet/google-meet-page';
import {
  readStandup,
  startSoundCast,
  type SoundCast,
} from '../../../test/meeting-pages/sound-cast';
import { launchTestBrowser } from '../../../test/meeting-pages/test-browser';
import { lookUntil } from './observe-as-bot';
import { createGoogleMeetPlatform } from '../../src/platforms/google-meet/google-meet-platform';
import type { JoinRequest, MeetingPlatform, MeetingView } from '../../src/platforms/platform';
import { listSelectors } from '../../src/platforms/signs';

const SELF = { key: 'spaces/standin/devices/self', name: 'Notes', isHost: false, isSelf: true };
const MAYA = { id: 'spaces/standin/devices/1', name: 'Maya', isHost: true };
const JONAS = { id: 'spaces/standin/devices/2', name: 'Jonas' };
const LOOK_MS = 50;

type InMeeting = Extract<MeetingView, { state: 'in_meeting' }>;

let meet: GoogleMeetPage;
let browser: Browser;
let page: Page;
let platform: MeetingPlatform;
let cast: SoundCast;

beforeAll(async () => {
  [meet, browser] = await Promise.all([startGoogleMeetPage(), launchTestBrowser()]);
  page = await browser.newPage({ locale: 'en-US' });
});
afterAll(async () => {
  await browser.close();
  await meet.close();
});
afterEach(() => page.goto('about:blank'));

function open(changes: Partial<MeetState> = {}): void {
  meet.begin(changes);
  platform = createGoogleMeetPlatform();
}

const ask = (changes: Partial<JoinRequest> = {}) =>
  platform.join(page, {
    url: meet.url,
    botName: 'Notes',
    passcode: null,
    joinToken: null,
    isSignedIn: false,
    ...changes,
  });

async function enter(changes: Partial<MeetState> = {}): Promise<InMeeting> {
  open({ hasLobby: false, people: [MAYA], ...changes });
  await ask();
  return see(() => true);
}

/** Looks until the page shows the call, and in it what is wanted. */
async function see(isWanted: (view: InMeeting) => boolean): Promise<InMeeting> {
  const view = await look((one) => one.state === 'in_meeting' && isWanted(one));
  return view as InMeeting;
}

const look = (isWanted: (view: MeetingView) => boolean) => lookUntil({ platform, page }, isWanted);
const lookFor = (state: MeetingView['state']) => look((view) => view.state === state);
const readSpeaking = () => {
  const read = platform.sound.readSpeaking;
  if (!read) throw new Error('Expected the platform to know who speaks');
  return page.evaluate(read, listSelectors(platform.table));
};

describe('joining Google Meet', () => {
  test('asks as a guest under its name, muted, without camera and without incoming video', async () => {
    open();
    await ask();
    const asked = await meet.page.waitForEvent('asked-to-join');
    expect(asked).toEqual({
      name: 'Notes',
      microphone: false,
      camera: false,
      language: 'en',
      preferences: JSON.stringify(
        '[null,null,null,null,null,null,null,null,[null,null,null,null,null,1]]',
      ),
    });
    expect(await lookFor('waiting_room')).toMatchObject({ state: 'waiting_room' });
    meet.admit();
    expect(await see(() => true)).toMatchObject({ isConnected: true, people: [SELF] });
  });

  test('enters at once with a sign-in that is invited', async () => {
    open({ isSignedIn: true, hasLobby: false, joinText: 'Join now' });
    await ask({ isSignedIn: true });
    expect(await meet.page.waitForEvent('asked-to-join')).toMatchObject({ name: null });
    await see(() => true);
  });

  test.each(['Ask to join anyway', 'Join here too'])(
    'finds a button that only says "%s"',
    async (joinText) => {
      open({ joinText, hasJsname: false });
      await ask();
      await meet.page.waitForEvent('asked-to-join');
    },
  );

  test('passes hints and missing devices', async () => {
    open({ dialogs: ['gotIt', 'noDevices'], hasDevices: false });
    await ask();
    await lookFor('waiting_room');
  });

  test('accepts the notice that the call is recorded', async () => {
    await enter();
    meet.page.update({ dialogs: ['recorded'] });
    expect(await lookFor('unclear')).toMatchObject({
      signs: expect.arrayContaining(['noticeText']),
    });
    expect(await meet.page.waitForEvent('dismissed')).toBe('recorded');
    await see(() => true);
  });

  test('refuses to go in as a guest when it was to be signed in', async () => {
    open();
    await ask({ isSignedIn: true });
    expect(await lookFor('over')).toMatchObject({ reason: 'auth_required' });
  });

  test('finds a changed page’s button by the operator’s texts', async () => {
    open({ hasJsname: false, joinText: 'Enter' });
    platform = createGoogleMeetPlatform({ joinButton: { text: ['Enter'] } });
    await ask();
    await lookFor('waiting_room');
  });
});

describe('what Google Meet shows before the call', () => {
  test.each([
    'Asking to be let in...',
    'You’ll join the call when someone lets you in',
    'Please wait until a meeting host brings you into the call',
  ])('waits in the lobby that says "%s"', async (lobbyText) => {
    open({ lobbyText });
    await ask();
    expect(await lookFor('waiting_room')).not.toHaveProperty('isNotStarted');
  });

  test('tells that the host has not started the meeting', async () => {
    open({ screen: 'notStarted' });
    await ask();
    expect(await platform.observe(page)).toMatchObject({
      state: 'waiting_room',
      isNotStarted: true,
    });
  });

  test.each([
    ['denied', 'join_denied', 'certain'],
    ['noAnswer', 'waiting_room_timeout', 'certain'],
    ['blocked', 'bots_not_allowed', 'certain'],
    ['problem', 'join_failed', 'certain'],
    ['wrongCode', 'meeting_not_found', 'certain'],
    ['signIn', 'sign_in_required', 'certain'],
    ['left', 'join_denied', 'likely'],
  ] as const)('%s is over for the reason %s', async (screen, reason, confidence) => {
    open({ screen });
    await ask();
    expect(await platform.observe(page)).toMatchObject({ state: 'over', reason, confidence });
  });

  test('learns of the host’s refusal in the lobby', async () => {
    open();
    await ask();
    await lookFor('waiting_room');
    meet.page.update({ screen: 'denied' });
    expect(await lookFor('over')).toMatchObject({ reason: 'join_denied' });
  });

  test('stops at a test for people, but not at Google’s silent checks', async () => {
    open({ screen: 'blocked', captcha: 'shown' });
    await ask();
    expect(await lookFor('over')).toMatchObject({ reason: 'captcha_shown', confidence: 'certain' });
    meet.page.update({ captcha: 'badge' });
    expect(
      await look((view) => view.state === 'over' && view.reason !== 'captcha_shown'),
    ).toMatchObject({ reason: 'bots_not_allowed' });
  });

  test('a host’s refusal counts for more than a test for people', async () => {
    open({ screen: 'denied', captcha: 'shown' });
    await ask();
    expect(await lookFor('over')).toMatchObject({ reason: 'join_denied' });
  });

  test('a page that shows nothing known is unclear', async () => {
    open({ screen: 'empty' });
    await page.goto(meet.url);
    expect(await platform.observe(page)).toMatchObject({ state: 'unclear' });
  });

  test('is no lobby by words of another language alone', async () => {
    open({ lobbyText: 'Um Teilnahme wird gebeten …' });
    await ask();
    await meet.page.waitForEvent('asked-to-join');
    await page.getByText('Um Teilnahme wird gebeten').waitFor();
    expect(await platform.observe(page)).toMatchObject({ state: 'unclear' });
    meet.admit();
    await see(() => true);
  });

  test.each([
    ['wrongCode', 'Überprüfen Sie Ihren Besprechungscode'],
    ['blocked', 'Sie können an diesem Videoanruf nicht teilnehmen'],
    ['removed', 'Sie wurden aus der Besprechung entfernt'],
    ['ended', 'Der Organisator hat die Besprechung für alle beendet'],
  ] as const)('is not over as %s by words of another language', async (screen, lastWord) => {
    await enter();
    meet.page.update({ screen, lastWord });
    await page.getByText(lastWord).waitFor();
    expect(await platform.observe(page)).toMatchObject({
      state: 'unclear',
      signs: expect.arrayContaining(['farewell']),
    });
  });

  test('withdraws its request from the lobby', async () => {
    open();
    await ask();
    await lookFor('waiting_room');
    await platform.leave(page);
    await meet.page.waitForEvent('left');
  });
});

describe('the call in Google Meet', () => {
  test('ends when the bot is removed, or the host ends it', async () => {
    await enter();
    meet.page.update({ screen: 'removed' });
    expect(await lookFor('over')).toMatchObject({ reason: 'removed', confidence: 'certain' });
    meet.page.update({ screen: 'ended' });
    expect(await look((view) => view.state === 'over' && view.reason !== 'removed')).toMatchObject({
      reason: 'meeting_ended',
      confidence: 'certain',
    });
  });

  test.each([true, false])(
    'goes on whatever somebody writes in the chat, with tiles that have ids: %s',
    async (hasTileIds) => {
      await enter({ hasTileIds });
      meet.say('Maya', 'You’ve been removed from the meeting. Got it? Reconnecting');
      const { isConnected } = await see(({ chat }) => chat.length === 1);
      expect(isConnected).toBe(true);
    },
  );

  test('is not connected while Meet says so', async () => {
    await enter();
    meet.page.update({ isReconnecting: true });
    await see(({ isConnected }) => !isConnected);
    meet.page.update({ isReconnecting: false });
    await see(({ isConnected }) => isConnected);
  });

  test('keeps people’s keys when they come late, change their names and go', async () => {
    const { people } = await enter();
    expect(people).toEqual([SELF, { key: MAYA.id, name: 'Maya', isHost: true, isSelf: false }]);
    meet.addPerson(JONAS);
    await see(({ people: all }) => all.some(({ name }) => name === 'Jonas'));
    meet.renamePerson(JONAS.id, 'Jonas B.');
    const renamed = await see(({ people: all }) => all.some(({ name }) => name === 'Jonas B.'));
    expect(renamed.people.map(({ key }) => key)).toEqual([SELF.key, MAYA.id, JONAS.id]);
    meet.removePerson(MAYA.id);
    const after = await see(({ people: all }) => all.length === 2);
    expect(after.people.map(({ name }) => name)).toEqual(['Notes', 'Jonas B.']);
  });

  test('knows those without a tile from the list, and leaves out presentations', async () => {
    const presenter = { id: 'spaces/standin/devices/9', name: 'Your presentation' };
    const { people } = await enter({ people: [MAYA, JONAS], tileLimit: 2, presenter });
    expect(people.map(({ name }) => name)).toEqual(['Notes', 'Maya', 'Jonas']);
  });

  test('reads the list where tiles have no ids', async () => {
    const { people } = await enter({ hasTileIds: false });
    expect(people).toEqual([
      { key: 'name:Notes:1', name: 'Notes', isHost: false, isSelf: true },
      { key: 'name:Maya:1', name: 'Maya', isHost: true, isSelf: false },
    ]);
  });

  test('reads and sends chat', async () => {
    await enter();
    meet.say('Maya', 'Hello');
    meet.say('Maya', 'Shall we?');
    // a page that draws new lines may drop what is being typed
    await see(({ chat: lines }) => lines.length === 2);
    await platform.sendChat(page, 'I take notes.');
    const { chat } = await see(({ chat: lines }) => lines.length === 3);
    expect(chat.map(({ from, text }) => [from, text])).toEqual([
      ['Maya', 'Hello'],
      ['Maya', 'Shall we?'],
      [null, 'I take notes.'],
    ]);
    expect(new Set(chat.map(({ key }) => key)).size).toBe(3);
  });

  test('sends a long message in pieces that Meet takes', async () => {
    await enter();
    await platform.sendChat(page, 'word '.repeat(150));
    const { chat } = await see(({ chat: lines }) => lines.length === 2);
    expect(chat.every(({ text }) => text.length <= 500)).toBe(true);
    expect(chat.map(({ text }) => text).join(' ')).toBe('word '.repeat(150).trim());
  });

  test('stays in a call whose chat is turned off', async () => {
    await enter({ hasChat: false });
    await expect(platform.sendChat(page, 'Hello')).rejects.toThrow();
    await see(({ chat }) => chat.length === 0);
  });

  test('switches the microphone on and off and reads it back, the toolbar asleep or not', async () => {
    await enter();
    await platform.setMicrophone(page, true);
    await meet.page.waitForEvent('microphone-on');
    meet.page.update({ isToolbarAsleep: true });
    await platform.setMicrophone(page, false);
    expect(await page.locator('[aria-label="Turn on microphone"]').count()).toBe(1);
    await platform.setMicrophone(page, false);
  });

  test('leaves although the toolbar is asleep', async () => {
    await enter({ isToolbarAsleep: true });
    await platform.leave(page);
    await meet.page.waitForEvent('left');
  });
});

describe('who speaks in Google Meet', () => {
  beforeAll(async () => {
    cast = await startSoundCast(meet.page, { kind: 'channels', count: 3 }, browser);
  });
  afterAll(() => cast.close());

  /** All that is read while Maya and then Jonas speak, with a moment of both, each change once. */
  async function readStandupStart(): Promise<string[]> {
    await meet.page.waitForEvent('sound-connected');
    const [maya, jonas] = readStandup();
    if (!maya || !jonas) throw new Error('Expected two lines in the stand-up');
    const turns = await cast.say([
      { ...maya, person: MAYA.id, atMs: 0, toMs: maya.fromMs + 1_500 },
      { ...jonas, person: JONAS.id, atMs: 750, toMs: jonas.fromMs + 1_500 },
    ]);
    const endMs = Math.max(...turns.map((turn) => turn.endMs));
    const readings: string[] = [];
    for (;;) {
      const reading = (await readSpeaking()).join(' and ');
      if (reading !== readings.at(-1)) readings.push(reading);
      if (reading === '' && Date.now() > endMs) break;
      await delay(LOOK_MS);
    }
    // Whether the silence before the first word was seen is chance.
    return readings.length > 1 && readings[0] === '' ? readings.slice(1) : readings;
  }
  const EXPECTED = [MAYA.id, `${MAYA.id} and ${JONAS.id}`, JONAS.id, ''];

  test('is read from tiles that glow, in step with the sound', async () => {
    await enter({ people: [MAYA, JONAS] });
    expect(await readStandupStart()).toEqual(EXPECTED);
  });

  test('is read whatever way the page shows it', async () => {
    await enter({ people: [MAYA, JONAS] });
    await meet.page.waitForEvent('sound-connected');
    await cast.say([{ person: MAYA.id, wav: 'librivox.wav', atMs: 0 }]);
    await page.locator(`[data-participant-id="${MAYA.id}"] .Oaajhc`).waitFor({ state: 'attached' });
    for (const glow of ['HX2H7', 'wEsLMd', 'OgVli', 'frame', 'level'] as const) {
      meet.page.update({ glow });
      await page.locator(`main[data-glow="${glow}"]`).waitFor();
      expect(await readSpeaking()).toEqual([MAYA.id]);
    }
  });

  test('is nobody where the page shows it in a new way, until the operator names that', async () => {
    await enter({ people: [MAYA, JONAS], glow: 'unheardOf', hasAudioElements: false });
    expect(await readStandupStart()).toEqual(['']);
    platform = createGoogleMeetPlatform({ speaking: { css: ['.unheardOf'] } });
    meet.page.update({ screen: 'prejoin' });
    await ask();
    await see(() => true);
    expect(await readStandupStart()).toEqual(EXPECTED);
  });
});
