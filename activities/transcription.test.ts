import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Segment } from '../domain/segment';
import { AudioNotFoundError } from '../infra/audio-store';
import type { Attempt } from '../infra/database/attempts';
import { closeIntake, countChunks, insertChunk, type NewChunk } from '../infra/database/chunks';
import type { Database } from '../infra/database/client';
import { readSegments } from '../infra/database/events';
import { markMeetingDeleted } from '../infra/database/meetings';
import { recordParticipants } from '../infra/database/participants';
import { bindSources } from '../infra/database/sound-sources';
import type { Doorbell } from '../infra/doorbell';
import { createRunPodClient } from '../infra/runpod/client';
import type { WhisperInput } from '../infra/runpod/contract';
import { insertAttempt, insertMeeting, makeChunk, openTestDatabase } from '../test/records';
import { forwardTo, startRunPodCloud, type RunPodCloud } from '../test/runpod-cloud/server';
import { getWhisperUrl } from '../test/whisper-url';
import { createChunkFeed, type ChunkFeed } from './chunk-feed';
import type { TranscriptionDeps, TranscriptionProgress } from './meeting-transcriber';
import { createTranscriptionActivities } from './transcription';
import { createTranscriptionMetrics } from './transcription-metrics';

let db: Database;
let closeDatabase: () => Promise<void>;
beforeAll(async () => {
  ({ db, close: closeDatabase } = await openTestDatabase());
});
afterAll(() => closeDatabase());

type Answer = Record<string, unknown>;

/** What Whisper hears in a chunk whose bytes are `text`. */
function speak(text: string): Answer {
  return {
    segments: [
      {
        start: 0.2,
        end: 0.8,
        text: ` ${text}`,
        avg_logprob: -0.1,
        compression_ratio: 1,
        no_speech_prob: 0,
      },
    ],
    detected_language: 'en',
    word_timestamps: [{ word: ` ${text}`, start: 0.2, end: 0.8, probability: 0.9 }],
  };
}

const textOf = (input: unknown): string =>
  Buffer.from((input as WhisperInput).audio_base64, 'base64').toString();
/** Jobs that end when the test says so. */
function makeHeldWorker() {
  const held: { text: string; answer: (answer?: Answer) => void }[] = [];
  const worker = (input: unknown): Promise<Answer> =>
    new Promise((resolve) => {
      const text = textOf(input);
      held.push({ text, answer: (answer = speak(text)) => resolve(answer) });
      changed();
    });
  let changed = (): void => {};
  /** Resolves when at least `count` jobs have come. */
  const reached = (count: number): Promise<void> =>
    new Promise((resolve) => {
      changed = () => held.length >= count && resolve();
      changed();
    });
  return { worker, held, reached };
}

/** A doorbell within this process. */
function makeDoorbell(): Pick<Doorbell, 'ring' | 'listen'> {
  const listeners: [string, (meetingId: number) => void][] = [];
  return {
    ring(channel, meetingId) {
      for (const [name, listener] of listeners) if (name === channel) listener(meetingId);
    },
    listen(channel, listener) {
      listeners.push([channel, listener]);
      return () => undefined;
    },
  };
}

interface Started {
  cloud: RunPodCloud;
  feed: ChunkFeed;
  doorbell: ReturnType<typeof makeDoorbell>;
  activities: ReturnType<typeof createTranscriptionActivities>;
  audio: Map<string, Buffer>;
  registry: Registry;
}

let started: Started[] = [];
afterEach(async () => {
  for (const { cloud, feed } of started) {
    feed.close();
    await cloud.close();
  }
  started = [];
});

interface StartOptions extends Partial<TranscriptionDeps> {
  worker?: (input: unknown) => Promise<Answer>;
  maxWorkers?: number;
  apiKey?: string;
  pollIntervalMs?: number;
  audio?: Map<string, Buffer>;
}

async function start(options: StartOptions = {}): Promise<Started> {
  const worker = options.worker ?? ((input) => Promise.resolve(speak(textOf(input))));
  const cloud = await startRunPodCloud({ worker, maxWorkers: options.maxWorkers ?? 100 });
  const doorbell = makeDoorbell();
  const audio = options.audio ?? new Map<string, Buffer>();
  const logger = pino({ level: 'silent' });
  const registry = new Registry();
  const feed = createChunkFeed({
    db,
    doorbell,
    logger,
    pollIntervalMs: options.pollIntervalMs ?? 3_600_000,
  });
  const activities = createTranscriptionActivities({
    db,
    feed,
    doorbell,
    logger,
    metrics: createTranscriptionMetrics(registry),
    whisper: createRunPodClient({
      baseUrl: cloud.url,
      apiKey: options.apiKey ?? cloud.apiKey,
      pollDelaysMs: [1],
    }),
    audioStore: {
      get: (key) => {
        const bytes = audio.get(key);
        return bytes ? Promise.resolve(bytes) : Promise.reject(new AudioNotFoundError(key));
      },
    },
    concurrency: 50,
    ...options,
  });
  const result = { cloud, feed, doorbell, activities, audio, registry };
  started.push(result);
  return result;
}

interface Meeting {
  meetingId: number;
  userId: number;
  attempt: Attempt;
}

async function makeMeeting(): Promise<Meeting> {
  const { meetingId, userId } = await insertMeeting(db);
  return { meetingId, userId, attempt: await insertAttempt(db, meetingId) };
}

/** Accepts a chunk whose bytes are its text. */
async function addChunk(
  { audio, doorbell }: Pick<Started, 'audio' | 'doorbell'>,
  meeting: Meeting,
  given: Partial<NewChunk> & { seq: number; text?: string | Buffer },
): Promise<void> {
  const { text = `Sentence ${given.seq}.`, ...overrides } = given;
  const chunk = makeChunk(meeting.attempt, overrides);
  audio.set(chunk.objectKey, Buffer.from(text));
  expect(await insertChunk(db, chunk)).toMatchObject({ kind: 'accepted' });
  doorbell.ring('chunks', meeting.meetingId);
}

async function close({ doorbell }: Started, { meetingId }: Meeting): Promise<void> {
  await closeIntake(db, meetingId);
  doorbell.ring('intake', meetingId);
}

/** Runs one attempt of the activity. */
function run(
  { activities }: Started,
  { meetingId }: Meeting,
  heartbeatDetails?: unknown,
): { result: Promise<unknown>; env: MockActivityEnvironment; beats: TranscriptionProgress[] } {
  // The SDK logs each failed attempt, and failures are what many of these tests are about.
  const logger = new DefaultLogger('ERROR', () => undefined);
  const env = new MockActivityEnvironment({ heartbeatDetails }, { logger });
  const beats: TranscriptionProgress[] = [];
  env.on('heartbeat', (details: TranscriptionProgress) => beats.push(details));
  const result = env.run(activities.transcribeMeeting, { meetingId, version: 1 });
  return { result, env, beats };
}

async function readTranscript({ meetingId }: Meeting): Promise<Segment[]> {
  const events = await readSegments(db, { meetingId, after: 0, version: 1 }, 1_000);
  return events.flatMap(({ event }) => (event.type === 'segment' ? [event.segment] : []));
}

const readTexts = async (meeting: Meeting): Promise<string[]> =>
  (await readTranscript(meeting)).map(({ text }) => text);

async function readReasons({ meetingId }: Meeting): Promise<(string | null)[]> {
  const chunks = await db.prisma.audioChunk.findMany({
    where: { meetingId },
    orderBy: { id: 'asc' },
  });
  return chunks.map(({ failureReason }) => failureReason);
}

/** Resolves when the meeting has a segment with this text; looks at each ring for readers. */
function waitForText({ doorbell }: Started, meeting: Meeting, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      readTexts(meeting).then((texts) => {
        if (texts.includes(text)) resolve();
      }, reject);
    };
    doorbell.listen('meeting', look);
    look();
  });
}

/** Resolves when a heartbeat has told a resumable job. */
function waitForJob(env: MockActivityEnvironment, beats: TranscriptionProgress[]): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (Object.keys(beats.at(-1)?.jobs ?? {}).length > 0) resolve();
    };
    env.on('heartbeat', look);
    look();
  });
}

async function failureOf(result: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApplicationFailure) return error;
  throw new Error('Expected an ApplicationFailure', { cause: error });
}

describe('transcribeMeeting', () => {
  test('writes the words of every pending chunk on the meeting’s clock and returns the counts', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    for (const seq of [1, 2, 3]) await addChunk(stack, meeting, { seq });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 3, failed: 0 });
    const transcript = await readTranscript(meeting);
    expect(transcript.map(({ startMs, text }) => [startMs, text]).sort()).toEqual([
      [1_200, 'Sentence 1.'],
      [2_200, 'Sentence 2.'],
      [3_200, 'Sentence 3.'],
    ]);
    expect(transcript[0]?.words).toHaveLength(1);
  });

  test('returns at once for a meeting without chunks', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 0, failed: 0 });
  });

  test('takes chunks that arrive while it runs, until the intake is closed', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    const { result } = run(stack, meeting);
    await addChunk(stack, meeting, { seq: 1 });
    await waitForText(stack, meeting, 'Sentence 1.');
    await addChunk(stack, meeting, { seq: 2 });
    await waitForText(stack, meeting, 'Sentence 2.');
    await close(stack, meeting);
    await expect(result).resolves.toEqual({ done: 2, failed: 0 });
  });

  test('finds chunks and a closed intake by looking when no ring arrives', async () => {
    const stack = await start({ pollIntervalMs: 5 });
    const deaf = { ...stack, doorbell: makeDoorbell() };
    const meeting = await makeMeeting();
    const { result } = run(stack, meeting);
    await addChunk(deaf, meeting, { seq: 1 });
    await close(deaf, meeting);
    await expect(result).resolves.toEqual({ done: 1, failed: 0 });
  });

  test('transcribes a long inbox to its end, in the order of arrival', async () => {
    const stack = await start({ windowPerMeeting: 1 });
    const meeting = await makeMeeting();
    const seqs = Array.from({ length: 40 }, (_, index) => index + 1);
    for (const seq of seqs) await addChunk(stack, meeting, { seq });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 40, failed: 0 });
    await expect(readTexts(meeting)).resolves.toEqual(seqs.map((seq) => `Sentence ${seq}.`));
  });

  test('has at most a window of one meeting’s chunks in flight', async () => {
    const { worker, held, reached } = makeHeldWorker();
    const stack = await start({ worker, windowPerMeeting: 2 });
    const meeting = await makeMeeting();
    for (const seq of [1, 2, 3]) await addChunk(stack, meeting, { seq });
    await close(stack, meeting);
    const { result } = run(stack, meeting);
    await reached(2);
    expect(held.map(({ text }) => text).sort()).toEqual(['Sentence 1.', 'Sentence 2.']);
    held[0]?.answer();
    await reached(3);
    held.forEach(({ answer }) => answer());
    await expect(result).resolves.toEqual({ done: 3, failed: 0 });
  });

  test('keeps to the limit of the process over all its meetings', async () => {
    const { worker, held, reached } = makeHeldWorker();
    const stack = await start({ worker, concurrency: 1 });
    const meetings = [await makeMeeting(), await makeMeeting()];
    for (const meeting of meetings) {
      await addChunk(stack, meeting, { seq: 1 });
      await close(stack, meeting);
    }
    const results = meetings.map((meeting) => run(stack, meeting).result);
    await reached(1);
    expect(held).toHaveLength(1);
    held[0]?.answer();
    await reached(2);
    held[1]?.answer();
    await expect(Promise.all(results)).resolves.toHaveLength(2);
  });

  test('writes each chunk once when two workers transcribe the same meeting', async () => {
    const audio = new Map<string, Buffer>();
    const stacks = [await start({ audio }), await start({ audio })] as const;
    const meeting = await makeMeeting();
    for (const seq of [1, 2, 3, 4, 5]) await addChunk(stacks[0], meeting, { seq });
    await close(stacks[0], meeting);
    const counts = await Promise.all(stacks.map((stack) => run(stack, meeting).result));
    expect(counts).toEqual([
      { done: 5, failed: 0 },
      { done: 5, failed: 0 },
    ]);
    await expect(readTexts(meeting)).resolves.toHaveLength(5);
  });

  test('finishes a chunk of silence without text and counts what was dropped', async () => {
    const silence = { ...speak('Thank you.') };
    silence['segments'] = [
      { start: 0, end: 1, text: ' Thank you.', avg_logprob: -1.5, no_speech_prob: 0.9 },
    ];
    const stack = await start({ worker: () => Promise.resolve(silence) });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 0 });
    await expect(readTexts(meeting)).resolves.toEqual([]);
    expect(await stack.registry.metrics()).toContain(
      'transcription_segments_dropped_total{cause="silence"} 1',
    );
  });

  test('asks for the configured model and the meeting’s language without its region', async () => {
    const stack = await start({ model: 'turbo' });
    const meeting = await makeMeeting();
    await db.prisma.meeting.update({
      where: { id: meeting.meetingId },
      data: { language: 'de-CH' },
    });
    await addChunk(stack, meeting, { seq: 1 });
    await close(stack, meeting);
    await run(stack, meeting).result;
    expect(stack.cloud.jobs[0]?.input).toMatchObject({
      model: 'turbo',
      language: 'de',
      word_timestamps: true,
      enable_vad: true,
    });
  });

  test('tells counts and nothing of what was said in its heartbeat', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await close(stack, meeting);
    const { result, beats } = run(stack, meeting, { done: 7, failed: 2 });
    await result;
    expect(beats.at(-1)).toEqual({
      done: 8,
      failed: 2,
      pending: 0,
      lagMs: 0,
      jobs: {},
      failuresInARow: 0,
    });
  });

  test('stops for good when the meeting is deleted', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await markMeetingDeleted(db, meeting);
    const failure = await failureOf(run(stack, meeting).result);
    expect(failure).toMatchObject({ type: 'MeetingDeleted', nonRetryable: true });
    expect(stack.cloud.jobs).toHaveLength(0);
  });
});

describe('transcribeMeeting, when a chunk is bad', () => {
  test('gives up audio that is not audio and goes on with the rest', async () => {
    const worker = (input: unknown): Promise<Answer> =>
      Promise.resolve(
        textOf(input) === 'noise'
          ? { error: 'audio could not be decoded: InvalidDataError' }
          : speak(textOf(input)),
      );
    const stack = await start({ worker });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1, text: 'noise' });
    await addChunk(stack, meeting, { seq: 2 });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 1 });
    await expect(readReasons(meeting)).resolves.toEqual(['bad_audio', null]);
  });

  test('gives up a chunk whose audio is gone', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    stack.audio.clear();
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 0, failed: 1 });
    await expect(readReasons(meeting)).resolves.toEqual(['audio_missing']);
  });

  test('gives up a chunk that failed in five attempts while Whisper was well', async () => {
    const worker = (input: unknown): Promise<Answer> =>
      Promise.resolve(textOf(input) === 'poison' ? { error: 'CUDA error' } : speak('Good.'));
    const stack = await start({ worker });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1, text: 'poison' });
    await addChunk(stack, meeting, { seq: 2 });
    await close(stack, meeting);
    for (const _ of [1, 2, 3, 4]) {
      const failure = await failureOf(run(stack, meeting).result);
      expect(failure).toMatchObject({ type: 'ChunkFailed', nonRetryable: false });
    }
    await expect(readReasons(meeting)).resolves.toEqual([null, null]);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 1 });
    await expect(readReasons(meeting)).resolves.toEqual(['worker_error', null]);
  });

  test('blames no chunk while Whisper fails on a second of silence too', async () => {
    const stack = await start({ worker: () => Promise.resolve({ error: 'CUDA error' }) });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    const failure = await failureOf(run(stack, meeting).result);
    expect(failure).toMatchObject({ type: 'WhisperUnavailable', nonRetryable: false });
    const chunk = await db.prisma.audioChunk.findFirst({ where: { meetingId: meeting.meetingId } });
    expect(chunk).toMatchObject({ status: 'pending', failedAttempts: 0 });
  });
});

describe('transcribeMeeting, when Whisper fails', () => {
  test.each([
    [401, 'WhisperUnauthorized', 60_000],
    [402, 'WhisperOutOfCredit', 60_000],
    [429, 'WhisperRateLimited', 30_000],
  ])('fails on HTTP %i as %s, to be tried again after %i ms', async (status, type, delayMs) => {
    const stack = await start();
    stack.cloud.refuse({ status, headers: { 'retry-after': '30' } });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await close(stack, meeting);
    const failure = await failureOf(run(stack, meeting).result);
    expect(failure).toMatchObject({ type, nonRetryable: false, nextRetryDelay: delayMs });
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 0 });
  });

  test('survives a short outage by quick tries', async () => {
    const stack = await start();
    stack.cloud.refuse({ status: 503, times: 2 });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 0 });
  });

  test('fails when Whisper stays away, and waits longer each time until a chunk goes through', async () => {
    const stack = await start();
    stack.cloud.refuse({ status: 503, times: 6 });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await close(stack, meeting);
    const first = run(stack, meeting);
    expect(await failureOf(first.result)).toMatchObject({ type: 'WhisperUnavailable' });
    expect(first.beats.at(-1)).toMatchObject({ failuresInARow: 1, done: 0 });
    const second = run(stack, meeting, first.beats.at(-1));
    await failureOf(second.result);
    expect(second.beats.at(-1)).toMatchObject({ failuresInARow: 2 });
    const third = run(stack, meeting, second.beats.at(-1));
    await expect(third.result).resolves.toEqual({ done: 1, failed: 0 });
    expect(third.beats.at(-1)).toMatchObject({ failuresInARow: 0, done: 1 });
  });

  test('gives up what has waited for more than a day, and only while Whisper fails', async () => {
    const stack = await start({ apiKey: 'wrong' });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await db.query(
      `UPDATE audio_chunks SET acknowledged_at = now() - interval '25 hours' WHERE meeting_id = $1`,
      [meeting.meetingId],
    );
    await addChunk(stack, meeting, { seq: 2 });
    await failureOf(run(stack, meeting).result);
    await expect(readReasons(meeting)).resolves.toEqual(['pending_too_long', null]);
    const { pending, failed } = await countChunks(db, meeting.meetingId);
    expect({ pending, failed }).toEqual({ pending: 1, failed: 1 });
  });
});

describe('transcribeMeeting, when it is interrupted', () => {
  const LONG = { seq: 1, startMs: 0, endMs: 90_000, text: 'A long story.' };

  test('hands over at once when the worker shuts down, with the chunk still pending', async () => {
    const { worker, reached } = makeHeldWorker();
    const stack = await start({ worker });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    const { result, env } = run(stack, meeting);
    await reached(1);
    env.cancel('WORKER_SHUTDOWN');
    const failure = await failureOf(result);
    expect(failure).toMatchObject({ type: 'WorkerShuttingDown', nonRetryable: false });
    expect(await countChunks(db, meeting.meetingId)).toMatchObject({ pending: 1, done: 0 });
  });

  test('resumes the job of a long chunk by its id instead of paying for another', async () => {
    const { worker, held } = makeHeldWorker();
    const stack = await start({ worker });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, LONG);
    await close(stack, meeting);
    const first = run(stack, meeting);
    await waitForJob(first.env, first.beats);
    first.env.cancel('WORKER_SHUTDOWN');
    await failureOf(first.result);
    const second = run(stack, meeting, first.beats.at(-1));
    held[0]?.answer();
    await expect(second.result).resolves.toEqual({ done: 1, failed: 0 });
    await expect(readTexts(meeting)).resolves.toEqual(['A long story.']);
    expect(stack.cloud.jobs).toHaveLength(1);
  });

  test('sends a long chunk again when its job is not known any more', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, LONG);
    await close(stack, meeting);
    const [chunk] = await db.prisma.audioChunk.findMany({
      where: { meetingId: meeting.meetingId },
    });
    const details = { jobs: { [String(chunk?.id)]: 'forgotten' } };
    await expect(run(stack, meeting, details).result).resolves.toEqual({ done: 1, failed: 0 });
    expect(stack.cloud.jobs).toHaveLength(1);
  });

  test('cancels its jobs when the transcription is cancelled', async () => {
    const stack = await start({ worker: makeHeldWorker().worker });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, LONG);
    const { result, env, beats } = run(stack, meeting);
    await waitForJob(env, beats);
    env.cancel('CANCELLED');
    await expect(result).rejects.toBeInstanceOf(CancelledFailure);
    expect(stack.cloud.jobs.map(({ status }) => status)).toEqual(['CANCELLED']);
  });
});

describe('transcribeMeeting, with the real worker', () => {
  /** A stretch of a 16 kHz mono 16-bit WAV as a WAV of its own. */
  function cutWav(name: string, startMs: number, endMs: number): Buffer {
    const wav = readFileSync(path.join(__dirname, '../test/audio', name));
    const audio = wav.subarray(44 + startMs * 32, 44 + endMs * 32);
    const header = Buffer.from(wav.subarray(0, 44));
    header.writeUInt32LE(36 + audio.length, 4);
    header.writeUInt32LE(audio.length, 40);
    return Buffer.concat([header, audio]);
  }

  async function transcribe(stack: Started): Promise<Segment[]> {
    const meeting = await makeMeeting();
    const spans = [
      { seq: 1, startMs: 8_000, endMs: 14_900 },
      { seq: 2, startMs: 19_000, endMs: 24_400 },
    ];
    for (const span of spans) {
      const text = cutWav('standup-jonas.wav', span.startMs, span.endMs);
      await addChunk(stack, meeting, { ...span, text });
    }
    await addChunk(stack, meeting, { seq: 3, text: 'this is not audio' });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 2, failed: 1 });
    await expect(readReasons(meeting)).resolves.toEqual([null, null, 'bad_audio']);
    return readTranscript(meeting);
  }

  function expectSpeech(transcript: Segment[]): void {
    const inOrder = [...transcript].sort((a, b) => a.startMs - b.startMs);
    const text = inOrder.map((segment) => segment.text).join(' ');
    expect(text).toMatch(/payment page is finished/i);
    expect(text).toMatch(/decided to release on Tuesday/i);
    const words = inOrder.flatMap((segment) => segment.words ?? []);
    const tuesday = words.find((word) => /tuesday/i.test(word.text));
    expect(tuesday?.startMs).toBeGreaterThan(20_000);
    expect(tuesday?.endMs).toBeLessThan(23_500);
    expect(words.every(({ confidence }) => confidence !== null && confidence > 0)).toBe(true);
  }

  test('hears real speech through the SDK’s local server', async () => {
    const whisper = createRunPodClient({ baseUrl: getWhisperUrl() });
    expectSpeech(await transcribe(await start({ whisper })));
  });

  test('hears real speech through the cloud’s API', async () => {
    expectSpeech(await transcribe(await start({ worker: forwardTo(getWhisperUrl()) })));
  });

  test('sends a long recording as a job to the SDK’s local server', async () => {
    const whisper = createRunPodClient({ baseUrl: getWhisperUrl() });
    const stack = await start({ whisper });
    const meeting = await makeMeeting();
    const text = cutWav('librivox.wav', 0, 24_000);
    await addChunk(stack, meeting, { seq: 1, startMs: 0, endMs: 61_000, text });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 0 });
    expect((await readTexts(meeting)).join(' ')).toMatch(/amiable/i);
  });

  test('gives each of two voices in one mix their own words', async () => {
    const from = { startMs: 1_000, endMs: 24_400 };
    const [maya, jonas] = ['standup-maya.wav', 'standup-jonas.wav'].map((name) =>
      cutWav(name, from.startMs, from.endMs),
    );
    if (!maya || !jonas) throw new Error('Expected two recordings');
    const mix = Buffer.from(maya);
    for (let at = 44; at < mix.length; at += 2) {
      const sum = maya.readInt16LE(at) + jonas.readInt16LE(at);
      mix.writeInt16LE(Math.min(Math.max(sum, -32_768), 32_767), at);
    }
    const standup = readFileSync(path.join(__dirname, '../test/audio/standup.json'), 'utf8');
    const { utterances } = JSON.parse(standup) as {
      utterances: { speaker: string; startMs: number; endMs: number }[];
    };
    const spans = utterances
      .filter(({ endMs }) => endMs < from.endMs)
      .map(({ speaker, startMs, endMs }) => ({
        source: speaker,
        startMs: startMs - from.startMs,
        endMs: endMs - from.startMs,
      }));
    const stack = await start({ whisper: createRunPodClient({ baseUrl: getWhisperUrl() }) });
    const meeting = await makeMeeting();
    for (const key of ['Maya', 'Jonas']) {
      const change = { key, name: key, change: 'joined' as const, atMs: 1 };
      await recordParticipants(db, meeting.attempt, [change]);
    }
    await addChunk(stack, meeting, { ...from, seq: 1, participantKey: null, spans, text: mix });
    await close(stack, meeting);
    await run(stack, meeting).result;
    const transcript = await readTranscript(meeting);
    const wordsOf = (name: string): string =>
      transcript.flatMap(({ speaker, text }) => (speaker?.name === name ? [text] : [])).join(' ');
    expect(wordsOf('Maya')).toMatch(/good morning.*payment page.*thank you.*new version/is);
    expect(wordsOf('Jonas')).toMatch(/security review.*thursday.*release on tuesday/is);
    expect(wordsOf('Maya')).not.toMatch(/security|tuesday/i);
    expect(wordsOf('Jonas')).not.toMatch(/morning|next week/i);
  });
});

describe('transcribeMeeting, with mixed sound', () => {
  const MIX = {
    seq: 1,
    participantKey: null,
    spans: [
      { source: 'csrc-1', startMs: 0, endMs: 450 },
      { source: 'csrc-2', startMs: 450, endMs: 900 },
    ],
  };
  const WORDS = ['Ready?', 'Yes,', 'I', 'am.'];
  const answer: Answer = {
    ...speak(WORDS.join(' ')),
    word_timestamps: WORDS.map((word, index) => ({
      word: ` ${word}`,
      start: index === 0 ? 0.2 : 0.4 + index * 0.1,
      end: index === 0 ? 0.45 : 0.5 + index * 0.1,
      probability: 0.9,
    })),
  };

  const readSpeakers = async (meeting: Meeting): Promise<[string, string | null][]> =>
    (await readTranscript(meeting))
      .map(({ text, speaker }): [string, string | null] => [text, speaker?.name ?? null])
      .sort();

  async function nameSource(meeting: Meeting, source: string, name: string): Promise<void> {
    const change = { key: name, name, change: 'joined' as const, atMs: 1 };
    await recordParticipants(db, meeting.attempt, [change]);
    await bindSources(db, meeting.attempt, [{ source, participantKey: name }]);
  }

  test('splits a chunk where its source changes, and names what is known before and after', async () => {
    const stack = await start({ worker: () => Promise.resolve(answer) });
    const meeting = await makeMeeting();
    await nameSource(meeting, 'csrc-1', 'Maya');
    await addChunk(stack, meeting, MIX);
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 0 });
    await expect(readSpeakers(meeting)).resolves.toEqual([
      ['Ready?', 'Maya'],
      ['Yes, I am.', null],
    ]);
    await nameSource(meeting, 'csrc-2', 'Jonas');
    await expect(readSpeakers(meeting)).resolves.toEqual([
      ['Ready?', 'Maya'],
      ['Yes, I am.', 'Jonas'],
    ]);
  });

  test('names nobody in a mix of which nothing is known', async () => {
    const stack = await start({ worker: () => Promise.resolve(answer) });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { ...MIX, spans: null });
    await close(stack, meeting);
    await run(stack, meeting).result;
    await expect(readSpeakers(meeting)).resolves.toEqual([['Ready? Yes, I am.', null]]);
  });

  test('neither loses nor repeats a segment when one worker is killed and two others go on', async () => {
    const { worker, held, reached } = makeHeldWorker();
    const audio = new Map<string, Buffer>();
    const killed = await start({ worker, audio });
    const meeting = await makeMeeting();
    for (const seq of [1, 2, 3, 4, 5, 6]) await addChunk(killed, meeting, { ...MIX, seq });
    const first = run(killed, meeting);
    await reached(4);
    held[0]?.answer(answer);
    await reached(5);
    first.env.cancel('WORKER_SHUTDOWN');
    await failureOf(first.result);
    const others = await Promise.all(
      [1, 2].map(() => start({ worker: () => Promise.resolve(answer), audio })),
    );
    for (const each of others) await close(each, meeting);
    await Promise.all([
      ...others.map((each) => run(each, meeting).result),
      nameSource(meeting, 'csrc-1', 'Maya'),
      nameSource(meeting, 'csrc-2', 'Jonas'),
    ]);
    await expect(readSpeakers(meeting)).resolves.toEqual([
      ...Array.from({ length: 6 }, () => ['Ready?', 'Maya']),
      ...Array.from({ length: 6 }, () => ['Yes, I am.', 'Jonas']),
    ]);
  });
});
