import type { Browser, Page } from 'playwright-core';
import { startMeetingPage, type MeetingPage, type Turn } from './meeting-page';
import { readStandup, startSoundCast, type SoundCast, type SoundLayout } from './sound-cast';
import { launchTestBrowser } from './test-browser';

/** What plain/page.js collects: loudness over time for each track. */
declare const heard: Record<string, { atMs: number; level: number }[]>;
declare const readSources: () => number[];

const AUDIBLE = 0.05;
/** Longer than the way from the cast to the page takes on a busy machine. */
const SETTLE_MS = 700;

let meeting: MeetingPage<{ title: string }>;
let browser: Browser;
let cast: SoundCast | null = null;

beforeAll(async () => {
  meeting = await startMeetingPage({ platform: 'plain', state: { title: 'first' } });
  browser = await launchTestBrowser();
});
afterAll(async () => {
  await browser.close();
  await meeting.close();
});
beforeEach(() => meeting.reset({ title: 'first' }));
afterEach(async () => {
  await cast?.close();
  cast = null;
  await Promise.all(browser.contexts().map((context) => context.close()));
});

async function open(path = '/'): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`${meeting.url}${path}`);
  await meeting.waitForEvent('opened');
  return page;
}

async function hearStandup(layout: SoundLayout): Promise<{ page: Page; turns: Turn[] }> {
  cast = await startSoundCast(meeting, layout, browser);
  const page = await open();
  await meeting.waitForEvent('sound-connected');
  const [maya, jonas] = readStandup();
  if (!maya || !jonas) throw new Error('Expected two lines in the stand-up');
  const turns = await cast.say([
    { ...maya, atMs: 0, toMs: maya.fromMs + 1_500 },
    { ...jonas, atMs: 2_000, toMs: jonas.fromMs + 1_500 },
  ]);
  return { page, turns };
}

/** For each track: the share of each turn during which something is heard on it. */
async function listenTo(page: Page, turns: Turn[]): Promise<Record<string, number[]>> {
  const endMs = Math.max(...turns.map((turn) => turn.endMs)) + SETTLE_MS;
  await page.waitForFunction((end) => Date.now() > end, endMs);
  const tracks = await page.evaluate(() => heard);
  return Object.fromEntries(
    Object.entries(tracks).map(([label, samples]) => [
      label,
      turns.map(({ startMs, endMs: end }) => {
        const during = samples.filter(({ atMs }) => atMs > startMs + 100 && atMs < end);
        return during.filter(({ level }) => level > AUDIBLE).length / during.length;
      }),
    ]),
  );
}

describe('a stand-in page', () => {
  test('is shown under any path and sees the state of the test', async () => {
    const page = await browser.newPage();
    await page.goto(`${meeting.url}/j/123?pwd=abc`);
    expect(await meeting.waitForEvent('opened')).toEqual({ path: '/j/123', query: '?pwd=abc' });
    meeting.update({ title: 'second' });
    await page.getByText('second').waitFor();
  });
});

describe('the cast', () => {
  test('sends each person in a stream of their own, named as wished', async () => {
    const layout: SoundLayout = {
      kind: 'per_person',
      people: ['Maya', 'Jonas'],
      streamIds: { Maya: 'abc123-audio-0' },
    };
    const { page, turns } = await hearStandup(layout);
    const streams = [await meeting.waitForEvent('track'), await meeting.waitForEvent('track')];
    expect(streams).toEqual([
      { label: 'Maya', streamId: 'abc123-audio-0' },
      { label: 'Jonas', streamId: 'Jonas' },
    ]);
    const { Maya, Jonas } = await listenTo(page, turns);
    expect(Maya).toEqual([expect.closeTo(0.7, 0), 0]);
    expect(Jonas).toEqual([0, expect.closeTo(0.7, 0)]);

    await cast?.addTrack({ label: 'Priya', streamId: 'Priya' });
    expect(await meeting.waitForEvent('track')).toEqual({ label: 'Priya', streamId: 'Priya' });
  });

  test('rotates the speakers through the channels', async () => {
    const { page, turns } = await hearStandup({ kind: 'channels', count: 3 });
    expect(turns.map(({ person, track }) => [person, track])).toEqual([
      ['Maya', 'channel-1'],
      ['Jonas', 'channel-2'],
    ]);
    const levels = await listenTo(page, turns);
    expect(levels['channel-1']?.[0]).toBeGreaterThan(0.3);
    expect(levels['channel-1']?.[1]).toBe(0);
    expect(levels['channel-2']?.[1]).toBeGreaterThan(0.3);
    expect(levels['channel-3']).toEqual([0, 0]);
  });

  test('mixes all voices, and the page tells speakers and contributing sources', async () => {
    const { page, turns } = await hearStandup({ kind: 'mix' });
    await page.locator('ul[data-speaking="Maya"]').waitFor({ state: 'attached' });
    await page.locator('ul[data-speaking="Jonas"]').waitFor({ state: 'attached' });
    const sources = await page.evaluate(() => readSources());
    expect(sources).toEqual([cast?.sourceOf('Maya'), cast?.sourceOf('Jonas')]);
    const { mix } = await listenTo(page, turns);
    expect(mix?.every((share) => share > 0.3)).toBe(true);
  });

  test('is lost to the page when the connection breaks', async () => {
    await hearStandup({ kind: 'mix' });
    await cast?.disconnect();
    expect(await meeting.waitForEvent('sound-disconnected')).toBeNull();
  });
});
