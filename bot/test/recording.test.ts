import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import pino, { type Logger } from 'pino';
import { startMeetingPage, type MeetingPage } from '../../test/meeting-pages/meeting-page';
import { readStandup, startSoundCast, type SoundCast } from '../../test/meeting-pages/sound-cast';
import { launchTestBrowser } from '../../test/meeting-pages/test-browser';
import { makeZoomState, startZoomMeeting } from '../../test/meeting-pages/zoom/zoom-meeting';
import { measureLoudness } from '../../test/webm-tone';
import { RefusedError } from '../src/api/api-client';
import { createZoomPlatform } from '../src/platforms/zoom/zoom-platform';
import { MeetingRecording } from '../src/recording/meeting-recording';
import { PartSpool, type PartMetadata } from '../src/recording/part-spool';
import { PartUploader } from '../src/recording/part-uploader';

let meeting: MeetingPage<object>;
let browser: Browser;
let cast: SoundCast;
let folder: string;
const logger = pino({ level: 'silent' });

beforeAll(async () => {
  meeting = await startMeetingPage({ platform: 'plain', state: {} });
  browser = await launchTestBrowser();
  cast = await startSoundCast(meeting, { kind: 'per_person', people: ['Maya', 'Jonas'] });
});
afterAll(async () => {
  await cast.close();
  await browser.close();
  await meeting.close();
});
beforeEach(async () => {
  meeting.reset({});
  folder = await mkdtemp(join(tmpdir(), 'recording-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Sent {
  metadata: PartMetadata;
  bytes: Buffer;
}

async function makeRecording(
  sent: Sent[],
  { partMs, log = logger }: { partMs?: number; log?: Logger } = {},
) {
  const parts = await PartSpool.open(folder);
  const api = { putRecordingPart: async (part: Sent) => Promise.resolve(sent.push(part)) };
  const uploader = new PartUploader({ parts, api, logger });
  const clock = { nowMs: () => Date.now() };
  const options = { parts, uploader, clock, logger: log, ...(partMs !== undefined && { partMs }) };
  return { parts, uploader, recording: new MeetingRecording(options) };
}

/** How every WebM stream begins. */
const EBML = '1a45dfa3';

/** The parts by the streams that they are of. */
function splitStreams(sent: readonly Sent[]): Sent[][] {
  const begins = ({ bytes }: Sent) => bytes.toString('hex', 0, 4) === EBML;
  return sent.reduce<Sent[][]>((streams, part) => {
    if (begins(part)) return [...streams, [part]];
    streams.at(-1)?.push(part);
    return streams;
  }, []);
}

/** How loud each tenth of a second of a stream is, and when it began. */
async function listenTo(stream: readonly Sent[]) {
  const file = join(folder, 'stream.webm');
  await writeFile(file, Buffer.concat(stream.map(({ bytes }) => bytes)));
  return { levels: measureLoudness(file), startMs: stream[0]?.metadata.startAtMs ?? 0 };
}

async function openPage(recording: MeetingRecording): Promise<Page> {
  const page = await browser.newPage();
  await recording.install(page);
  await page.goto(meeting.url);
  await meeting.waitForEvent('sound-connected');
  return page;
}

/** Resolves when it holds, or after half a minute. */
async function until(page: Page, holds: () => boolean | Promise<boolean>): Promise<void> {
  const tooLong = AbortSignal.timeout(30_000);
  while (!tooLong.aborted && !(await holds())) await page.waitForTimeout(100);
}

const passes = (page: Page, momentMs: number) =>
  page.waitForFunction((moment) => Date.now() > moment, momentMs, { timeout: 60_000 });

describe('a recording', () => {
  test('has everybody’s voice where it was, in parts that follow one another', async () => {
    const sent: Sent[] = [];
    const { uploader, recording } = await makeRecording(sent);
    const page = await openPage(recording);
    recording.start();
    const [maya, jonas] = readStandup();
    if (!maya || !jonas) throw new Error('Expected two lines in the stand-up');
    const turns = await cast.say([
      { ...maya, atMs: 1_000, toMs: maya.fromMs + 3_000 },
      { ...jonas, atMs: 8_000, toMs: jonas.fromMs + 4_000 },
    ]);
    const [first, second] = turns;
    await passes(page, (second?.endMs ?? 0) + 1_500);
    await recording.stop();
    await uploader.drain(AbortSignal.timeout(5_000));
    await page.close();

    expect(sent.map(({ metadata }) => metadata.seq)).toEqual(sent.map((_, index) => index + 1));
    expect(sent.length).toBeGreaterThanOrEqual(2);
    for (const [index, { metadata }] of sent.entries()) {
      expect(metadata.endAtMs - metadata.startAtMs).toBeLessThan(15_000);
      if (index > 0) expect(metadata.startAtMs).toBe(sent[index - 1]?.metadata.endAtMs);
    }
    const { levels, startMs } = await listenTo(sent);
    const loudShare = (fromMs: number, toMs: number) => {
      const during = levels.slice(Math.ceil((fromMs - startMs) / 100), (toMs - startMs) / 100);
      return during.filter((level) => level > 0.01).length / during.length;
    };
    expect(loudShare(first?.startMs ?? 0, first?.endMs ?? 0)).toBeGreaterThan(0.6);
    expect(loudShare((first?.endMs ?? 0) + 500, (second?.startMs ?? 0) - 200)).toBeLessThan(0.1);
    expect(loudShare(second?.startMs ?? 0, second?.endMs ?? 0)).toBeGreaterThan(0.6);
  });

  test('finds the call in a frame of Zoom’s page whose sound comes after the bot is in', async () => {
    const zoom = await startZoomMeeting();
    const people = [{ key: 'Maya', id: 16779264, name: 'Maya', isHost: true }];
    zoom.reset(makeZoomState({ framing: 'iframe', sound: 'web_audio', people }));
    const sent: Sent[] = [];
    const { uploader, recording } = await makeRecording(sent, { partMs: 300 });
    const page = await browser.newPage({ locale: 'en-US' });
    const platform = createZoomPlatform();
    await recording.install(page, platform.sound);
    const request = { botName: 'Notes', passcode: null, joinToken: null, isSignedIn: false };
    await platform.join(page, { ...request, url: `${zoom.url}/j/87617459756?pwd=abc` });
    const isLoud = async () => {
      const stream = splitStreams(sent).at(-1) ?? [];
      if (stream.length < 3) return false;
      const { levels } = await listenTo(stream);
      return levels.filter((level) => level > 0.01).length > levels.length / 2;
    };
    recording.start();
    await until(page, () => sent.length > 0);
    await until(page, async () => (await platform.observe(page)) && isLoud());
    expect(await isLoud()).toBe(true);
    // what was recorded of the page around it, before
    expect(splitStreams(sent)).toHaveLength(2);
    await recording.stop();
    await uploader.drain(AbortSignal.timeout(5_000));
    await page.close();
    await zoom.close();
  });

  test('goes on, as a stream of its own, when the page is loaded anew', async () => {
    const sent: Sent[] = [];
    const { uploader, recording } = await makeRecording(sent, { partMs: 300 });
    const page = await openPage(recording);
    recording.start();
    const [maya] = readStandup();
    if (!maya) throw new Error('Expected a line in the stand-up');
    await until(page, () => sent.length > 0);
    await page.reload();
    await meeting.waitForEvent('sound-connected');
    const [turn] = await cast.say([{ ...maya, atMs: 1_500, toMs: maya.fromMs + 2_000 }]);
    await passes(page, turn?.endMs ?? 0);
    await recording.stop();
    await uploader.drain(AbortSignal.timeout(5_000));
    await page.close();

    const streams = splitStreams(sent);
    expect(streams).toHaveLength(2);
    const { levels, startMs } = await listenTo(streams[1] ?? []);
    const during = levels.slice(
      Math.ceil(((turn?.startMs ?? 0) - startMs) / 100),
      ((turn?.endMs ?? 0) - startMs) / 100,
    );
    expect(during.filter((level) => level > 0.01).length / during.length).toBeGreaterThan(0.4);
  });

  test('begins anew when its recorder tells nothing, and says so', async () => {
    const sent: Sent[] = [];
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const { uploader, recording } = await makeRecording(sent, { partMs: 300, log });
    const page = await browser.newPage();
    await recording.install(page);
    await page.addInitScript(() => {
      let recorders = 0;
      const { start } = MediaRecorder.prototype;
      MediaRecorder.prototype.start = function (timeslice) {
        recorders += 1;
        return recorders === 1 ? start.call(this) : start.call(this, timeslice);
      };
    });
    await page.goto(meeting.url);
    recording.start();
    await until(page, () => (splitStreams(sent)[1]?.length ?? 0) > 1);
    await recording.stop();
    await uploader.drain(AbortSignal.timeout(5_000));
    await page.close();
    expect(splitStreams(sent)).toHaveLength(2);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { problem: 'no part', msg: 'recording begins anew' },
    ]);
  });

  test('of a page that crashed ends without waiting for it', async () => {
    const { recording } = await makeRecording([]);
    const page = await openPage(recording);
    recording.start();
    await page.close();
    await expect(recording.stop()).resolves.toBeUndefined();
  });
});

describe('parts on disk', () => {
  const span = { startAtMs: 1, endAtMs: 2 };

  test('are sent by the next process when theirs died', async () => {
    const before = await PartSpool.open(folder);
    await before.add(Buffer.from('one'), span);
    await before.add(Buffer.from('two'), span);
    const sent: Sent[] = [];
    const { parts, uploader } = await makeRecording(sent);
    await uploader.drain(AbortSignal.timeout(5_000));
    expect(sent.map(({ bytes }) => bytes.toString())).toEqual(['one', 'two']);
    expect(await parts.list()).toEqual([]);
    const later = await PartSpool.open(folder);
    expect(await later.add(Buffer.from('three'), span)).toBe(3);
  });

  test('stay in order while one is tried again, and go on after one that is refused', async () => {
    const parts = await PartSpool.open(folder);
    for (const text of ['one', 'two', 'three']) await parts.add(Buffer.from(text), span);
    const taken: number[] = [];
    let tries = 0;
    const putRecordingPart = async ({ metadata }: Sent) => {
      tries += 1;
      if (tries === 1) throw new Error('the disk was busy');
      if (metadata.seq === 2) throw new RefusedError(413, 'payload_too_large');
      return Promise.resolve(taken.push(metadata.seq));
    };
    const uploader = new PartUploader({ parts, api: { putRecordingPart }, logger });
    await uploader.drain(AbortSignal.timeout(10_000));
    expect(taken).toEqual([1, 3]);
    expect(await parts.list()).toEqual([]);
  });
});
