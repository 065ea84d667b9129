import { randomUUID } from 'node:crypto';
import type { Queryable } from '../infra/database/client';
import { recordIntent, settleIntent } from '../infra/database/intents';
import {
  deleteSchedule,
  findOwnSchedule,
  lockSchedule,
  type ScheduleRow,
} from '../infra/database/schedules';
import {
  planOccurrences,
  replanOccurrences,
  withdrawOccurrences,
  type ReplannedMeeting,
} from '../infra/schedules/plan-occurrences';
import type { ApiDeps } from './deps';
import { ApiError } from './errors';

export interface ScheduleKey {
  scheduleId: number;
  userId: number;
}

/** The schedule when it is this user's; somebody else's does not exist for them. */
export async function requireSchedule(
  { database }: ApiDeps,
  key: ScheduleKey,
): Promise<ScheduleRow> {
  const schedule = await findOwnSchedule(database, key);
  if (!schedule) throw makeScheduleNotFound(key.scheduleId);
  return schedule;
}

/** Workflows that are to be told of their plan; an intent has reconciliation tell them later. */
type Told = ReplannedMeeting & { intentId: string | null };

/** What a change of a schedule leaves to be done about single meetings. */
export interface ScheduleChange {
  schedule: ScheduleRow;
  /** An occurrence that is to be as the rule says, whatever time a person gave its meeting. */
  restored?: Date;
  replanned?: readonly ReplannedMeeting[];
}

/**
 * Changes a schedule: row, exceptions and all that is planned are one transaction, then the waiting
 * workflows and Temporal's Schedule follow. What cannot be told now, reconciliation tells.
 */
export async function changeSchedule(
  deps: ApiDeps,
  key: ScheduleKey,
  change: (tx: Queryable, schedule: ScheduleRow) => Promise<ScheduleChange>,
): Promise<ScheduleRow> {
  const { schedule, told } = await deps.database.transaction(async (tx) => {
    const {
      schedule,
      restored = null,
      replanned = [],
    } = await change(tx, await requireLocked(tx, key));
    const followed = await replanOccurrences(tx, schedule, restored);
    const told = await keepIntents(tx, key.userId, [...replanned, ...followed]);
    const planned = await planOccurrences(tx, schedule, new Date());
    told.push(...planned.map((meeting) => ({ ...meeting, intentId: null })));
    const changed = await findOwnSchedule(tx, key);
    if (!changed) throw makeScheduleNotFound(key.scheduleId);
    return { schedule: changed, told };
  });
  await tellAll(deps, told);
  await followSchedule(deps, schedule);
  return schedule;
}

/** Deletes a schedule and takes back what it had planned; meetings that have begun stay. */
export async function dropSchedule(deps: ApiDeps, key: ScheduleKey): Promise<void> {
  const told = await deps.database.transaction(async (tx) => {
    const schedule = await requireLocked(tx, key);
    const withdrawn = await withdrawOccurrences(tx, schedule);
    await deleteSchedule(tx, key.scheduleId);
    return keepIntents(tx, key.userId, withdrawn);
  });
  await tellAll(deps, told);
  await deps.carriers.remove(key.scheduleId).catch(warnOf(deps, key.scheduleId));
}

async function requireLocked(tx: Queryable, key: ScheduleKey): Promise<ScheduleRow> {
  const schedule = await lockSchedule(tx, key.scheduleId);
  if (schedule?.userId !== key.userId) throw makeScheduleNotFound(key.scheduleId);
  return schedule;
}

async function keepIntents(
  tx: Queryable,
  userId: number,
  meetings: readonly ReplannedMeeting[],
): Promise<Told[]> {
  const told: Told[] = [];
  for (const meeting of meetings) {
    const intentId = randomUUID();
    const { meetingId } = meeting;
    const intent = { id: intentId, userId, meetingId, idempotencyKey: null, bodyHash: '' };
    await recordIntent(tx, { ...intent, kind: 'plan_meeting' });
    told.push({ ...meeting, intentId });
  }
  return told;
}

/** Has the meetings' workflows read their plans. */
export async function tellAll(deps: ApiDeps, told: readonly Told[]): Promise<void> {
  await Promise.all(
    told.map(async ({ intentId, ...meeting }) => {
      deps.doorbell.ring('meeting', meeting.meetingId);
      try {
        await deps.meetingClient.startWaiting({ ...meeting, intentId: intentId ?? randomUUID() });
        if (intentId !== null) await settleIntent(deps.database, intentId, 'sent');
      } catch (err) {
        deps.logger.warn(
          { err, meetingId: meeting.meetingId },
          'workflow is told of its plan later',
        );
      }
    }),
  );
}

/** Has Temporal's Schedule be as the row says. */
export async function followSchedule(deps: ApiDeps, schedule: ScheduleRow): Promise<void> {
  await deps.carriers.follow(schedule).catch(warnOf(deps, schedule.id));
}

function warnOf({ logger }: ApiDeps, scheduleId: number): (err: unknown) => void {
  return (err) => logger.warn({ err, scheduleId }, 'its Temporal Schedule follows later');
}

export function makeScheduleNotFound(scheduleId: number): ApiError {
  return new ApiError('schedule_not_found', `Expected a schedule of yours, got ${scheduleId}`);
}
