import { randomUUID } from 'node:crypto';
import { platformSchema } from '../domain/platforms';
import { planningTimes } from '../infra/config';
import type { Queryable } from '../infra/database/client';
import { settleIntent } from '../infra/database/intents';
import type { MeetingRow } from '../infra/database/meeting-records';
import { changePlan, type PlanChange } from '../infra/database/plans';
import type { StartBotCommand } from '../infra/meeting-client';
import type { ApiDeps } from './deps';
import { ApiError } from './errors';
import { beginIntent, type Asked } from './intents';
import { makeMeetingNotFound } from './own-meeting';
import { refuseField } from './validate';

/** A start a moment ago means now; one that nobody would be sent for any more is refused. */
export function readScheduledStart({ config }: ApiDeps, text: string | null): Date | null {
  if (text === null) return null;
  const scheduledStart = new Date(text);
  const earliestMs = Date.now() - planningTimes(config).lateLimitMs;
  if (scheduledStart.getTime() < earliestMs) {
    const message = `Expected a time that is at most ${config.LATE_START_SECONDS} s past`;
    refuseField('scheduledStart', message);
  }
  return scheduledStart;
}

/** Has a planned meeting's workflow wait; without Temporal, reconciliation does so later. */
export async function startWaiting(deps: ApiDeps, meeting: MeetingRow): Promise<void> {
  try {
    await deps.meetingClient.startWaiting(describe(meeting, randomUUID()));
  } catch (error) {
    deps.logger.warn({ meetingId: meeting.id, err: error }, 'planned meeting does not wait yet');
  }
}

/**
 * Sets, moves or takes back a meeting's planned start: row and intent in one transaction, then the
 * workflow is told to read the row. Throws when there is nothing left to plan.
 */
export async function planMeeting(
  deps: ApiDeps,
  asked: Asked,
  { meeting, scheduledStart }: { meeting: MeetingRow; scheduledStart: Date | null },
): Promise<void> {
  const { database, meetingClient } = deps;
  if (meeting.source !== 'bot') {
    refuseField('scheduledStart', `Expected a meeting with a link, got a ${meeting.source}`);
  }
  const { intentId, change } = await database.transaction(async (tx) => {
    const kind = scheduledStart === null ? 'stop_bot' : 'plan_meeting';
    const intent = await beginIntent(
      tx,
      { ...asked, idempotencyKey: null },
      { kind, meetingId: meeting.id },
    );
    return { ...intent, change: await requireChange(tx, meeting.id, scheduledStart) };
  });
  deps.doorbell.ring('meeting', meeting.id);
  if (change.kind === 'same') return settleIntent(database, intentId, 'carried_out');
  const outcome =
    scheduledStart === null
      ? await meetingClient.stopBot({ meetingId: meeting.id, intentId })
      : await meetingClient.planMeeting(describe(meeting, intentId));
  // the row is the plan: a workflow that is not there, or closing, has nothing to be told
  if (outcome.kind !== 'pending') {
    const isSent = outcome.kind === 'sent';
    await settleIntent(database, intentId, isSent ? 'sent' : 'carried_out');
  }
  deps.logger.info({ meetingId: meeting.id, intentId, outcome: outcome.kind }, 'plan changed');
}

/** Takes an open plan back within the transaction; false when no plan was open. */
export async function takePlanBack(tx: Queryable, meetingId: number): Promise<boolean> {
  return (await changePlan(tx, meetingId, 'plan_cancelled')).kind === 'changed';
}

async function requireChange(
  tx: Queryable,
  meetingId: number,
  scheduledStart: Date | null,
): Promise<PlanChange> {
  const change = await changePlan(tx, meetingId, scheduledStart ?? 'plan_cancelled');
  if (change.kind === 'meeting_gone') throw makeMeetingNotFound(meetingId);
  if (change.kind !== 'begun') return change;
  const { status } = change;
  const message = `Expected a meeting that no bot was sent to yet, got one that is ${status}`;
  throw new ApiError('command_refused', message, { status });
}

function describe(meeting: MeetingRow, intentId: string): StartBotCommand {
  return {
    meetingId: meeting.id,
    platform: platformSchema.parse(meeting.platform),
    transcriptVersion: meeting.transcriptVersion,
    intentId,
  };
}
