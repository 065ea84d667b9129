import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Segment } from '../domain/segment';
import { AudioNotFoundError } from '../infra/audio-store';
import type { Attempt } from '../infra/database/attempts';
import { insertChunk, type NewChunk } from '../infra/database/chunks';
import type { Database } from '../infra/database/client';
import { readSegments } from '../infra/database/events';
import type { Doorbell } from '../infra/doorbell';
import { closeIntake } from '../infra/database/intakes';
import { createRunPodClient } from '../infra/runpod/client';
import type { WhisperInput } from '../infra/runpod/contract';
import { createMemoryDoorbell } from './factories';
import { insertAttempt, insertMeeting, makeChunk, openTestDatabase } from './records';
import { startRunPodCloud, type RunPodCloud } from './runpod-cloud/server';
import { createChunkFeed, type ChunkFeed } from '../activities/chunk-feed';
import type { TranscriptionDeps, TranscriptionProgress } from '../activities/meeting-transcriber';
import { createTranscriptionActivities } from '../activities/transcription';
import { createTranscriptionMetrics } from '../activities/transcription-metrics';

/** The database that `useTranscription` has opened. */
export let db: Database;

export type Answer = Record<string, unknown>;

/** What Whisper hears in a chunk whose bytes are `text`. */
export function speak(text: string): Answer {
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

export const textOf = (input: unknown): string =>
  Buffer.from((input as WhisperInput).audio_base64, 'base64').toString();
/** Jobs that end when the test says so. */
export function makeHeldWorker() {
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

export interface Started {
  cloud: RunPodCloud;
  feed: ChunkFeed;
  doorbell: Pick<Doorbell, 'ring' | 'listen'>;
  activities: ReturnType<typeof createTranscriptionActivities>;
  audio: Map<string, Buffer>;
  registry: Registry;
}

let started: Started[] = [];

/** Opens the database of a test file, and closes what its tests start. */
export function useTranscription(): void {
  let closeDatabase: () => Promise<void>;
  beforeAll(async () => {
    ({ db, close: closeDatabase } = await openTestDatabase());
  });
  afterEach(async () => {
    for (const { cloud, feed } of started) {
      feed.close();
      await cloud.close();
    }
    started = [];
  });
  afterAll(() => closeDatabase());
}

interface StartOptions extends Partial<TranscriptionDeps> {
  worker?: (input: unknown) => Promise<Answer>;
  maxWorkers?: number;
  apiKey?: string;
  pollIntervalMs?: number;
  audio?: Map<string, Buffer>;
}

export async function start(options: StartOptions = {}): Promise<Started> {
  const worker = options.worker ?? ((input) => Promise.resolve(speak(textOf(input))));
  const cloud = await startRunPodCloud({ worker, maxWorkers: options.maxWorkers ?? 100 });
  const doorbell = createMemoryDoorbell();
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

export interface Meeting {
  meetingId: number;
  userId: number;
  attempt: Attempt;
}

export async function makeMeeting(): Promise<Meeting> {
  const { meetingId, userId } = await insertMeeting(db);
  return { meetingId, userId, attempt: await insertAttempt(db, meetingId) };
}

/** Accepts a chunk whose bytes are its text. */
export async function addChunk(
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

export async function close({ doorbell }: Started, { meetingId }: Meeting): Promise<void> {
  await closeIntake(db, meetingId);
  doorbell.ring('intake', meetingId);
}

/** Runs one attempt of the activity. */
export function run(
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

export async function readTranscript({ meetingId }: Meeting): Promise<Segment[]> {
  const events = await readSegments(db, { meetingId, after: 0, version: 1 }, 1_000);
  return events.flatMap(({ event }) => (event.type === 'segment' ? [event.segment] : []));
}

export const readTexts = async (meeting: Meeting): Promise<string[]> =>
  (await readTranscript(meeting)).map(({ text }) => text);

export async function readReasons({ meetingId }: Meeting): Promise<(string | null)[]> {
  const chunks = await db.prisma.audioChunk.findMany({
    where: { meetingId },
    orderBy: { id: 'asc' },
  });
  return chunks.map(({ failureReason }) => failureReason);
}

/** Resolves when the meeting has a segment with this text; looks at each ring for readers. */
export function waitForText({ doorbell }: Started, meeting: Meeting, text: string): Promise<void> {
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
export function waitForJob(
  env: MockActivityEnvironment,
  beats: TranscriptionProgress[],
): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (Object.keys(beats.at(-1)?.jobs ?? {}).length > 0) resolve();
    };
    env.on('heartbeat', look);
    look();
  });
}

export async function failureOf(result: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApplicationFailure) return error;
  throw new Error('Expected an ApplicationFailure', { cause: error });
}
