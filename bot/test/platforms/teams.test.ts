import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findChromium } from '../../../test/chromium-path';
import { FakeBotApi, type ReceivedChunk } from '../../../test/fake-bot-api';
import type { Turn } from '../../../test/meeting-pages/meeting-page';
import {
  readStandup,
  startSoundCast,
  type SoundCast,
  type SpokenLine,
} from '../../../test/meeting-pages/sound-cast';
import { TeamsMeeting, type TeamsState } from '../../../test/meeting-pages/teams/teams-meeting';
import { launchTestBrowser } from '../../../test/meeting-pages/test-browser';
import { observeAsBot } from './observe-as-bot';
import type { JoinRequest, MeetingPlatform, MeetingView } from '../../src/platforms/platform';
import { listSelectors } from '../../src/platforms/signs';
import { createTeamsPlatform } from '../../src/platforms/teams/teams-platform';
import { startBotProcess, type BotProcess } from '../bot-process';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

const CLIENTS = ['full', 'guest'] as const;
const MAYA = { key: '8:orgid:11111111-aaaa', name: 'Maya Lindqvist', isOrganizer: true };
const JONAS = { key: '8:live:.cid.50f0c28861a90997', name: 'Jonas Weber' };
const LOOK_MS = 50;
const PATIENCE_MS = 30_000;
/** How far sound and its sources may lag behind on a busy machine. */
const SLACK_MS = 700;

type InMeeting = Extract<MeetingView, { state: 'in_meeting' }>;

let meeting: TeamsMeeting;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let platform: MeetingPlatform;

beforeAll(async () => {
  meeting = await TeamsMeeting.start();
  browser = await launchTestBrowser();
  context = await browser.newContext({ locale: 'en-US' });
});
afterAll(async () => {
  await browser.close();
  await meeting.page.close();
});

async function arrive(): Promise<void> {
  page = await context.newPage();
  forget();
}
/** The same browser, but a bot that knows nothing of the meetings before. */
function forget(): void {
  platform = createTeamsPlatform();
}

function ask(changes: Partial<JoinRequest> = {}): Promise<void> {
  return platform.join(page, {
    url: meeting.link,
    botName: 'Notes',
    passcode: null,
    joinToken: null,
    isSignedIn: false,
    ...changes,
  });
}

/** The first view for which `isTrue` holds, looked for as the bot does. */
async function see<View extends MeetingView>(
  isTrue: (view: MeetingView) => view is View,
): Promise<View>;
async function see(isTrue: (view: MeetingView) => boolean | Promise<boolean>): Promise<MeetingView>;
async function see(
  isTrue: (view: MeetingView) => boolean | Promise<boolean>,
): Promise<MeetingView> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const view = await observeAsBot(platform, page);
    if (await isTrue(view)) return view;
    if (performance.now() > deadlineMs) {
      throw new Error(`Expected another view than ${JSON.stringify(view)}`);
    }
    await delay(LOOK_MS);
  }
}

const seeCall = (isTrue: (call: InMeeting) => boolean = () => true) =>
  see((view): view is InMeeting => view.state === 'in_meeting' && isTrue(view));
const seeEnd = () => see(({ state }) => state === 'over');
const namesIn = ({ people }: InMeeting) => people.map(({ name }) => name);
const hasName = (name: string) => (call: InMeeting) => namesIn(call).includes(name);

/** Joins a meeting with these people and waits until the roster has been read. */
async function enter(state: Partial<TeamsState> = {}): Promise<InMeeting> {
  meeting.open('call', { people: [MAYA, JONAS], ...state });
  await ask();
  return seeCall((call) => call.people.some(({ isHost }) => isHost));
}

async function waitForSpeaking(keys: string[]): Promise<void> {
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

describe.each(CLIENTS)('before the call, in the %s client', (client) => {
  beforeAll(arrive);
  beforeEach(forget);
  afterAll(() => page.close());

  const open = (answer: Parameters<TeamsMeeting['open']>[0], state: Partial<TeamsState> = {}) =>
    meeting.open(answer, { client, ...state });

  test('asks under its name, with microphone and camera off', async () => {
    open('call');
    await ask();
    expect(await meeting.asked()).toMatchObject({
      name: 'Notes',
      isMicrophoneOn: false,
      isCameraOn: false,
    });
  });

  test('goes on in the browser where Teams offers its application', async () => {
    open('call', { hasLauncher: true });
    await ask();
    await seeCall();
  });

  test('insists when Teams asks whether it wants neither audio nor video', async () => {
    open('call', { question: 'after-asking' });
    await ask();
    expect(await meeting.asked()).toMatchObject({ name: 'Notes', isMicrophoneOn: false });
    await seeCall();
  });

  test('waits in the lobby until it is admitted', async () => {
    open('lobby');
    await ask();
    const waiting = await see(({ state }) => state === 'waiting_room');
    expect(waiting).not.toHaveProperty('isNotStarted');
    meeting.admit();
    await seeCall();
  });

  test('says that the meeting has not been started', async () => {
    open('not-started');
    await ask();
    expect(await platform.observe(page)).toMatchObject({
      state: 'waiting_room',
      isNotStarted: true,
    });
  });

  test('takes its request back when it leaves the lobby', async () => {
    open('lobby');
    await ask();
    await platform.leave(page);
    expect(await meeting.page.waitForEvent('cancelled')).toBeNull();
  });
});

describe.each(CLIENTS)('at a door that stays shut, in the %s client', (client) => {
  beforeAll(arrive);
  beforeEach(forget);
  afterAll(() => page.close());

  test.each([
    ['sign-in-asked', 'sign_in_required', 'certain'],
    ['login-form', 'sign_in_required', 'certain'],
    ['guests-later', 'meeting_not_started', 'certain'],
    ['cannot-connect', 'join_failed', 'certain'],
    ['captcha', 'captcha_shown', 'likely'],
  ] as const)('a page that shows %s means %s', async (screen, reason, confidence) => {
    meeting.open(screen, { client });
    await ask();
    expect(await seeEnd()).toMatchObject({ reason, confidence });
  });

  test('a link that Teams does not know leads to no meeting', async () => {
    meeting.open('no-such-meeting', { client });
    await ask({ passcode: 'AbCd1234' });
    expect(await meeting.asked()).toMatchObject({ passcode: 'AbCd1234' });
    expect(await seeEnd()).toMatchObject({ reason: 'meeting_not_found', confidence: 'likely' });
  });

  test('a link without its passcode lacks just that', async () => {
    meeting.open('no-such-meeting', { client });
    await ask();
    expect(await seeEnd()).toMatchObject({ reason: 'passcode_wrong', confidence: 'likely' });
  });

  test('a refusal after the lobby is a person’s', async () => {
    meeting.open('lobby', { client });
    await ask();
    await see(({ state }) => state === 'waiting_room');
    meeting.refuse();
    expect(await seeEnd()).toMatchObject({ reason: 'join_denied', confidence: 'certain' });
  });

  test('a refusal without any lobby is taken for a rule against bots', async () => {
    meeting.open('refused', { client });
    await ask();
    expect(await seeEnd()).toMatchObject({ reason: 'bots_not_allowed', confidence: 'likely' });
  });

  test('what is seen is named after the table', async () => {
    meeting.open('sign-in-asked', { client });
    await ask();
    const { signs } = await seeEnd();
    expect(signs).toEqual(expect.arrayContaining(['signInText', 'retryScreen']));
    expect(Object.keys(platform.table)).toEqual(expect.arrayContaining([...signs]));
  });
});

describe('who the bot is', () => {
  beforeAll(arrive);
  beforeEach(forget);
  afterAll(() => page.close());

  test('is shown to Teams by a token in the part of the link that stays in the browser', async () => {
    meeting.open('call');
    await ask({ passcode: 'p1', joinToken: 'header.claims.signature' });
    expect(await meeting.asked()).toMatchObject({
      passcode: 'p1',
      fragment: '#token=header.claims.signature',
    });
  });

  test('is its account when its sign-in is stored', async () => {
    meeting.open('call', { account: 'Notes of Contoso', people: [MAYA] });
    await ask({ isSignedIn: true });
    expect(await meeting.asked()).toMatchObject({ name: 'Notes of Contoso' });
  });

  test('is not taken for a guest when the stored sign-in is no longer accepted', async () => {
    meeting.open('call', { account: null });
    await ask({ isSignedIn: true });
    expect(await seeEnd()).toMatchObject({ reason: 'auth_required' });
  });
});

describe.each(CLIENTS)('in the call, in the %s client', (client) => {
  let first: InMeeting;
  beforeAll(async () => {
    await arrive();
    first = await enter({ client, hasChat: client === 'full' });
  });
  afterAll(() => page.close());

  test('knows everybody, the organizer and itself', () => {
    expect(first.isConnected).toBe(true);
    expect(first.people).toEqual([
      { key: 'self', name: 'Notes', isHost: false, isSelf: true },
      { key: MAYA.key, name: MAYA.name, isHost: true, isSelf: false },
      { key: JONAS.key, name: JONAS.name, isHost: false, isSelf: false },
    ]);
  });

  test('has the pictures of the others switched off', async () => {
    await seeCall();
    expect(await meeting.page.waitForEvent('incoming-video-off')).toBeNull();
  });

  test('sees who comes later, who goes, and that a renamed person is the same one', async () => {
    if (client === 'full') await see(() => page.isVisible('[data-tid="ckeditor"]'));
    meeting.addPerson({ key: '8:teamsvisitor:77', name: 'Priya (Guest)' });
    const later = await seeCall(hasName('Priya'));
    expect(later.people.at(-1)?.key).toBe('8:teamsvisitor:77');
    meeting.changePerson('8:teamsvisitor:77', { name: 'Priya Nair' });
    const renamed = await seeCall(hasName('Priya Nair'));
    expect(renamed.people.at(-1)?.key).toBe('8:teamsvisitor:77');
    meeting.removePerson('8:teamsvisitor:77');
    await seeCall((call) => call.people.length === 3);
  });

  test('notices who has gone although the roster gave its place to the chat', async () => {
    meeting.removePerson(JONAS.key);
    await seeCall((call) => !hasName(JONAS.name)(call));
    meeting.addPerson(JONAS);
    await seeCall(hasName(JONAS.name));
  });

  test('switches the microphone on and off as the page shows it', async () => {
    await platform.setMicrophone(page, false);
    await platform.setMicrophone(page, true);
    expect(await meeting.page.waitForEvent('microphone')).toEqual({ isOn: true });
    await platform.setMicrophone(page, false);
    expect(await meeting.page.waitForEvent('microphone')).toEqual({ isOn: false });
  });

  test.each(['attribute', 'class', 'drawn'] as const)(
    'sees who speaks by outlines of the kind "%s"',
    async (outline) => {
      meeting.page.update({ outline, speaking: [] });
      await waitForSpeaking([]);
      meeting.page.update({ speaking: [JONAS.key] });
      await waitForSpeaking([JONAS.key]);
      meeting.page.update({ speaking: [MAYA.key, JONAS.key] });
      await waitForSpeaking([MAYA.key, JONAS.key]);
    },
  );

  test('names nobody where Teams draws no outlines', async () => {
    meeting.page.update({ outline: 'none', speaking: [MAYA.key] });
    await waitForSpeaking([]);
  });

  test('does not take a muted person, or a shared screen, for a speaker', async () => {
    meeting.page.update({ outline: 'class', speaking: [MAYA.key, JONAS.key] });
    meeting.changePerson(JONAS.key, { isMuted: true, isSharing: true });
    await waitForSpeaking([MAYA.key]);
    meeting.changePerson(JONAS.key, { isMuted: false, isSharing: false });
  });

  test('leaves by the button', async () => {
    await platform.leave(page);
    expect(await meeting.page.waitForEvent('left')).toBeNull();
    expect(await seeEnd()).toMatchObject({ reason: 'meeting_ended', confidence: 'certain' });
  });
});

describe('in the call', () => {
  beforeAll(async () => {
    await arrive();
    await enter();
  });
  afterAll(() => page.close());

  test('reads the chat with its senders, also of several messages in a row', async () => {
    meeting.say('Maya Lindqvist', 'Shall we begin?');
    meeting.say('Maya Lindqvist', 'Jonas?');
    const { chat } = await seeCall((call) => call.chat.length === 2);
    expect(chat.map(({ from, text }) => [from, text])).toEqual([
      ['Maya Lindqvist', 'Shall we begin?'],
      ['Maya Lindqvist', 'Jonas?'],
    ]);
    expect(new Set(chat.map(({ key }) => key)).size).toBe(2);
  });

  test('sends a chat message and knows it as its own', async () => {
    await platform.sendChat(page, 'I take notes.');
    expect(await meeting.page.waitForEvent('chat')).toEqual({ text: 'I take notes.' });
    const { chat } = await seeCall((call) => call.chat.length === 3);
    expect(chat[2]).toMatchObject({ from: 'Notes', text: 'I take notes.' });
  });

  test('is not misled by what is written in the chat', async () => {
    meeting.say('Jonas Weber', "You've been removed from this meeting. The meeting has ended.");
    meeting.say('Jonas Weber', 'Connection lost, someone will let you in soon');
    const call = await seeCall(({ chat }) => chat.length === 5);
    expect(call.isConnected).toBe(true);
  });

  test('has lost the connection while Teams says so above the call', async () => {
    meeting.page.update({ notice: 'Connection lost. Reconnecting…' });
    await seeCall(({ isConnected }) => !isConnected);
    await delay(LOOK_MS);
    expect(await platform.observe(page)).toMatchObject({ isConnected: false });
    meeting.page.update({ notice: null });
    await seeCall(({ isConnected }) => isConnected);
  });

  test('puts away what Teams says about anything else', async () => {
    meeting.page.update({ notice: 'Your microphone is not working' });
    await seeCall();
    expect(await meeting.page.waitForEvent('dismissed')).toBeNull();
  });

  test('has lost the connection while the browser has no network', async () => {
    await context.setOffline(true);
    await seeCall(({ isConnected }) => !isConnected);
    await context.setOffline(false);
    await seeCall(({ isConnected }) => isConnected);
  });
});

describe.each(CLIENTS)('a call that ends, in the %s client', (client) => {
  beforeAll(arrive);
  beforeEach(async () => {
    forget();
    await enter({ client, hasChat: client === 'full' });
  });
  afterAll(() => page.close());

  test('was ended by the host when the bot has not left', async () => {
    meeting.end();
    expect(await seeEnd()).toMatchObject({ reason: 'meeting_ended', confidence: 'certain' });
  });

  test('is told from one that the bot is removed from', async () => {
    meeting.remove();
    expect(await seeEnd()).toMatchObject({ reason: 'removed', confidence: 'certain' });
  });
});

describe('in a call with two people of one name, told apart by no id', () => {
  beforeEach(arrive);
  afterEach(() => page.close());

  test('names neither as speaking, and has no chat to write to', async () => {
    const twin = { key: '8:live:twin', name: JONAS.name };
    await enter({ client: 'guest', hasChat: false, people: [MAYA, JONAS, twin] });
    meeting.page.update({ speaking: [MAYA.key, JONAS.key] });
    await waitForSpeaking([MAYA.key]);
    await expect(platform.sendChat(page, 'I take notes.')).rejects.toThrow();
  });
});

describe('a changed page', () => {
  beforeEach(arrive);
  afterEach(() => page.close());

  test('is mended by selectors of the operator', async () => {
    meeting.open('call', { people: [MAYA] });
    await page.addInitScript(() => {
      document.addEventListener('DOMContentLoaded', () => {
        const rename = () =>
          document
            .querySelectorAll('#hangup-button')
            .forEach((one) => (one.outerHTML = '<button class="bye">Leave</button>'));
        new MutationObserver(rename).observe(document, { subtree: true, childList: true });
      });
    });
    platform = createTeamsPlatform({ hangup: { css: ['.bye'] } });
    await ask();
    await seeCall();
  });

  test('is not mended by a sign that does not exist', () => {
    expect(() => createTeamsPlatform({ hangUp: { css: ['.bye'] } })).toThrow('hangUp');
  });
});

describe('the bot as it is started', () => {
  let folder: string;
  let cast: SoundCast;
  let bot: BotProcess;
  let api: FakeBotApi;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'teams-bot-'));
    meeting.open('lobby', { people: [MAYA, JONAS], outline: 'class' });
    cast = await startSoundCast(meeting.page, {
      kind: 'mix',
      trackId: 'mainAudio-7',
      repetition: true,
    });
    api = new FakeBotApi({ platform: 'teams', joinUrl: meeting.link, passcode: 'p1' });
    bot = startBotProcess({
      BOT_API_URL: await api.start(),
      BOT_TOKEN: api.token,
      BOT_SPOOL_DIR: join(folder, 'spool'),
      BOT_CHROMIUM_PATH: findChromium(),
      BOT_ALLOWED_ORIGINS: meeting.page.url,
    });
  });
  afterAll(async () => {
    bot.child.kill('SIGKILL');
    await cast.close();
    await api.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  test('tells apart in one track who says what, and learns their names from the page', async () => {
    await api.waitUntil(({ states }) => states.includes('waiting_room'));
    expect(await meeting.asked()).toMatchObject({ passcode: 'p1', isMicrophoneOn: false });
    meeting.admit();
    await api.waitUntil(({ changes }) => changes.some(({ key }) => key === JONAS.key));
    const turns = await cast.say(readTwoVoices());
    await api.waitUntil(({ bindings }) => bindings.length >= 2);
    const lastEndMs = Math.max(...turns.map(({ endMs }) => endMs));
    await api.waitUntil(({ chunks }) => chunks.some((one) => endOf(one) > lastEndMs - SLACK_MS));
    api.command({ kind: 'leave', reason: 'stopped' });
    expect(await bot.exitCode).toBe(0);

    expect(api.violations).toEqual([]);
    expect(api.states).toEqual(['joining', 'waiting_room', 'in_meeting', 'leaving', 'ended']);
    expect(api.bindings).toEqual(
      expect.arrayContaining([
        { source: `csrc-${cast.sourceOf(MAYA.key)}`, participantKey: MAYA.key },
        { source: `csrc-${cast.sourceOf(JONAS.key)}`, participantKey: JONAS.key },
      ]),
    );
    expect(api.chunks.every(({ participant }) => participant === null)).toBe(true);
    // Teams sends the mix a second time; heard twice, all would be written twice.
    expect(new Set(api.chunks.map(({ track }) => track)).size).toBe(1);
    for (const key of [MAYA.key, JONAS.key]) {
      expect(shareRight(turns, `csrc-${cast.sourceOf(key)}`, key)).toBeGreaterThan(0.85);
    }
  });

  const endOf = ({ capturedAtMs, startMs, endMs }: ReceivedChunk) => capturedAtMs + endMs - startMs;

  /** Of the time for which a source is said to have been heard: how much of it that person spoke. */
  function shareRight(turns: Turn[], source: string, person: string): number {
    const spans = api.chunks.flatMap(({ capturedAtMs, spans: all }) =>
      (all ?? [])
        .filter((span) => span.source === source)
        .map((span) => [capturedAtMs + span.startMs, capturedAtMs + span.endMs] as const),
    );
    const own = turns.filter((turn) => turn.person === person);
    const right = spans.map(([from, to]) =>
      own.reduce(
        (sum, { startMs, endMs }) =>
          sum + Math.max(0, Math.min(to, endMs + SLACK_MS) - Math.max(from, startMs - SLACK_MS)),
        0,
      ),
    );
    const heardMs = spans.reduce((sum, [from, to]) => sum + to - from, 0);
    return right.reduce((sum, ms) => sum + ms, 0) / heardMs;
  }
});

/** Two turns of each, one after the other. */
function readTwoVoices(): SpokenLine[] {
  const keys: Record<string, string> = { Maya: MAYA.key, Jonas: JONAS.key };
  return ['Maya', 'Jonas', 'Maya', 'Jonas'].map((person, turn) => {
    const line = readStandup().filter((one) => one.person === person)[turn >> 1];
    if (!line) throw new Error(`Expected two lines of ${person}`);
    const toMs = Math.min(line.toMs, line.fromMs + 3_000);
    return { ...line, toMs, person: keys[person] ?? person, atMs: turn * 3_300 };
  });
}
