import { meetingStatusSchema } from '../domain/statuses';
import { describeEndReason, endReasonSchema } from '../domain/end-reasons';
import type {
  OccurrenceView,
  OutcomeView,
  ScheduleDetail,
  ScheduleView,
} from '../domain/schedules';
import { PLANNING_SCHEDULE_ID, makeTemporalScheduleId } from '../domain/temporal';
import type { Queryable } from '../infra/database/client';
import {
  listExceptions,
  listOccurrenceMeetings,
  listOutcomes,
  listOwnSchedules,
  readNextStarts,
  type OccurrenceMeeting,
  type ScheduleRow,
} from '../infra/database/schedules';
import { openRecurrence } from '../infra/recurrence/recurrence';
import { listOccurrences, type Occurrence } from '../infra/schedules/occurrences';
import type { ApiDeps } from './deps';
import { decodeCursor, encodeCursor } from './page-cursor';
import { makeScheduleUrl } from './workflow-url';

/** Occurrences that are shown, and outcomes. */
const SHOWN = 10;
/** Of those to come, some may have begun early and are shown as outcomes. */
const LOOKED_AT = 2 * SHOWN;

interface Deps {
  config: ApiDeps['config'];
  database: Queryable;
}

/** A schedule as its owner sees it. */
function toScheduleView(
  { config }: Deps,
  row: ScheduleRow,
  nextStart: Date | undefined,
): ScheduleView {
  return {
    id: row.id,
    title: row.title,
    platform: row.platform,
    meetingUrl: row.meetingUrl,
    hasPasscode: row.passcodeEncrypted !== null,
    botName: row.botName,
    language: row.language,
    leavePolicy: row.leavePolicy,
    entryMessage: row.entryMessage,
    recording: row.isRecorded,
    botIdentityId: row.botIdentityId,
    joinTokenUrl: row.joinTokenUrl,
    rrule: row.rrule,
    cron: row.cron,
    timeZone: row.timeZone,
    startsAt: row.startsAt.toISOString(),
    endsAt: row.endsAt?.toISOString() ?? null,
    skipDates: row.skipDates,
    status: decideStatus(row, nextStart),
    nextStart: nextStart?.toISOString() ?? null,
    runBy: row.isCalendar ? 'temporal_calendar' : 'planning_workflow',
    temporalUrl: makeScheduleUrl(
      config,
      row.isCalendar ? makeTemporalScheduleId(row.id) : PLANNING_SCHEDULE_ID,
    ),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

function decideStatus(row: ScheduleRow, nextStart: Date | undefined): ScheduleView['status'] {
  if (row.isPaused) return 'paused';
  return row.lookAgainAt === null && nextStart === undefined ? 'ended' : 'active';
}

/** A page of a user's schedules, newest first. */
export async function readSchedulePage(
  deps: Deps,
  userId: number,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ schedules: ScheduleView[]; nextCursor: string | null }> {
  const beforeId = cursor === undefined ? null : decodeCursor(cursor);
  const found = await listOwnSchedules(deps.database, { userId, beforeId, limit: limit + 1 });
  const page = found.slice(0, limit);
  const starts = await readNextStarts(
    deps.database,
    page.map(({ id }) => id),
  );
  const last = found.length > limit ? page.at(-1) : undefined;
  return {
    schedules: page.map((row) => toScheduleView(deps, row, starts.get(row.id))),
    nextCursor: last === undefined ? null : encodeCursor(last.id),
  };
}

/** A schedule with what comes next and what became of the last. */
export async function readScheduleDetail(deps: Deps, row: ScheduleRow): Promise<ScheduleDetail> {
  const { database } = deps;
  const now = new Date();
  const exceptions = await listExceptions(database, row.id);
  const coming = listOccurrences(
    openRecurrence(row),
    { ...row, exceptions },
    { after: now, until: now, atLeast: LOOKED_AT },
  );
  const meetings = await listOccurrenceMeetings(
    database,
    row.id,
    coming.map((each) => each.occurrenceStart),
  );
  const starts = await readNextStarts(database, [row.id]);
  const outcomes = await listOutcomes(database, row.id, SHOWN);
  return {
    ...toScheduleView(deps, row, starts.get(row.id)),
    nextOccurrences: coming
      .flatMap((each) => toOccurrenceView(each, findMeeting(meetings, each)))
      .sort((a, b) => a.scheduledStart.localeCompare(b.scheduledStart))
      .slice(0, SHOWN),
    lastOutcomes: outcomes.map(toOutcomeView),
  };
}

function findMeeting(
  meetings: readonly OccurrenceMeeting[],
  { occurrenceStart }: Occurrence,
): OccurrenceMeeting | undefined {
  return meetings.find(
    (each) => each.occurrenceStart?.getTime() === occurrenceStart.getTime() && !each.isDeleted,
  );
}

/** None for one that has begun: it stands among the outcomes. */
function toOccurrenceView(
  { occurrenceStart, scheduledStart, isSkipped }: Occurrence,
  meeting: OccurrenceMeeting | undefined,
): OccurrenceView[] {
  if (meeting && !meeting.isPlanOpen && meeting.status !== 'cancelled') return [];
  const start = meeting?.isPlanOpen ? (meeting.scheduledStart ?? scheduledStart) : scheduledStart;
  return [
    {
      occurrenceStart: occurrenceStart.toISOString(),
      scheduledStart: start.toISOString(),
      state: isSkipped ? 'skipped' : decideState(meeting),
      meetingId: meeting?.meetingId ?? null,
    },
  ];
}

function decideState(meeting: OccurrenceMeeting | undefined): OccurrenceView['state'] {
  // what the schedule took back itself comes about again
  if (!meeting || (!meeting.isPlanOpen && meeting.reason === 'schedule_changed')) return 'upcoming';
  return meeting.isPlanOpen ? 'planned' : 'cancelled';
}

function toOutcomeView(meeting: OccurrenceMeeting): OutcomeView {
  const { reason } = meeting;
  const known = reason === null ? null : endReasonSchema.catch('unknown').parse(reason);
  return {
    meetingId: meeting.meetingId,
    occurrenceStart: meeting.occurrenceStart?.toISOString() ?? null,
    scheduledStart: meeting.scheduledStart?.toISOString() ?? null,
    status: meetingStatusSchema.parse(meeting.status),
    reason: known,
    message: known === null ? null : describeEndReason(known),
  };
}
