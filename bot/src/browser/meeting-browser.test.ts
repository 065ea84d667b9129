import pino from 'pino';
import type { Browser } from 'playwright-core';
import { findChromium } from '../../../test/chromium-path';
import {
  startMeetingPage,
  type MeetingPage,
  type Turn,
} from '../../../test/meeting-pages/meeting-page';
import {
  readStandup,
  startSoundCast,
  type SoundCast,
  type SoundLayout,
} from '../../../test/meeting-pages/sound-cast';
import { launchTestBrowser } from '../../../test/meeting-pages/test-browser';
import type { SoundRules } from '../platforms/platform';
import type { CaptureMessage } from './capture-script';
import { openMeetingBrowser, type MeetingBrowser } from './meeting-browser';

const WAIT_MS = 30_000;
const LOUD = 1_000;
const BLOCK_MS = 100;
const TABLE = {
  tile: { css: ['li[data-person]'], lastSeen: '2026-11-24', source: 'test/meeting-pages/capture' },
};

/** A method with the keyword-less text that object literals have, as in the adapters. */
const SHOWN: SoundRules = {
  tracks: 'mixed',
  readSpeaking(css) {
    const tiles = document.querySelectorAll<HTMLElement>(String(css['tile']?.[0]));
    const speaking = Array.from(tiles).filter((tile) => tile.hasAttribute('data-speaking'));
    return speaking.map((tile) => tile.dataset['person'] ?? '');
  },
};
const NAMED_MIX: SoundRules = { ...SHOWN, mixTrackPrefix: 'mainAudio' };
const BY_TILE: SoundRules = {
  tracks: 'per_participant',
  owner: { selector: 'li[data-person]', attribute: 'data-person' },
};
const BY_STREAM: SoundRules = { tracks: 'per_participant', ownerInStreamId: '^person-(.+)$' };

interface State {
  areTilesShown: boolean;
}
type Heard = CaptureMessage & { isLoud: boolean };

let meeting: MeetingPage<State>;
let cast: SoundCast | null;
let browser: MeetingBrowser | null;
let heard: Heard[];
let onHeard: () => void;

/** The others' browser; each test has its own for the bot. */
let others: Browser;

beforeAll(async () => {
  others = await launchTestBrowser();
});
afterAll(() => others.close());
beforeEach(async () => {
  meeting = await startMeetingPage({ platform: 'capture', state: { areTilesShown: false } });
  heard = [];
  onHeard = () => undefined;
  cast = null;
  browser = null;
});
afterEach(async () => {
  await Promise.all([browser?.close(), cast?.close()]);
  await meeting.close();
});

async function open(sound: SoundRules, query = ''): Promise<MeetingBrowser> {
  browser = await openMeetingBrowser({
    chromiumPath: findChromium(),
    isHeadless: true,
    joinUrl: meeting.url,
    platform: { sound, table: TABLE },
    onSound: (message) => {
      const isLoud = message.kind === 'audio' && loudness(message.pcm) > LOUD;
      heard.push({ ...message, isLoud });
      onHeard();
    },
    onCrash: (detail) => {
      throw new Error(detail);
    },
    logger: pino({ level: 'silent' }),
  });
  await browser.page.goto(`${meeting.url}/${query}`);
  return browser;
}

async function openCall(layout: SoundLayout, sound: SoundRules, query = '') {
  cast = await startSoundCast(meeting, layout, others);
  const opened = await open(sound, query);
  await meeting.waitForEvent('sound-connected');
  return { cast, browser: opened };
}

/** Resolves when `isTrue` holds after some message; rejects after a while. */
async function waitUntil(isTrue: () => boolean): Promise<void> {
  const isHeard = new Promise<void>((resolve) => {
    onHeard = () => isTrue() && resolve();
    onHeard();
  });
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new Error(`Expected ${isTrue.toString()} within ${WAIT_MS} ms`);
    timer = setTimeout(() => reject(error), WAIT_MS);
  });
  await Promise.race([isHeard, tooLate]).finally(() => clearTimeout(timer));
}

/** Maya speaks for a second and, half a second later, Jonas for another. */
function sayStandup(people: SoundCast): Promise<Turn[]> {
  const [maya, jonas] = readStandup();
  if (!maya || !jonas) throw new Error('Expected two lines in the stand-up');
  return people.say([
    { ...maya, atMs: 0, toMs: maya.fromMs + 1_000 },
    { ...jonas, atMs: 1_500, toMs: jonas.fromMs + 1_000 },
  ]);
}

const ofKind = <Kind extends CaptureMessage['kind']>(kind: Kind) =>
  heard.filter(
    (message): message is Extract<CaptureMessage, { kind: Kind }> & { isLoud: boolean } =>
      message.kind === kind,
  );

function loudness(pcm: string | undefined): number {
  const bytes = Buffer.from(pcm ?? '', 'base64');
  let loudest = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    loudest = Math.max(loudest, Math.abs(bytes.readInt16LE(at)));
  }
  return loudest;
}

const loudBlocks = () => ofKind('audio').filter(({ isLoud }) => isLoud);
const loudOwners = () => new Set(loudBlocks().map(({ owner }) => owner));

test('a page is told that English is wanted, whatever the machine speaks', async () => {
  const { page } = await open(BY_TILE);
  expect(await page.evaluate(() => [navigator.language, ...navigator.languages])).toEqual([
    'en-US',
    'en-US',
  ]);
  const answer = await page.reload();
  expect(await answer?.request().headerValue('accept-language')).toBe('en-US');
});

describe('sound of each person apart', () => {
  test('is told with the person’s key from the element around it', async () => {
    const people = await openCall({ kind: 'per_person', people: ['Maya', 'Jonas'] }, BY_TILE);
    await sayStandup(people.cast);
    await waitUntil(() => loudOwners().size === 2);
    expect(loudOwners()).toEqual(new Set(['Maya', 'Jonas']));
    const tracks = new Set(ofKind('audio').map(({ track, owner }) => `${track} ${owner}`));
    expect(tracks.size).toBe(2);
  });

  test('is told with the person’s key from the name of the stream', async () => {
    const streamIds = { Maya: 'person-maya', Jonas: 'person-jonas' };
    const layout = { kind: 'per_person', people: ['Maya', 'Jonas'], streamIds } as const;
    const people = await openCall({ ...layout, people: [...layout.people] }, BY_STREAM);
    await sayStandup(people.cast);
    await waitUntil(() => loudOwners().size === 2);
    expect(loudOwners()).toEqual(new Set(['maya', 'jonas']));
  });

  test('is nobody’s until the page shows whose it is', async () => {
    const layout: SoundLayout = { kind: 'per_person', people: ['Maya'] };
    const people = await openCall(layout, BY_TILE, '?late-tiles');
    await people.cast.say(readStandup().slice(0, 1));
    await waitUntil(() => loudBlocks().length > 3);
    expect(loudOwners()).toEqual(new Set([null]));
    meeting.update({ areTilesShown: true });
    await waitUntil(() => ofKind('audio').some(({ owner }) => owner === 'Maya'));
  });

  test('stays theirs while the page is redrawn, and is nobody’s when that lasts', async () => {
    const people = await openCall({ kind: 'per_person', people: ['Maya'] }, BY_TILE);
    const ownerNow = () => ofKind('audio').at(-1)?.owner;
    await people.cast.say(readStandup().slice(0, 1));
    await waitUntil(() => ownerNow() === 'Maya');
    heard = [];
    const { page } = people.browser;
    await page.evaluate(() => document.body.append(...document.querySelectorAll('audio')));
    await waitUntil(() => ownerNow() === null);
    const kept = ofKind('audio').filter(({ owner }) => owner === 'Maya');
    expect(kept.length * BLOCK_MS).toBeGreaterThan(4_000);
    await page.evaluate(() => {
      document.querySelector('li')?.append(...document.querySelectorAll('audio'));
    });
    await waitUntil(() => ownerNow() === 'Maya');
  });

  test('of somebody who comes later is heard too', async () => {
    const people = await openCall({ kind: 'per_person', people: ['Maya'] }, BY_TILE);
    await meeting.waitForEvent('track');
    await people.cast.addTrack({ label: 'Jonas', streamId: 'Jonas' });
    await meeting.waitForEvent('track');
    await sayStandup(people.cast);
    await waitUntil(() => loudOwners().has('Jonas'));
    expect(loudOwners()).toEqual(new Set(['Maya', 'Jonas']));
  });

  test('is over when its connection is', async () => {
    const people = await openCall({ kind: 'per_person', people: ['Maya'] }, BY_TILE);
    await waitUntil(() => ofKind('audio').length > 0);
    await people.browser.page.evaluate('meetingPage.stopSound()');
    await waitUntil(() => ofKind('track_ended').length > 0);
    expect(ofKind('track_ended').map(({ track }) => track)).toEqual([ofKind('audio')[0]?.track]);
  });
});

describe('mixed sound', () => {
  test('comes with the contributing sources as they begin and end', async () => {
    const people = await openCall({ kind: 'mix' }, SHOWN, '?mixed');
    const [maya, jonas] = await sayStandup(people.cast);
    if (!maya || !jonas) throw new Error('Expected two turns');
    await waitUntil(() => ofKind('sources').length >= 4);
    const edges = ofKind('sources');
    expect(edges.map(({ sources }) => sources)).toEqual([[maya.source], [], [jonas.source], []]);
    expect(new Set(edges.map(({ track }) => track))).toEqual(new Set([loudBlocks()[0]?.track]));
    expect(loudOwners()).toEqual(new Set([null]));
  });

  test('comes with those the page shows as speaking', async () => {
    const people = await openCall({ kind: 'mix' }, SHOWN, '?mixed');
    await sayStandup(people.cast);
    await waitUntil(() => ofKind('speaking').length >= 5);
    expect(ofKind('speaking').map(({ keys }) => keys)).toEqual([[], ['Maya'], [], ['Jonas'], []]);
  });

  test('of a page that is loaded anew is another track, and nobody is shown in it', async () => {
    const people = await openCall({ kind: 'mix' }, SHOWN, '?mixed');
    await people.cast.say(readStandup().slice(0, 1));
    await waitUntil(() => ofKind('speaking').some(({ keys }) => keys.length > 0));
    const before = new Set(ofKind('audio').map(({ track }) => track));
    await people.browser.page.goto('about:blank');
    await waitUntil(() => ofKind('speaking').at(-1)?.keys.length === 0);
    await people.browser.page.goto(`${meeting.url}/?mixed`);
    await waitUntil(() => ofKind('audio').some(({ track }) => !before.has(track)));
  });
});

describe('a track that may repeat the mix', () => {
  const tellsOf = (name: string | undefined) =>
    new Set(ofKind('audio').flatMap((one) => (one.track === name ? [one.isDoubtful] : [])));
  const ends = () => ofKind('track_ended').map(({ isRepetition }) => isRepetition);

  test('is heard in doubt, and is known for a repetition when the mix comes', async () => {
    const people = await openCall({ kind: 'per_person', people: ['early'] }, NAMED_MIX, '?mixed');
    await waitUntil(() => ofKind('audio').length > 3);
    await people.cast.addTrack({ label: 'mix', trackId: 'mainAudio-1' });
    await waitUntil(() => ofKind('track_ended').length > 0);
    const mixes = () => ofKind('audio').filter(({ track }) => track !== ofKind('audio')[0]?.track);
    await waitUntil(() => mixes().length > 3);
    expect(ends()).toEqual([true]);
    expect(tellsOf(ofKind('audio')[0]?.track)).toEqual(new Set([true]));
    expect(tellsOf(mixes()[0]?.track)).toEqual(new Set([false]));
  });

  test('is no repetition for whoever misses sound', async () => {
    const people = await openCall({ kind: 'mix', trackId: 'other' }, NAMED_MIX, '?mixed');
    await waitUntil(() => ofKind('audio').length > 3);
    await people.browser.rehear();
    await waitUntil(() => ofKind('audio').some(({ isDoubtful }) => !isDoubtful));
    expect(ends()).toEqual([false]);
  });
});

describe('a page that hides its connections', () => {
  test('is heard by its elements', async () => {
    await open(SHOWN, '?no-connection');
    await waitUntil(() => loudBlocks().length > 5);
    expect(new Set(ofKind('audio').map(({ track }) => track)).size).toBe(1);
  });
});

describe('hearing anew', () => {
  test('ends every track and hears its sound as another, each once', async () => {
    const people = await openCall({ kind: 'per_person', people: ['Maya', 'Jonas'] }, BY_TILE);
    for (const _ of ['Maya', 'Jonas']) await meeting.waitForEvent('track');
    await waitUntil(() => new Set(ofKind('audio').map(({ track }) => track)).size === 2);
    await people.browser.rehear();
    await waitUntil(() => ofKind('track_ended').length === 2);
    heard.length = 0;
    await sayStandup(people.cast);
    await waitUntil(() => loudOwners().size === 2);
    const tracks = new Set(ofKind('audio').map(({ track, owner }) => `${track} ${owner}`));
    expect(tracks.size).toBe(2);
  });

  test('finds sound that the page had switched off', async () => {
    const people = await openCall({ kind: 'per_person', people: ['Maya'] }, BY_TILE);
    await meeting.waitForEvent('track');
    await people.browser.page.evaluate(() => {
      const stream = document.querySelector('audio')?.srcObject;
      if (!(stream instanceof MediaStream)) throw new Error('Expected a stream');
      for (const track of stream.getAudioTracks()) track.enabled = false;
    });
    await people.cast.say(readStandup().slice(0, 1));
    await waitUntil(() => loudBlocks().length > 3);
  });
});
