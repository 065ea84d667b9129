import { ApplicationFailure } from '@temporalio/activity';
import { BOT_EXIT_CODES } from '../domain/bot-api';
import {
  BOT_LOOK_INTERVAL_MS,
  BOT_SILENCE_LIMIT_MS,
  createSilenceJudge,
} from '../domain/bot-silence';
import { describeEndReason, type EndReason } from '../domain/end-reasons';
import type { FailureType } from '../domain/failures';
import { isBotStatusTerminal, type BotStatus } from '../domain/statuses';
import { makeBotName } from '../domain/temporal';
import { BotNotLaunchableError, type BotLauncher, type BotSighting } from '../infra/bot-launcher';
import { recordUnreportedEnd } from '../infra/database/attempts';
import { readBotNeeds, readBotWatch, type BotWatch } from '../infra/database/bot-watch';
import type { Database } from '../infra/database/client';
import { hasMissingChunks } from '../infra/database/drain';
import { appendEvent } from '../infra/database/events';
import { isIdentityFree } from '../infra/database/identities';
import type { Doorbell } from '../infra/doorbell';
import { withHeartbeats } from './heartbeats';
import { lookUntil } from './look-until';
import { makeDeletedFailure, requireAttempt, type AttemptKey, type BotReading } from './meetings';

export interface BotDeps {
  db: Database;
  doorbell: Pick<Doorbell, 'listen' | 'ring'>;
  launcher: BotLauncher;
  /** Makes the bearer token of one attempt's bot. */
  mintToken(identity: AttemptKey & { launchId: string }): Promise<string>;
  /** Whether the API that bots talk to answers; false also when it takes too long. */
  isIntakeAnswering(): Promise<boolean>;
  /** Longest silence of a bot that could be heard, in milliseconds. */
  silenceLimitMs?: number;
  /** From when on a bot that is not started yet counts as delayed, and as never started. */
  pickup?: { delayedMs: number; limitMs: number };
}

/** What a watch can end with. */
export type BotNews =
  /** It reported a state that the workflow has not taken note of for a while. */
  | { kind: 'reported'; reading: BotReading }
  /** It reported its end. */
  | {
      kind: 'ended';
      status: BotStatus;
      reason: EndReason;
      hasBeenIn: boolean;
      /** It named chunks that are not there yet. */
      isAudioMissing?: boolean;
    }
  /** Its process ended without a word. */
  | { kind: 'exited'; reason: EndReason; hasBeenIn: boolean }
  | { kind: 'lost'; reason: 'lost'; hasBeenIn: boolean }
  /** The reason is what it waited for, where the launcher knows. */
  | { kind: 'never_reported'; reason: EndReason; hasBeenIn: boolean };

export type BotActivities = ReturnType<typeof createBotActivities>;

/** A report may still be on its way when the process is already gone. */
const LAST_REPORT_GRACE_MS = 4_000;
/** From a bot's last report until its process has ended. */
const LAST_STEPS_MS = 15_000;
/** The workflow is told of reports by signal; a lost signal is noticed after this. */
const UNSEEN_REPORT_MS = 4_000;
/** A machine may have to be added, or a large image fetched, before a bot can start. */
const PICKUP = { delayedMs: 15_000, limitMs: 10 * 60_000 };

/** Activities of the queue `bots`: they start, watch and end bots through the launcher. */
export function createBotActivities(deps: BotDeps) {
  const { db, launcher } = deps;
  return {
    /** Idempotent by name and `launchId`: a bot that is already there is the same bot. */
    launchBot: (key: AttemptKey) => launchBot(deps, key),

    /**
     * Only reads: the attempt's row, and what the launcher sees of the process. Tells readers once,
     * by the event's key, that the start is delayed.
     */
    async watchBot(input: AttemptKey & { firstReportTimeoutMs: number }): Promise<BotNews> {
      const watcher = makeWatcher(deps, input);
      return lookUntil(
        {
          doorbell: deps.doorbell,
          channel: 'meeting',
          meetingId: input.meetingId,
          everyMs: BOT_LOOK_INTERVAL_MS,
          details: watcher.describe,
        },
        watcher.look,
      );
    },

    /** Idempotent by name: a bot that is gone is success. */
    async stopBot({ graceMs, ...key }: AttemptKey & { graceMs: number }): Promise<void> {
      await launcher.stop(makeBotName(key.meetingId, key.attempt), graceMs);
    },

    /** Idempotent by chunk: what the API has already is acknowledged again. */
    async deliverSpool(key: AttemptKey): Promise<void> {
      const { launchId } = await requireAttempt(db, key);
      const token = await deps.mintToken({ ...key, launchId });
      const name = makeBotName(key.meetingId, key.attempt);
      await withHeartbeats(async () => {
        // a bot that has reported its end may still be on its way out, and sends for itself until then
        await launcher.stop(name, LAST_STEPS_MS);
        await launcher.deliver({ name, launchId, token });
      });
    },

    /** Idempotent by attempt: an end that is already recorded stays as it is. */
    async closeAttempt(
      input: AttemptKey & { reason: EndReason; detail?: string; graceMs: number },
    ): Promise<void> {
      const name = makeBotName(input.meetingId, input.attempt);
      const sighting = await launcher.inspect(name);
      await launcher.stop(name, input.graceMs);
      const detail = input.detail ?? ('detail' in sighting ? sighting.detail : undefined);
      await recordUnreportedEnd(db, input, { reason: input.reason, detail: detail || undefined });
    },
  };
}

async function launchBot({ db, launcher, mintToken }: BotDeps, key: AttemptKey): Promise<void> {
  const row = await requireAttempt(db, key);
  // a late retry of a launch that somebody had given up
  if (row.fencedAt !== null || isBotStatusTerminal(row.status)) return;
  if (!(await isIdentityFree(db, key))) {
    throw ApplicationFailure.nonRetryable(
      'Expected an identity that is free, got one that is in another meeting',
      'IdentityInUse' satisfies FailureType,
    );
  }
  const { launchId } = row;
  const token = await mintToken({ ...key, launchId });
  const name = makeBotName(key.meetingId, key.attempt);
  const needs = await readBotNeeds(db, key.meetingId);
  if (needs === null) throw makeDeletedFailure(key.meetingId);
  try {
    await launcher.launch({ ...key, ...needs, name, launchId, token });
  } catch (error) {
    if (!(error instanceof BotNotLaunchableError)) throw error;
    throw ApplicationFailure.nonRetryable(error.message, 'BotNotLaunchable' satisfies FailureType);
  }
}

interface Watcher {
  look(): Promise<BotNews | null>;
  describe(): unknown;
}

function makeWatcher(deps: BotDeps, input: AttemptKey & { firstReportTimeoutMs: number }): Watcher {
  const name = makeBotName(input.meetingId, input.attempt);
  const silenceLimitMs = deps.silenceLimitMs ?? BOT_SILENCE_LIMIT_MS;
  const gone = makeStopwatch();
  const unseen = makeStopwatch();
  const silence = createSilenceJudge(silenceLimitMs);
  const pickup = makePickupJudge(deps, input);
  let last: BotWatch | null = null;

  async function judgeSilence(watch: BotWatch): Promise<BotNews | null> {
    const isTooLong = await silence.isTooLong({
      nowMs: performance.now(),
      silentMs: watch.silentMs,
      limitMs: watch.hasReported ? silenceLimitMs : input.firstReportTimeoutMs,
      expected: watch.othersExpected,
      heard: watch.othersHeard,
      isIntakeAnswering: deps.isIntakeAnswering,
    });
    if (!isTooLong) return null;
    const { hasBeenIn } = watch.reading;
    return watch.hasReported
      ? { kind: 'lost', reason: 'lost', hasBeenIn }
      : { kind: 'never_reported', reason: 'never_reported', hasBeenIn };
  }

  return {
    describe: () => last && { status: last.reading.status, silentMs: last.silentMs },
    async look() {
      const watch = await readBotWatch(deps.db, input);
      if (watch === null) throw makeDeletedFailure(input.meetingId);
      last = watch;
      const { status, hasBeenIn } = watch.reading;
      if (isBotStatusTerminal(status)) {
        const isAudioMissing = await hasMissingChunks(deps.db, input);
        return {
          kind: 'ended',
          status,
          reason: watch.reason ?? 'unknown',
          hasBeenIn,
          isAudioMissing,
        };
      }
      const sighting = await deps.launcher.inspect(name);
      const isGone = sighting.state === 'absent' || sighting.state === 'ended';
      if (gone.measure(isGone) >= LAST_REPORT_GRACE_MS) {
        return { kind: 'exited', reason: explainExit(sighting), hasBeenIn };
      }
      if (isGone) return null;
      if (unseen.measure(watch.isAheadOfMeeting) >= UNSEEN_REPORT_MS) {
        return { kind: 'reported', reading: watch.reading };
      }
      if (sighting.state === 'pending' && !watch.hasReported) return pickup.judge(sighting);
      return judgeSilence(watch);
    },
  };
}

/** Judges a bot that is there and not started yet. */
function makePickupJudge(
  { db, doorbell, pickup = PICKUP }: BotDeps,
  { meetingId, attempt, firstReportTimeoutMs }: AttemptKey & { firstReportTimeoutMs: number },
) {
  const pending = makeStopwatch();
  return {
    /** Null while it may still be started. */
    async judge({ cause }: Extract<BotSighting, { state: 'pending' }>): Promise<BotNews | null> {
      const pendingMs = pending.measure(true);
      if (pendingMs >= pickup.delayedMs) {
        const message = cause ? describeEndReason(cause) : 'The bot has not been started yet.';
        const seq = await appendEvent(db, meetingId, {
          body: { type: 'bot.pickup_delayed', attempt, reason: cause ?? null, message },
          dedupeKey: `pickup-delayed:${attempt}:${cause ?? ''}`,
        });
        if (seq !== null) doorbell.ring('meeting', meetingId);
      }
      if (pendingMs < Math.max(pickup.limitMs, firstReportTimeoutMs)) return null;
      return { kind: 'never_reported', reason: cause ?? 'never_reported', hasBeenIn: false };
    },
  };
}

/** Why a process ended that had not reported its end. */
function explainExit(sighting: BotSighting): EndReason {
  if (sighting.state !== 'ended') return 'launch_failed';
  if (sighting.cause !== undefined) return sighting.cause;
  // it did not get as far as reporting: wrong settings, or its token was refused
  const { misconfigured, superseded } = BOT_EXIT_CODES;
  const isRefused = sighting.exitCode === misconfigured || sighting.exitCode === superseded;
  return isRefused ? 'launch_failed' : 'crashed';
}

/** Measures for how long something has been true without a break, in milliseconds. */
function makeStopwatch(): { measure(isTrue: boolean): number } {
  let sinceMs: number | null = null;
  return {
    measure(isTrue) {
      const nowMs = performance.now();
      sinceMs = isTrue ? (sinceMs ?? nowMs) : null;
      return sinceMs === null ? 0 : nowMs - sinceMs;
    },
  };
}
