import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { FakeBotApi } from '../../test/fake-bot-api';
import { createApiClient } from './api/api-client';
import { MeetingRecorder, type SoundOfPage } from './meeting-recorder';
import { Spool } from './spool/spool';
import { Uploader } from './spool/uploader';

const logger = pino({ level: 'silent' });
const never = new AbortController().signal;
const BLOCK_MS = 100;
const ORIGIN_MS = 1_767_258_000_000;
/** The recorder looks twice a second of its own time; its clock may run faster. */
const HURRIED = 20;

let folder: string;
let api: FakeBotApi;
let uploader: Uploader;
let recorder: MeetingRecorder;
let onCaptureFailed: jest.Mock;
let nowMs: () => number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recorder-'));
  api = new FakeBotApi({ joinUrl: 'https://example.com' });
  api.clockOriginMs = ORIGIN_MS;
});
afterEach(async () => {
  await recorder.close();
  await recorder.idle();
  await uploader.drain(never);
  await api.stop();
  await rm(folder, { recursive: true, force: true });
  expect(api.violations).toEqual([]);
});

async function record(clock: () => number, page: SoundOfPage) {
  const client = createApiClient({ apiUrl: await api.start(), token: api.token, logger });
  const spool = await Spool.open(folder);
  uploader = new Uploader({ spool, api: client, logger, onSuperseded: () => undefined });
  uploader.start(ORIGIN_MS);
  onCaptureFailed = jest.fn();
  nowMs = clock;
  recorder = new MeetingRecorder({
    spool,
    clock: { nowMs },
    api: client,
    createDetector: () => ({
      isSpeech: (frame) => frame.some((sample) => sample !== 0),
      close: () => undefined,
    }),
    onChunk: (entry) => uploader.enqueue(entry),
    onCaptureFailed,
    logger,
  });
  recorder.attach(page);
}

interface HeardSound {
  level: number;
  owner?: string;
  isDoubtful?: boolean;
}

/** A clock that the test turns, and sound that arrives as it turns. */
async function recordByHand(tracks: SoundOfPage['tracks'], options = { isStarted: true }) {
  let atMs = ORIGIN_MS;
  await record(() => atMs, { tracks, rehear: () => Promise.resolve() });
  if (options.isStarted) recorder.start();
  const hear = (lengthMs: number, options: HeardSound) => {
    for (const endMs = atMs + lengthMs; atMs < endMs;) {
      const pcm = Buffer.from(new Int16Array(BLOCK_MS * 16).fill(options.level).buffer);
      atMs += BLOCK_MS;
      recorder.hear({
        kind: 'audio',
        track: 'page-1',
        owner: options.owner ?? null,
        isDoubtful: options.isDoubtful ?? false,
        captureMs: atMs - BLOCK_MS - ORIGIN_MS,
        sampleCount: BLOCK_MS * 16,
        ...(options.level !== 0 && { pcm: pcm.toString('base64') }),
      });
    }
  };
  const finish = async () => {
    await recorder.close();
    await uploader.drain(never);
    await recorder.idle();
  };
  return { hear, finish };
}

const sources = (...numbers: number[]) =>
  recorder.hear({ kind: 'sources', track: 'page-1', sources: numbers });
const speaking = (...keys: string[]) => recorder.hear({ kind: 'speaking', keys });

const lastSpeakers = (...keys: string[]) => recorder.hear({ kind: 'last_speakers', keys });

const endTrack = (isRepetition: boolean) =>
  recorder.hear({ kind: 'track_ended', track: 'page-1', isRepetition });

describe('sound that may repeat another track', () => {
  const times = () =>
    api.chunks.map(({ capturedAtMs, startMs, endMs, spans }) => ({
      ...{ startMs: capturedAtMs - ORIGIN_MS, lengthMs: endMs - startMs, spans },
    }));

  test('is kept with its own times until it is known to be no repetition', async () => {
    const { hear, finish } = await recordByHand('mixed');
    sources(71);
    hear(2_000, { level: 900, isDoubtful: true });
    sources();
    hear(10_000, { level: 0, isDoubtful: true });
    expect(api.chunks).toEqual([]);
    hear(1_000, { level: 0 });
    await finish();
    expect(times()).toEqual([
      {
        startMs: 0,
        lengthMs: 2_400,
        spans: [{ source: 'csrc-71', startMs: 0, endMs: 1_600 }],
      },
    ]);
  });

  test.each([
    ['is forgotten when it was one', true, 0],
    ['is kept when its track ends for another reason', false, 1],
  ])('%s', async (_, isRepetition, chunks) => {
    const { hear, finish } = await recordByHand('mixed');
    hear(2_000, { level: 900, isDoubtful: true });
    endTrack(isRepetition);
    await finish();
    expect(api.chunks).toHaveLength(chunks);
  });

  test('is kept when the bot leaves before it is known', async () => {
    const { hear, finish } = await recordByHand('mixed');
    hear(2_000, { level: 900, isDoubtful: true });
    await finish();
    expect(api.chunks).toHaveLength(1);
  });
});

describe('a recorder of mixed sound', () => {
  test('sends each piece with who spoke when, and who a source turned out to be', async () => {
    const { hear, finish } = await recordByHand('mixed');
    sources(71);
    speaking('maya');
    hear(3_000, { level: 900 });
    sources(72);
    speaking();
    hear(1_400, { level: 900 });
    hear(1_000, { level: 0 });
    await finish();
    expect(api.chunks.map(({ participant, spans }) => ({ participant, spans }))).toEqual([
      {
        participant: null,
        spans: [
          { source: 'csrc-71', startMs: 0, endMs: 2_600 },
          { source: 'csrc-72', startMs: 2_950, endMs: 4_800 },
        ],
      },
    ]);
    expect(api.bindings).toEqual([{ source: 'csrc-71', participantKey: 'maya' }]);
  });

  test('knows who was speaking already when the recording began, and keeps nothing from before', async () => {
    const { hear, finish } = await recordByHand('mixed', { isStarted: false });
    sources(71);
    hear(2_000, { level: 900 });
    recorder.start();
    hear(2_000, { level: 900 });
    hear(1_000, { level: 0 });
    await finish();
    expect(api.chunks).toMatchObject([
      { startMs: 2_000, spans: [{ source: 'csrc-71', startMs: 0, endMs: 2_400 }] },
    ]);
  });

  test('names nobody by a mark that stays on the last speaker', async () => {
    const { hear, finish } = await recordByHand('mixed');
    lastSpeakers('maya');
    hear(2_000, { level: 900 });
    hear(1_000, { level: 0 });
    lastSpeakers('jonas');
    hear(2_000, { level: 900 });
    hear(1_000, { level: 0 });
    await finish();
    expect(api.chunks.map(({ participant, spans }) => ({ participant, spans }))).toEqual([
      { participant: null, spans: null },
      { participant: null, spans: null },
    ]);
    expect(api.bindings).toEqual([]);
  });

  test('takes the bot’s own sign for nobody', async () => {
    const { hear, finish } = await recordByHand('mixed');
    recorder.notePeople([
      { key: 'notes', name: 'Notes', isHost: false, isSelf: true },
      { key: 'maya', name: 'Maya', isHost: true, isSelf: false },
    ]);
    speaking('notes');
    hear(2_000, { level: 900 });
    hear(1_000, { level: 0 });
    await finish();
    expect(api.chunks.map(({ spans }) => spans)).toEqual([null]);
  });
});

describe('a recorder of each person’s sound', () => {
  test('corrects the pieces that went out before it was known whose they are', async () => {
    const { hear, finish } = await recordByHand('per_participant');
    hear(2_000, { level: 900 });
    hear(1_000, { level: 0 });
    // The first piece is on disk, and so its attribution decided, before the name is known.
    await api.waitUntil(({ chunks }) => chunks.length === 1);
    hear(2_000, { level: 900, owner: 'maya' });
    hear(1_000, { level: 0, owner: 'maya' });
    await finish();
    const [first, second] = api.chunks;
    const source = String(first?.spans?.[0]?.source);
    expect(first).toMatchObject({ participant: null, spans: [{ source, startMs: 0 }] });
    expect(second).toMatchObject({ participant: 'maya', spans: null });
    expect(api.bindings).toEqual([{ source, participantKey: 'maya' }]);
  });

  test('counts what it heard and what was wrong with it', async () => {
    const { hear } = await recordByHand('per_participant');
    speaking('maya');
    hear(1_000, { level: 900, owner: 'maya' });
    hear(700, { level: 0, owner: 'maya' });
    hear(100, { level: 32_767, owner: 'maya' });
    expect(recorder.counters).toEqual({ heardMs: 1_100, zeroRunMs: 700, clippedSamples: 1_600 });
    expect(recorder.lastSpeechAtMs).toBe(nowMs());
  });
});

describe('a recorder that hears nothing while people speak', () => {
  const hurriedMs = () => ORIGIN_MS + performance.now() * HURRIED;
  let timer: NodeJS.Timeout;
  afterEach(() => clearInterval(timer));

  /** Somebody else is shown as speaking each time. */
  function keepSpeaking(show = speaking) {
    let turn = 0;
    timer = setInterval(() => show(`person-${(turn += 1)}`), 100);
  }

  test.each([
    ['shows who speaks', speaking],
    ['marks who spoke last', lastSpeakers],
  ])(
    'hears a page that %s anew three times, then gives up, and tells what it missed',
    async (_, show) => {
      let rehearings = 0;
      const rehear = () => Promise.resolve(void (rehearings += 1));
      await record(hurriedMs, { tracks: 'mixed', rehear });
      recorder.start();
      keepSpeaking(show);
      await new Promise<void>((resolve) => onCaptureFailed.mockImplementation(resolve));
      expect(rehearings).toBe(3);
      clearInterval(timer);
      await recorder.close();
      await recorder.idle();
      expect(api.gaps).toMatchObject([{ reason: 'silent_capture' }]);
    },
  );

  test('is content while the mark stays on the last speaker', async () => {
    const { hear } = await recordByHand('per_participant');
    lastSpeakers('maya');
    lastSpeakers('jonas');
    expect(recorder.lastSpeechAtMs).toBe(nowMs());
    hear(60_000, { level: 0, owner: 'maya' });
    lastSpeakers('jonas');
    expect(recorder.lastSpeechAtMs).toBe(ORIGIN_MS);
    expect(recorder.counters.zeroRunMs).toBe(0);
  });

  test('tells the gap once there is sound again', async () => {
    const rehear = () => {
      const pcm = Buffer.from(new Int16Array(1_600).fill(900).buffer).toString('base64');
      const block = { owner: null, isDoubtful: false, captureMs: 0, sampleCount: 1_600, pcm };
      recorder.hear({ kind: 'audio', track: 'page-2', ...block });
      return Promise.resolve();
    };
    await record(hurriedMs, { tracks: 'mixed', rehear });
    recorder.start();
    keepSpeaking();
    await api.waitUntil(({ gaps }) => gaps.length > 0);
    const [gap] = api.gaps;
    expect(Number(gap?.endAtMs) - Number(gap?.startAtMs)).toBeGreaterThanOrEqual(20_000);
    expect(onCaptureFailed).not.toHaveBeenCalled();
  });
});
