import type { MeetingPlan } from '../domain/workflow-messages';
import { recordUnreportedEnd } from '../infra/database/attempts';
import type { Database } from '../infra/database/client';
import type { BotSlots } from '../infra/database/bot-slots';
import type { Limits } from '../infra/database/limits';
import {
  beginPlannedAttempt,
  cancelPlan,
  readPlan,
  type MissedReason,
} from '../infra/database/plans';
import type { Doorbell } from '../infra/doorbell';
import { makeDeletedFailure, NO_LIMIT, openAttempt, type BegunAttempt } from './meetings';

/** The attempt of a plan. */
export type PlannedAttempt = Extract<BegunAttempt, { kind: 'begun' }> & {
  /** Later than this its bot is not to be launched any more, epoch ms. */
  launchByMs: number;
};

/** One that was begun at the last moment has this long to be launched. */
const LAST_MOMENT_MS = 60_000;

/** How planned meetings are timed, in milliseconds. */
export interface PlanningTimes {
  /** Before the planned start; bots are sent in the first half of it, each at its own moment. */
  leadMs: number;
  /** After the planned start: later than that no bot is sent. */
  lateLimitMs: number;
}

export interface PlanDeps {
  db: Database;
  doorbell: Pick<Doorbell, 'ring'>;
  planning: PlanningTimes;
  /** For users who have none of their own. */
  limits: Limits;
  slots?: BotSlots;
}

export type PlanActivities = ReturnType<typeof createPlanActivities>;

/** What a waiting meeting does with its plan, on the queue `meetings`. */
export function createPlanActivities(deps: PlanDeps) {
  const { db, doorbell, planning, limits, slots = NO_LIMIT } = deps;
  return {
    /** Only reads. */
    async readPlan({ meetingId }: { meetingId: number }): Promise<MeetingPlan | null> {
      const plan = await readPlan(db, meetingId);
      if (plan === 'gone') throw makeDeletedFailure(meetingId);
      if (plan === null) return null;
      const { revision, scheduledStart } = plan;
      const scheduledStartMs = scheduledStart.getTime();
      const wakeAtMs = decideWake({ meetingId, scheduledStartMs }, planning.leadMs);
      return { revision, scheduledStartMs, wakeAtMs };
    },

    /** Idempotent by meeting and revision: one plan has one attempt. */
    async beginPlannedAttempt(key: {
      meetingId: number;
      revision: number;
    }): Promise<
      | PlannedAttempt
      | { kind: 'already_served' | 'moved' }
      | { kind: 'missed'; reason: MissedReason }
    > {
      const { lateLimitMs } = planning;
      const begun = await beginPlannedAttempt(db, { ...key, lateLimitMs, limits });
      if (begun.kind === 'meeting_gone') throw makeDeletedFailure(key.meetingId);
      doorbell.ring('meeting', key.meetingId);
      if (begun.kind !== 'begun') return begun;
      const opened = await openAttempt(
        { db, doorbell, slots },
        { meetingId: key.meetingId, attempt: begun.attempt },
      );
      if (opened.kind !== 'begun') return opened;
      const lastMomentMs = Date.now() + LAST_MOMENT_MS;
      return { ...opened, launchByMs: Math.max(Number(begun.launchBy), lastMomentMs) };
    },

    /** Idempotent by attempt: for one whose bot nobody took up to launch in time. */
    async giveUpLaunch(key: { meetingId: number; attempt: number }): Promise<void> {
      await recordUnreportedEnd(db, key, { reason: 'start_missed' });
      doorbell.ring('meeting', key.meetingId);
    },

    /** Idempotent: a plan that is not open stays as it is. */
    async cancelPlan({ meetingId }: { meetingId: number }): Promise<void> {
      await cancelPlan(db, meetingId);
      doorbell.ring('meeting', meetingId);
    },
  };
}

/** When the bot is asked for: in the first half of the lead, each meeting at its own moment. */
export function decideWake(
  { meetingId, scheduledStartMs }: { meetingId: number; scheduledStartMs: number },
  leadMs: number,
): number {
  return Math.round(scheduledStartMs - leadMs + (leadMs / 2) * spread(meetingId));
}

const GOLDEN_RATIO = 0.618_033_988_749_895;

/** A number from 0 to 1 that is the same for a meeting every time; neighbours lie far apart. */
function spread(meetingId: number): number {
  return (meetingId * GOLDEN_RATIO) % 1;
}
