import { isDeepStrictEqual } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { observeAsBot } from './observe-as-bot';
import { createLivekitPlatform } from '../../src/platforms/livekit/livekit-platform';
import type { MeetingPlatform, MeetingView } from '../../src/platforms/platform';
import { listSelectors } from '../../src/platforms/signs';
import { openLivekitRoom, type LivekitRoom } from '../../../test/livekit-room';
import {
  LIVEKIT_BUILD_MS,
  startLivekitServer,
  type LivekitServer,
} from '../../../test/livekit-server';
import {
  startLivekitMeet,
  type LivekitMeet,
} from '../../../test/meeting-pages/livekit/livekit-meet';
import { launchTestBrowser } from '../../../test/meeting-pages/test-browser';

type View<State extends MeetingView['state']> = Extract<MeetingView, { state: State }>;

const NAME = 'Notes (bot)';
let server: LivekitServer;
let meet: LivekitMeet;
let browser: Browser;
let room: LivekitRoom;
let roomNumber = 0;
let page: Page;
let platform: MeetingPlatform;

beforeAll(async () => {
  server = await startLivekitServer();
  meet = await startLivekitMeet(server);
  browser = await launchTestBrowser();
  page = await browser.newPage({ locale: 'en-US' });
}, LIVEKIT_BUILD_MS);
afterAll(async () => {
  await browser.close();
  await meet.close();
  await server.close();
});
beforeEach(async () => {
  roomNumber += 1;
  room = await openLivekitRoom({ server, browser, name: `room-${roomNumber}` });
  platform = createLivekitPlatform();
});
afterEach(async () => {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.goto('about:blank');
  await room.close();
});

const DOORS = ['its own page on the server', 'a page like LiveKit Meet'] as const;
type Door = (typeof DOORS)[number];

async function join(door: Door): Promise<void> {
  if (door === DOORS[0]) await joinWith({ url: server.url, passcode: await room.makeToken('bot') });
  else await joinWith({ url: `${meet.url}/rooms/${room.name}`, passcode: null });
}

function joinWith(link: { url: string; passcode: string | null }): Promise<void> {
  return platform.join(page, { ...link, botName: NAME, joinToken: null, isSignedIn: false });
}

/** Looks until the page shows what is wanted, as the bot does. */
async function until<State extends MeetingView['state']>(
  state: State,
  isRight: (view: View<State>) => boolean = () => true,
): Promise<View<State>> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const view = await observeAsBot(platform, page);
    if (view.state === state && isRight(view as View<State>)) return view as View<State>;
    if (Date.now() > deadline) throw new Error(`Expected ${state}, seen ${JSON.stringify(view)}`);
    await page.waitForTimeout(50);
  }
}

/** As the bot's own capture, in the page: the streams that arrive. */
function noteStreams(): void {
  const streamIds: string[] = [];
  Object.assign(window, { streamIds });
  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget) as RTCPeerConnection;
      made.addEventListener('track', ({ streams }) => streamIds.push(streams[0]?.id ?? ''));
      return made;
    },
  });
}

async function untilSpeaking(keys: string[]): Promise<void> {
  const { readSpeaking } = platform.sound;
  const deadline = Date.now() + 15_000;
  for (;;) {
    await platform.observe(page);
    const seen = readSpeaking && (await page.evaluate(readSpeaking, listSelectors(platform.table)));
    if (JSON.stringify(seen) === JSON.stringify(keys)) return;
    if (Date.now() > deadline) throw new Error(`Expected ${keys.join()} to speak, seen ${seen}`);
  }
}

/** The others learn of the bot from the server, in their own time. */
async function untilMayaSees(people: object[]): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const seen = await room.seenBy('Maya');
    if (isDeepStrictEqual(seen, people)) return;
    if (Date.now() > deadline) expect(seen).toEqual(people);
  }
}

const names = (view: View<'in_meeting'>) => view.people.map(({ name }) => name).sort();

describe.each(DOORS)('a bot that joins LiveKit by %s', (door) => {
  test('is in under its name, with microphone and camera off', async () => {
    await room.addPerson('Maya');
    await join(door);
    const view = await until('in_meeting', (seen) =>
      isDeepStrictEqual(names(seen), ['Maya', NAME]),
    );
    expect(view).toMatchObject({ isConnected: true });
    expect(view.people).toContainEqual({
      key: expect.stringMatching(/^PA_/),
      name: NAME,
      isHost: false,
      isSelf: true,
    });
    await untilMayaSees([{ name: NAME, isMicrophoneOn: false, isCameraOn: false }]);
  });

  test('sees people come late, change their names and go', async () => {
    const maya = await room.addPerson('Maya');
    await join(door);
    await until('in_meeting');
    await room.addPerson('Jonas');
    expect(names(await until('in_meeting', ({ people }) => people.length === 3))).toEqual([
      'Jonas',
      'Maya',
      NAME,
    ]);
    await room.rename('Maya', 'Maya Lindqvist');
    const renamed = await until('in_meeting', (view) => names(view).includes('Maya Lindqvist'));
    expect(renamed.people).toContainEqual(
      expect.objectContaining({ key: maya, name: 'Maya Lindqvist' }),
    );
    await room.leave('Jonas');
    await until('in_meeting', ({ people }) => people.length === 2);
  });

  test('knows whose sound it is, and who speaks', async () => {
    await page.addInitScript(noteStreams);
    await join(door);
    await until('in_meeting');
    const line = { name: 'Maya', wav: 'standup-maya.wav', atMs: 0, fromMs: 1_500, toMs: 7_500 };
    await room.addSpeakers([line]);
    const { people } = await until('in_meeting', (view) => view.people.length === 2);
    const maya = people.find(({ name }) => name === 'Maya')?.key ?? '';
    // Streams that nobody owns come first.
    await page.waitForFunction(`window.streamIds.some((id) => id.startsWith('PA_'))`);
    const streamIds = await page.evaluate<string[]>('window.streamIds');
    const owner = new RegExp(platform.sound.ownerInStreamId ?? '');
    expect(streamIds.flatMap((id) => owner.exec(id)?.[1] ?? [])).toEqual([maya]);
    await untilSpeaking([maya]);
    await untilSpeaking([]);
  });

  test('reads the chat and writes into it', async () => {
    await room.addPerson('Maya');
    await join(door);
    await until('in_meeting');
    await room.sendChat('Maya', 'Hello there');
    await room.sendChat('Maya', 'Second line');
    const { chat } = await until('in_meeting', (view) => view.chat.length === 2);
    expect(chat).toMatchObject([
      { from: 'Maya', text: 'Hello there' },
      { from: 'Maya', text: 'Second line' },
    ]);
    expect(new Set(chat.map(({ key }) => key)).size).toBe(2);
    await platform.sendChat(page, 'I take notes');
    await until('in_meeting', (view) => view.chat.length === 3);
    while ((await room.messagesOf('Maya')).length === 0) await page.waitForTimeout(50);
    expect(await room.messagesOf('Maya')).toEqual(['I take notes']);
  });

  test('switches its microphone on and off and says so when the room has it', async () => {
    await room.addPerson('Maya');
    await join(door);
    await until('in_meeting');
    await platform.setMicrophone(page, true);
    await untilMayaSees([{ name: NAME, isMicrophoneOn: true, isCameraOn: false }]);
    await platform.setMicrophone(page, false);
    await untilMayaSees([{ name: NAME, isMicrophoneOn: false, isCameraOn: false }]);
  });

  test('tells being removed, and leaves nothing else to say', async () => {
    await join(door);
    await until('in_meeting');
    await server.removeParticipant(room.name, door === DOORS[0] ? 'bot' : `${NAME}__a1b2`);
    expect(await until('over')).toMatchObject({ reason: 'removed', confidence: 'certain' });
  });

  test('tells that the room was closed', async () => {
    await join(door);
    await until('in_meeting');
    await server.deleteRoom(room.name);
    expect(await until('over')).toMatchObject({ reason: 'meeting_ended', confidence: 'certain' });
  });

  test('leaves', async () => {
    await room.addPerson('Maya');
    await join(door);
    await until('in_meeting');
    await platform.leave(page);
    await until('over');
    await untilMayaSees([]);
  });
});

describe('a LiveKit server', () => {
  const DOOR = DOORS[0];

  test.each([
    ['signed with another secret', { isForged: true }],
    ['that has expired', { expiresInSeconds: -3_600 }],
  ])('does not take a token %s, and the bot says so', async (_, wishes) => {
    const token = await server.makeToken({ room: room.name, identity: 'bot', ...wishes });
    await joinWith({ url: server.url, passcode: token });
    expect(await until('over')).toMatchObject({ reason: 'passcode_wrong', confidence: 'certain' });
  });

  test('that falls silent is noticed before the page notices, and so is its return', async () => {
    await join(DOOR);
    await until('in_meeting', ({ isConnected }) => isConnected);
    server.pause();
    try {
      const { signs } = await until('in_meeting', ({ isConnected }) => !isConnected);
      expect(signs).not.toContain('connecting');
    } finally {
      server.resume();
    }
    await until('in_meeting', ({ isConnected }) => isConnected);
  });

  test('that is started anew has the bot back, and the others under new keys', async () => {
    const before = await room.addPerson('Maya');
    await join(DOOR);
    await until('in_meeting', ({ people }) => people.length === 2);
    await server.kill();
    await until('in_meeting', ({ isConnected }) => !isConnected);
    await server.start();
    const view = await until(
      'in_meeting',
      ({ isConnected, people }) => isConnected && people.length === 2,
    );
    expect(names(view)).toEqual(['Maya', NAME]);
    expect(view.people.map(({ key }) => key)).not.toContain(before);
  });
});

describe('a web page', () => {
  test('that is not there means that there is no such meeting', async () => {
    await joinWith({ url: `${meet.url}/nothing/here`, passcode: null });
    expect(await until('over')).toMatchObject({ reason: 'meeting_not_found' });
  });

  test('that changed is mended by an override', async () => {
    await page.route('**/page.js', async (route) => {
      const answer = await route.fetch();
      const body = (await answer.text()).replaceAll('lk-join-button', 'enter-button');
      await route.fulfill({ response: answer, body });
    });
    platform = createLivekitPlatform({ joinButton: { css: ['.enter-button'] } });
    await join(DOORS[1]);
    await until('in_meeting');
  });
});
