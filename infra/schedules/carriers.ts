import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleOptions,
  type ScheduleSummary,
} from '@temporalio/client';
import { isDeepStrictEqual } from 'node:util';
import {
  makeOccurrenceWorkflowId,
  makeTemporalScheduleId,
  parseTemporalScheduleId,
  TASK_QUEUES,
} from '../../domain/temporal';
import { WORKFLOW_TYPES, type OccurrenceWorkflowInput } from '../../domain/workflow-messages';
import type { RecurrenceRule } from '../../domain/recurrence';
import type { ScheduleRow } from '../database/schedules';
import { findTemporalCalendars } from '../recurrence/temporal-calendars';

/** A start that was missed by more than this is made up for by the shared look. */
const CATCHUP_MS = 600_000;
/** Planning need not be on the second: many schedules ring at the top of the hour. */
const JITTER_MS = 20_000;

/**
 * The Temporal Schedules of those schedules whose rule Temporal's calendars can say: each rings at
 * every occurrence, and the workflow that it starts plans the next ones.
 */
export interface Carriers {
  /** Makes, changes, pauses or deletes what the row says; true when there was something to do. */
  follow(schedule: Carried): Promise<boolean>;
  /** Deletes it; what is gone is success. True when there was something to do. */
  remove(scheduleId: number): Promise<boolean>;
  /** All that are there, by the schedule's id, as Temporal's index shows them. */
  list(): Promise<Map<number, ScheduleSummary>>;
  /** Whether a listed one, or none, is what the row says. */
  isAsWished(schedule: Carried, listed: ScheduleSummary | undefined): boolean;
}

export type Carried = Pick<
  ScheduleRow,
  'id' | 'isCalendar' | 'isPaused' | 'lookAgainAt' | keyof RecurrenceRule
>;

/** Opens the way to Temporal's Schedules; with a deadline for calls that somebody waits for. */
export function createCarriers(
  client: Client,
  { deadlineMs }: { deadlineMs?: number } = {},
): Carriers {
  const inTime = <Result>(work: () => Promise<Result>): Promise<Result> =>
    deadlineMs === undefined
      ? work()
      : client.connection.withDeadline(Date.now() + deadlineMs, work);
  return {
    remove: (scheduleId) => inTime(() => remove(client, scheduleId)),
    isAsWished: (schedule, listed) => isSame(describeCarrier(schedule), listed),

    follow: (schedule) => inTime(() => follow(client, schedule)),

    async list() {
      const listed = new Map<number, ScheduleSummary>();
      for await (const summary of client.schedule.list()) {
        const scheduleId = parseTemporalScheduleId(summary.scheduleId);
        if (scheduleId !== null) listed.set(scheduleId, summary);
      }
      return listed;
    },
  };
}

async function follow(client: Client, schedule: Carried): Promise<boolean> {
  const wish = describeCarrier(schedule);
  const handle = client.schedule.getHandle(makeTemporalScheduleId(schedule.id));
  const found = await handle.describe().catch(ignoreNotFound);
  if (isSame(wish, found) && isSameAction(wish, found)) return false;
  if (wish === null) await remove(client, schedule.id);
  else if (found === undefined) await create(client, wish);
  else await handle.update(() => wish);
  return true;
}

async function remove(client: Client, scheduleId: number): Promise<boolean> {
  try {
    await client.schedule.getHandle(makeTemporalScheduleId(scheduleId)).delete();
    return true;
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    return false;
  }
}

async function create(client: Client, wish: ScheduleOptions): Promise<void> {
  try {
    await client.schedule.create(wish);
  } catch (error) {
    // somebody else was faster; the next look compares
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

function ignoreNotFound(error: unknown): undefined {
  if (!(error instanceof ScheduleNotFoundError)) throw error;
  return undefined;
}

type Wish = ReturnType<typeof describeCarrier>;

/** What is to be there; null for none: a rule for the shared look, or one that is over. */
function describeCarrier(schedule: Carried) {
  const { id, startsAt, endsAt, timeZone, isPaused, lookAgainAt } = schedule;
  const calendars = schedule.isCalendar ? findTemporalCalendars(schedule) : null;
  if (calendars === null || (lookAgainAt === null && !isPaused)) return null;
  const input: OccurrenceWorkflowInput = { scheduleId: id };
  return {
    scheduleId: makeTemporalScheduleId(id),
    spec: {
      calendars,
      intervals: [],
      skip: [],
      startAt: startsAt,
      ...(endsAt && { endAt: endsAt }),
      jitter: JITTER_MS,
      timezone: timeZone,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: WORKFLOW_TYPES.occurrence,
      workflowId: makeOccurrenceWorkflowId(id),
      taskQueue: TASK_QUEUES.meetings,
      args: [input],
      workflowExecutionTimeout: '10 minutes' as const,
      staticSummary: `schedule ${id}: plans the next occurrences`,
    },
    policies: {
      overlap: ScheduleOverlapPolicy.ALLOW_ALL,
      catchupWindow: CATCHUP_MS,
      pauseOnFailure: false,
    },
    state: { paused: isPaused, note: isPaused ? 'paused by its user' : '' },
  };
}

/** Whether rule and pause are as wished; Temporal's index tells no more. */
function isSame(wish: Wish, found: ScheduleDescription | ScheduleSummary | undefined): boolean {
  if (wish === null || found === undefined) return wish === null && found === undefined;
  const { spec, state } = found;
  return isDeepStrictEqual(dropAbsent(spec ?? {}), wish.spec) && state.paused === wish.state.paused;
}

function dropAbsent(spec: object): object {
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
}

function isSameAction(wish: Wish, found: ScheduleDescription | undefined): boolean {
  if (wish === null || found === undefined) return true;
  const { action, policies } = found;
  return (
    action.workflowType === wish.action.workflowType &&
    action.taskQueue === wish.action.taskQueue &&
    isDeepStrictEqual(action.args, wish.action.args) &&
    policies.overlap === wish.policies.overlap &&
    policies.catchupWindow === wish.policies.catchupWindow
  );
}
