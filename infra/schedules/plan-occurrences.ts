import { changePlan } from '../database/plans';
import { insertMeeting, type MeetingRow } from '../database/meeting-records';
import type { PlannedMeeting } from '../database/reconcile';
import type { Queryable } from '../database/client';
import {
  listExceptions,
  listOccurrenceMeetings,
  listPlannedOccurrences,
  noteScheduleLook,
  type OccurrenceMeeting,
  type ScheduleRow,
} from '../database/schedules';
import { openRecurrence } from '../recurrence/recurrence';
import { findDue, listOccurrences, type Occurrence } from './occurrences';

/** A meeting whose plan was set, moved or taken back: its workflow is to be told. */
export type ReplannedMeeting = PlannedMeeting;

/**
 * Makes the meetings that a schedule is to have by now, each once under its occurrence. Call it
 * after `lockSchedule`; returns those whose workflow has to wait.
 */
export async function planOccurrences(
  tx: Queryable,
  schedule: ScheduleRow,
  now: Date,
): Promise<ReplannedMeeting[]> {
  if (schedule.isPaused) {
    await noteScheduleLook(tx, schedule.id, { lookedAt: now, lookAgainAt: null });
    return [];
  }
  const exceptions = await listExceptions(tx, schedule.id);
  const recurrence = openRecurrence(schedule);
  const { due, lookAgainAt } = findDue(recurrence, { ...schedule, exceptions }, now);
  const known = await listOccurrenceMeetings(
    tx,
    schedule.id,
    due.map((each) => each.occurrenceStart),
  );
  const planned: ReplannedMeeting[] = [];
  for (const occurrence of due) {
    const meeting = known.find((each) => isSame(each.occurrenceStart, occurrence.occurrenceStart));
    if (meeting) planned.push(...(await planAgain(tx, schedule, { meeting, occurrence })));
    else planned.push(toPlanned(schedule, (await makeOccurrence(tx, schedule, occurrence)).row.id));
  }
  await noteScheduleLook(tx, schedule.id, { lookedAt: now, lookAgainAt });
  return planned;
}

export interface MadeMeeting extends ReplannedMeeting {
  row: MeetingRow;
}

/** Makes a meeting with what the schedule says of its meetings. */
export async function makeOccurrence(
  tx: Queryable,
  schedule: ScheduleRow,
  { occurrenceStart, scheduledStart }: { occurrenceStart: Date | null; scheduledStart: Date },
): Promise<MadeMeeting> {
  const row = await insertMeeting(tx, {
    userId: schedule.userId,
    link: {
      platform: schedule.platform,
      platformMeetingId: schedule.platformMeetingId,
      url: schedule.meetingUrl,
      passcode: null,
    },
    passcodeEncrypted: schedule.passcodeEncrypted,
    title: schedule.title,
    settings: { ...schedule, recording: schedule.isRecorded },
    botIdentityId: schedule.botIdentityId,
    joinTokenUrl: schedule.joinTokenUrl,
    scheduledStart,
    madeBy: { scheduleId: schedule.id, occurrenceStart },
  });
  return { ...toPlanned(schedule, row.id), row };
}

/** What a schedule had taken back itself comes about again; what a person cancelled does not. */
async function planAgain(
  tx: Queryable,
  schedule: ScheduleRow,
  { meeting, occurrence }: { meeting: OccurrenceMeeting; occurrence: Occurrence },
): Promise<ReplannedMeeting[]> {
  if (meeting.isDeleted || meeting.reason !== 'schedule_changed') return [];
  const change = await changePlan(tx, meeting.meetingId, occurrence.scheduledStart);
  return change.kind === 'changed' ? [toPlanned(schedule, meeting.meetingId)] : [];
}

/**
 * Has what is planned already follow a change of its schedule: taken back where nothing occurs any
 * more, moved where it occurs at another time. What has a bot is left alone, and so is the time
 * that a person gave a single meeting, unless that is `restored`. Call it after `lockSchedule`.
 */
export async function replanOccurrences(
  tx: Queryable,
  schedule: ScheduleRow,
  restored: Date | null = null,
): Promise<ReplannedMeeting[]> {
  const planned = await listPlannedOccurrences(tx, schedule.id);
  const exceptions = await listExceptions(tx, schedule.id);
  const recurrence = openRecurrence(schedule);
  const replanned: ReplannedMeeting[] = [];
  for (const { meetingId, occurrenceStart, scheduledStart } of planned) {
    // one that was asked for between times
    if (occurrenceStart === null) continue;
    const [occurrence] = listOccurrences(
      recurrence,
      {
        ...schedule,
        exceptions: exceptions.filter((e) => isSame(e.occurrenceStart, occurrenceStart)),
      },
      { after: new Date(occurrenceStart.getTime() - 1), until: occurrenceStart, atLeast: 0 },
    );
    const isThere = occurrence && isSame(occurrence.occurrenceStart, occurrenceStart);
    const isWanted = isThere && !occurrence.isSkipped && !schedule.isPaused;
    const isMoved = isThere && !isSame(occurrence.scheduledStart, occurrenceStart);
    const isOwnTime = !isMoved && !isSame(occurrenceStart, restored);
    if (isWanted && (isOwnTime || isSame(occurrence.scheduledStart, scheduledStart))) continue;
    const wish = isWanted ? occurrence.scheduledStart : 'schedule_changed';
    const change = await changePlan(tx, meetingId, wish);
    if (change.kind === 'changed') replanned.push(toPlanned(schedule, meetingId));
  }
  return replanned;
}

/** Takes back all that a schedule has planned. Call it after `lockSchedule`. */
export async function withdrawOccurrences(
  tx: Queryable,
  schedule: ScheduleRow,
): Promise<ReplannedMeeting[]> {
  const withdrawn: ReplannedMeeting[] = [];
  for (const { meetingId, occurrenceStart } of await listPlannedOccurrences(tx, schedule.id)) {
    if (occurrenceStart === null) continue;
    const change = await changePlan(tx, meetingId, 'schedule_changed');
    if (change.kind === 'changed') withdrawn.push(toPlanned(schedule, meetingId));
  }
  return withdrawn;
}

function toPlanned({ platform }: ScheduleRow, meetingId: number): ReplannedMeeting {
  // one that was never joined has its first transcript still to come
  return { meetingId, platform, transcriptVersion: 1 };
}

function isSame(a: Date | null, b: Date | null): boolean {
  return a?.getTime() === b?.getTime();
}
