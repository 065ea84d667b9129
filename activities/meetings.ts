import { ApplicationFailure } from '@temporalio/activity';
import type { EndReason } from '../domain/end-reasons';
import type { FailureType } from '../domain/failures';
import { leavePolicySchema } from '../domain/leave-policy';
import { isBotStatusTerminal, type BotStatus } from '../domain/statuses';
import { beginAnalysis } from '../infra/database/analyses';
import { beginAttempt, findAttempt, type Attempt } from '../infra/database/attempts';
import { askForSlot, type BotSlots, type SlotAnswer } from '../infra/database/bot-slots';
import { countChunks } from '../infra/database/chunks';
import { closeIntake, openIntake } from '../infra/database/intakes';
import type { Database } from '../infra/database/client';
import { leaveCommand } from '../infra/database/commands';
import { countAwaitedChunks } from '../infra/database/drain';
import { recordFinalGaps } from '../infra/database/gaps';
import { settleIntent } from '../infra/database/intents';
import { projectMeeting, type MeetingProjection } from '../infra/database/meetings';
import { hasRecordedSound } from '../infra/database/recordings';
import type { Doorbell } from '../infra/doorbell';
import { lookUntil } from './look-until';

export interface MeetingDeps {
  db: Database;
  doorbell: Pick<Doorbell, 'ring' | 'listen'>;
  /** Bots at the same time; absent for any number. */
  slots?: BotSlots;
}

export interface AttemptKey {
  meetingId: number;
  attempt: number;
}

/** What an attempt's row says of its bot. */
export interface BotReading {
  status: BotStatus;
  /** It was let into the meeting at some time. */
  hasBeenIn: boolean;
}

export type BegunAttempt =
  | {
      kind: 'begun';
      attempt: number;
      hasBeenIn: boolean;
      /** Longest time in the meeting over all attempts, by the meeting's own policy. */
      longestMeetingMs: number;
      /** Its bot has to wait for others to end. */
      isQueued?: boolean;
    }
  /** That launch had its attempt in an earlier run of the workflow. */
  | { kind: 'already_served' };

export type MeetingActivities = ReturnType<typeof createMeetingActivities>;

/** Longest time until a change is seen while no doorbell rings. */
const LOOK_INTERVAL_MS = 2_000;
/** For those far behind in line. */
const LONGEST_LOOK_INTERVAL_MS = 12_000;
/** Each piece of news is three events in the workflow's history. */
const NEWS_INTERVAL_MS = 30_000;
export const NO_LIMIT: BotSlots = { total: null, perUser: null };

/** Short database activities of `meetingWorkflow`, on the queue `meetings`. */
export function createMeetingActivities({ db, doorbell, slots = NO_LIMIT }: MeetingDeps) {
  return {
    /** Fences earlier attempts, opens the intake. Idempotent by `launchId`. */
    async beginAttempt(input: { meetingId: number; launchId: string }): Promise<BegunAttempt> {
      const begun = await beginAttempt(db, input.meetingId, input.launchId);
      if (begun === null) throw makeDeletedFailure(input.meetingId);
      return openAttempt({ db, doorbell, slots }, { ...input, attempt: begun.attempt });
    },

    /**
     * Waits in line, and comes back sooner to say that the place has changed. Idempotent by attempt,
     * which keeps its turn.
     */
    async awaitBotSlot(input: AttemptKey & { knownPlace: number | null }): Promise<SlotAnswer> {
      const { meetingId, attempt, knownPlace } = input;
      const sinceMs = performance.now();
      const isTimeForNews = (): boolean =>
        knownPlace === null || performance.now() - sinceMs >= NEWS_INTERVAL_MS;
      let place = knownPlace;
      return lookUntil(
        { doorbell, channel: 'meeting', meetingId, everyMs: () => decideLookInterval(place ?? 1) },
        async () => {
          const answer = await lookAtLine({ db, doorbell, slots }, { meetingId, attempt });
          if (answer.kind === 'granted') return answer;
          // readers hear of a new place; each ring wakes this as well, so not of the same one
          if (answer.place !== place) doorbell.ring('meeting', meetingId);
          place = answer.place;
          return answer.place !== knownPlace && isTimeForNews() ? answer : null;
        },
      );
    },

    /** Idempotent by the intent's id: a settled one stays as it is. */
    async settleIntent(intent: {
      intentId: string;
      status: 'carried_out' | 'refused';
    }): Promise<void> {
      await settleIntent(db, intent.intentId, intent.status);
    },

    /** Idempotent by `decidedAtMs`: a decision that is not newer changes nothing. */
    async projectMeeting(projection: MeetingProjection): Promise<void> {
      await projectMeeting(db, projection);
      doorbell.ring('meeting', projection.meetingId);
    },

    /** Only reads. */
    async readBot(key: AttemptKey): Promise<BotReading> {
      return toReading(await requireAttempt(db, key));
    },

    /** Idempotent by command: the same `leave` twice is one. */
    async askBotToLeave({ reason, ...key }: AttemptKey & { reason: EndReason }): Promise<void> {
      await leaveCommand(db, key, { kind: 'leave', reason });
      doorbell.ring('commands', key.meetingId);
    },

    /** Idempotent while that analysis runs: the running one is the one that was begun. */
    async beginAnalysis({ meetingId }: { meetingId: number }): Promise<{ run: number }> {
      const begun = await beginAnalysis(db, meetingId);
      if (begun === null) throw makeDeletedFailure(meetingId);
      return begun;
    },

    ...createDrainActivities({ db, doorbell }),
  };
}

/** The steps from the last bot to the last word, on the same queue. */
function createDrainActivities({ db, doorbell }: MeetingDeps) {
  return {
    /** Only reads: waits for the chunks bots had named, or the grace of those that named none. */
    async awaitLastChunks(input: {
      meetingId: number;
      drainGraceMs: number;
      spoolGraceMs: number;
    }): Promise<{ missing: number }> {
      const { meetingId } = input;
      return lookUntil(
        { doorbell, channel: 'chunks', meetingId, everyMs: LOOK_INTERVAL_MS },
        async () => {
          const awaited = await countAwaitedChunks(db, input);
          if (awaited === null) throw makeDeletedFailure(meetingId);
          return awaited.isGraceOver ? { missing: awaited.missing } : null;
        },
      );
    },

    /**
     * Idempotent: a closed intake stays closed, and what never came is recorded once. Says whether
     * there is a recording to assemble.
     */
    async closeIntake({ meetingId }: { meetingId: number }): Promise<{ isRecorded: boolean }> {
      await closeIntake(db, meetingId);
      await db.transaction((tx) => recordFinalGaps(tx, meetingId));
      doorbell.ring('meeting', meetingId);
      // rings for the transcript, which ends when the intake is closed and nothing is pending
      doorbell.ring('intake', meetingId);
      return { isRecorded: await hasRecordedSound(db, meetingId) };
    },

    /** Only reads. The rows are the truth here, so it does not matter who transcribes them. */
    async awaitTranscribed({
      meetingId,
    }: {
      meetingId: number;
    }): Promise<{ pending: number; done: number; failed: number }> {
      let counts = { pending: 0, done: 0, failed: 0 };
      return lookUntil(
        {
          doorbell,
          channel: 'meeting',
          meetingId,
          everyMs: LOOK_INTERVAL_MS,
          details: () => counts,
        },
        async () => {
          const { meetingDeleted, pending, done, failed } = await countChunks(db, meetingId);
          if (meetingDeleted) throw makeDeletedFailure(meetingId);
          counts = { pending, done, failed };
          return pending === 0 ? counts : null;
        },
      );
    },
  };
}

interface LineDeps {
  db: Database;
  doorbell: Pick<Doorbell, 'ring'>;
  slots: BotSlots;
}

/** Asks for the attempt's slot, and wakes the others whose turn has come. */
async function lookAtLine({ db, doorbell, slots }: LineDeps, key: AttemptKey): Promise<SlotAnswer> {
  const decision = await askForSlot(db, key, slots);
  if (decision === 'meeting_gone') throw makeDeletedFailure(key.meetingId);
  for (const meetingId of decision.granted) doorbell.ring('meeting', meetingId);
  return decision.answer;
}

/**
 * The first in line look for free slots, for all; who is further behind is woken when its turn comes
 * and looks for its place only. Well below what `askForSlot` takes for nobody asking any more.
 */
function decideLookInterval(place: number): number {
  return Math.min(LOOK_INTERVAL_MS + place * 100, LONGEST_LOOK_INTERVAL_MS);
}

/** Opens the intake for an attempt, unless it is over: then an earlier run had it. */
export async function openAttempt(
  { db, doorbell, slots }: LineDeps,
  { meetingId, attempt }: AttemptKey,
): Promise<BegunAttempt> {
  const key = { meetingId, attempt };
  const row = await requireAttempt(db, key);
  if (row.fencedAt !== null || isBotStatusTerminal(row.status)) return { kind: 'already_served' };
  await openIntake(db, key.meetingId);
  const { rows } = await db.query<{ origin: Date | null; policy: unknown }>(
    'SELECT clock_origin AS origin, leave_policy AS policy FROM meetings WHERE id = $1',
    [key.meetingId],
  );
  const { longestMeetingSeconds } = leavePolicySchema.parse(rows[0]?.policy ?? {});
  const slot = await lookAtLine({ db, doorbell, slots }, key);
  return {
    kind: 'begun',
    attempt: key.attempt,
    hasBeenIn: rows[0]?.origin != null,
    longestMeetingMs: longestMeetingSeconds * 1_000,
    ...(slot.kind === 'queued' && { isQueued: true }),
  };
}

/** The failure that ends everything about a meeting quietly. */
export function makeDeletedFailure(meetingId: number): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `Meeting ${meetingId} is deleted`,
    'MeetingDeleted' satisfies FailureType,
  );
}

/** The attempt's row; it is gone only when its meeting is. */
export async function requireAttempt(db: Database, key: AttemptKey): Promise<Attempt> {
  const row = await findAttempt(db, key.meetingId, key.attempt);
  if (row === null) throw makeDeletedFailure(key.meetingId);
  return row;
}

/** The part of an attempt's row that the workflow decides on. */
function toReading({ status, joinedAt }: Attempt): BotReading {
  return { status, hasBeenIn: joinedAt !== null };
}
