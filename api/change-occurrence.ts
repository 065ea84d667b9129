import type { ChangeOccurrence } from '../domain/schedules';
import type { Queryable } from '../infra/database/client';
import { changePlan } from '../infra/database/plans';
import {
  dropExceptions,
  keepException,
  listOccurrenceMeetings,
  type ScheduleRow,
} from '../infra/database/schedules';
import { isOccurrence, openRecurrence } from '../infra/recurrence/recurrence';
import type { ReplannedMeeting } from '../infra/schedules/plan-occurrences';
import type { ApiDeps } from './deps';
import { ApiError } from './errors';
import { changeSchedule, type ScheduleChange, type ScheduleKey } from './own-schedule';
import { readScheduledStart } from './plan-meeting';
import { refuseField } from './validate';

/** Skips one occurrence of a schedule, moves it, or has it be as the rule says. */
export async function changeOccurrence(
  deps: ApiDeps,
  key: ScheduleKey,
  body: ChangeOccurrence,
): Promise<ScheduleRow> {
  const moved = readScheduledStart(deps, body.change === 'move' ? body.scheduledStart : null);
  const start = new Date(body.occurrenceStart);
  return changeSchedule(deps, key, async (tx, schedule): Promise<ScheduleChange> => {
    if (!isOccurrence(openRecurrence(schedule), start)) {
      refuseField('occurrenceStart', 'Expected a time that the schedule’s rule names');
    }
    await requireNotBegun(tx, schedule, start);
    if (body.change === 'restore') {
      await dropExceptions(tx, schedule.id, [start]);
    } else {
      // a moment ago means now
      const movedTo = moved && new Date(Math.max(moved.getTime(), Date.now()));
      const exception = { occurrenceStart: start, movedTo };
      if (!(await keepException(tx, schedule.id, exception))) {
        throw new ApiError('too_many_schedules', 'Expected fewer skipped and moved occurrences');
      }
    }
    if (body.change === 'skip') return { schedule };
    const replanned = await planAgain(tx, schedule, { start, plannedStart: moved ?? start });
    return { schedule, replanned, restored: start };
  });
}

/** One that has passed, or has its bot, is beyond being changed. */
async function requireNotBegun(tx: Queryable, schedule: ScheduleRow, start: Date): Promise<void> {
  const [meeting] = await listOccurrenceMeetings(tx, schedule.id, [start]);
  const hasBegun = meeting && !meeting.isPlanOpen && meeting.status !== 'cancelled';
  if (!hasBegun && (meeting?.isPlanOpen || start > new Date())) return;
  const message = 'Expected an occurrence that is still to come, got one that has begun or passed';
  throw new ApiError('command_refused', message);
}

/** Also one that a person had cancelled: now they want it. */
async function planAgain(
  tx: Queryable,
  schedule: ScheduleRow,
  { start, plannedStart }: { start: Date; plannedStart: Date },
): Promise<ReplannedMeeting[]> {
  const [meeting] = await listOccurrenceMeetings(tx, schedule.id, [start]);
  if (schedule.isPaused || !meeting || meeting.isDeleted || meeting.isPlanOpen) return [];
  const change = await changePlan(tx, meeting.meetingId, plannedStart);
  if (change.kind !== 'changed') return [];
  return [{ meetingId: meeting.meetingId, platform: schedule.platform, transcriptVersion: 1 }];
}
