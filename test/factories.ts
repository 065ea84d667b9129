import { randomUUID } from 'node:crypto';
import { AudioNotFoundError, type AudioStore } from '../infra/audio-store';
import { beginAttempt, findAttempt } from '../infra/database/attempts';
import type { Database } from '../infra/database/client';
import { projectMeeting } from '../infra/database/meetings';
import type { Doorbell } from '../infra/doorbell';
import type { Carriers } from '../infra/schedules/carriers';
import type { CommandOutcome, MeetingClient } from '../infra/meeting-client';

/** An audio store in memory; `isDown` makes it refuse everything. */
export interface MemoryAudioStore extends AudioStore {
  objects: Map<string, Uint8Array>;
  isDown: boolean;
}

export function createMemoryAudioStore(): MemoryAudioStore {
  const objects = new Map<string, Uint8Array>();
  const use = async <Result>(work: () => Result): Promise<Result> => {
    await Promise.resolve();
    if (store.isDown) throw new Error('Expected a store that answers, got one that is down');
    return work();
  };
  const store: MemoryAudioStore = {
    objects,
    isDown: false,
    put: (key, bytes) => use(() => void objects.set(key, bytes)),
    get: (key) =>
      use(() => {
        const bytes = objects.get(key);
        if (!bytes) throw new AudioNotFoundError(`Expected an object under ${key}`);
        return bytes;
      }),
    getRange: async (key, start, end) => (await store.get(key)).slice(start, end + 1),
    delete: (key) => use(() => void objects.delete(key)),
    deletePrefix: (prefix) =>
      use(() =>
        [...objects.keys()].filter((key) => key.startsWith(prefix) && objects.delete(key)),
      ).then((deleted) => deleted.length),
    async *list(prefix) {
      yield* await use(() => [...objects.keys()].filter((key) => key.startsWith(prefix)));
    },
    check: () => use(() => undefined),
  };
  return store;
}

/** Doorbells within the process; `isConnected` can be switched off, and with it every ring. */
export interface MemoryDoorbell extends Doorbell {
  isDown: boolean;
}

export function createMemoryDoorbell(): MemoryDoorbell {
  const listeners = new Map<string, Set<(meetingId: number) => void>>();
  const bell: MemoryDoorbell = {
    isDown: false,
    ring(channel, meetingId) {
      if (bell.isDown) return;
      for (const listener of listeners.get(channel) ?? []) listener(meetingId);
    },
    listen(channel, listener) {
      const all = listeners.get(channel) ?? new Set();
      listeners.set(channel, all.add(listener));
      return () => all.delete(listener);
    },
    isConnected: () => !bell.isDown,
    close: () => Promise.resolve(),
  };
  return bell;
}

/** How the fake workflows answer: at once, by nobody yet, or not at all. */
export type TemporalMood = 'answers' | 'no_worker' | 'down';

export interface FakeMeetingClient extends MeetingClient {
  mood: TemporalMood;
  /** Intents that reached the workflow, each once. */
  intents: Set<string>;
  reports: { meetingId: number; attempt: number }[];
  analyses: { meetingId: number; run: number }[];
  transcripts: { meetingId: number; version: number }[];
  deletions: number[];
  userDeletions: number[];
  deliveries: number[];
  /** Meetings whose workflows were told to read their plan. */
  planned: number[];
  /** Meetings without a bot whose workflows were started. */
  hearings: number[];
}

/**
 * Stands in for Temporal: carries commands out on the database as `meetingWorkflow` and its
 * activities do, one bot per meeting, idempotent by intent.
 */
export function createFakeMeetingClient(db: Database): FakeMeetingClient {
  const requireUp = (): void => {
    if (fake.mood === 'down') throw new Error('Expected Temporal to answer, got nothing');
  };
  const fake: FakeMeetingClient = {
    mood: 'answers',
    intents: new Set(),
    reports: [],
    analyses: [],
    transcripts: [],
    deletions: [],
    userDeletions: [],
    deliveries: [],
    planned: [],
    hearings: [],
    async startBot({ meetingId, intentId }): Promise<CommandOutcome> {
      if (fake.mood === 'down') return { kind: 'pending' };
      fake.intents.add(intentId);
      if (fake.mood === 'no_worker') return { kind: 'sent' };
      const attempt = (await findRunning(db, meetingId)) ?? (await begin(db, meetingId));
      const state = { status: 'joining', botStatus: 'launching' } as const;
      await projectMeeting(db, { meetingId, decidedAtMs: Date.now(), ...state });
      return { kind: 'carried_out', result: { ...state, attempt } };
    },
    async planMeeting({ meetingId, intentId }): Promise<CommandOutcome> {
      if (fake.mood === 'down') return { kind: 'pending' };
      fake.intents.add(intentId);
      fake.planned.push(meetingId);
      if (fake.mood === 'no_worker') return { kind: 'sent' };
      const result = { status: 'scheduled', botStatus: 'none', attempt: null } as const;
      return Promise.resolve({ kind: 'carried_out', result });
    },
    async startWaiting({ meetingId }) {
      await Promise.resolve();
      requireUp();
      fake.planned.push(meetingId);
    },
    async startHearing({ meetingId }) {
      await Promise.resolve();
      requireUp();
      fake.hearings.push(meetingId);
    },
    async stopBot({ meetingId, intentId }): Promise<CommandOutcome> {
      if (fake.mood === 'down') return { kind: 'pending' };
      const attempt = await findRunning(db, meetingId);
      if (attempt === null) return { kind: 'not_running' };
      fake.intents.add(intentId);
      if (fake.mood === 'no_worker') return { kind: 'sent' };
      const state = { status: 'live', botStatus: 'leaving' } as const;
      await projectMeeting(db, { meetingId, decidedAtMs: Date.now(), ...state });
      return { kind: 'carried_out', result: { ...state, attempt } };
    },
    async botReported(report) {
      await Promise.resolve();
      requireUp();
      fake.reports.push(report);
    },
    async startAnalysis(analysis) {
      await Promise.resolve();
      requireUp();
      fake.analyses.push(analysis);
    },
    async startTranscript(transcript) {
      await Promise.resolve();
      requireUp();
      fake.transcripts.push(transcript);
    },
    async startDeletion(meetingId) {
      await Promise.resolve();
      requireUp();
      fake.deletions.push(meetingId);
    },
    async startUserDeletion(userId) {
      await Promise.resolve();
      requireUp();
      fake.userDeletions.push(userId);
    },
    async wakeDelivery(endpointId) {
      await Promise.resolve();
      requireUp();
      fake.deliveries.push(endpointId);
    },
    async check() {
      await Promise.resolve();
      requireUp();
    },
  };
  return fake;
}

/** Stands in for Temporal's Schedules: says yes while Temporal answers, and is down with it. */
export function createFakeCarriers(
  temporal: Pick<FakeMeetingClient, 'mood'>,
): Pick<Carriers, 'follow' | 'remove'> {
  const answer = async (): Promise<boolean> => {
    await Promise.resolve();
    if (temporal.mood === 'down') throw new Error('Expected Temporal to answer, got nothing');
    return true;
  };
  return { follow: answer, remove: answer };
}

async function findRunning(db: Database, meetingId: number): Promise<number | null> {
  const { rows } = await db.query<{ attempt: number }>(
    `SELECT attempt FROM bot_attempts WHERE meeting_id = $1 AND fenced_at IS NULL
       AND status NOT IN ('ended', 'failed') ORDER BY attempt DESC LIMIT 1`,
    [meetingId],
  );
  return rows[0]?.attempt ?? null;
}

async function begin(db: Database, meetingId: number): Promise<number> {
  const begun = await beginAttempt(db, meetingId, randomUUID());
  const attempt = begun && (await findAttempt(db, meetingId, begun.attempt));
  if (!attempt) throw new Error(`Expected meeting ${meetingId} to take an attempt`);
  return attempt.attempt;
}
