import type { AttemptView, ListMeetingsQuery, Meeting, MeetingList } from '../domain/api';
import {
  describeEndReason,
  endReasonSchema,
  findRemedy,
  type EndReason,
} from '../domain/end-reasons';
import { leavePolicySchema } from '../domain/leave-policy';
import type { BotCommandView } from '../domain/talking-back';
import { listAttempts, type Attempt } from '../infra/database/attempts';
import type { Database, Queryable } from '../infra/database/client';
import { EVIDENCE_DAYS, listEvidence, type Evidence } from '../infra/database/evidence';
import {
  listOwnMeetings,
  listUpcomingMeetings,
  type MeetingRow,
} from '../infra/database/meeting-records';
import type { TalkCommandRow } from '../infra/database/talk-commands';
import {
  decodeCursor,
  decodeUpcomingCursor,
  encodeCursor,
  encodeUpcomingCursor,
} from './page-cursor';

const DAY_MS = 24 * 3_600_000;

/** A meeting as its owner sees it. The columns' values are checked by the database. */
export function toMeetingView(row: MeetingRow): Meeting {
  const reason = row.reason === null ? null : endReasonSchema.catch('unknown').parse(row.reason);
  return {
    id: row.id,
    title: row.title,
    platform: row.platform as Meeting['platform'],
    meetingUrl: row.meetingUrl,
    hasPasscode: row.passcodeEncrypted !== null,
    botName: row.botName,
    language: row.language,
    leavePolicy: leavePolicySchema.parse(row.leavePolicy),
    entryMessage: row.entryMessage,
    recording: row.isRecorded,
    recordingStatus: row.recordingStatus as Meeting['recordingStatus'],
    recordingUrl: row.recordingStatus === 'ready' ? `/api/meetings/${row.id}/recording` : null,
    botIdentityId: row.botIdentityId,
    joinTokenUrl: row.joinTokenUrl,
    source: row.source as Meeting['source'],
    status: row.status as Meeting['status'],
    botStatus: row.botStatus as Meeting['botStatus'],
    botQueuePlace: row.botStatus === 'launching' ? row.botQueuePlace : null,
    reason,
    message: describe(reason),
    scheduledStart: toText(row.scheduledStart),
    scheduleId: row.scheduleId,
    occurrenceStart: toText(row.occurrenceStart),
    actualStart: toText(row.actualStart),
    actualEnd: toText(row.actualEnd),
    transcriptVersion: row.transcriptVersion,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** A page of a user's meetings: from the newest on, what is planned from the soonest on. */
export async function readMeetingPage(
  db: Database,
  userId: number,
  { cursor, ...filter }: ListMeetingsQuery,
): Promise<MeetingList> {
  const query = { ...filter, userId };
  if (filter.status === 'scheduled' || filter.when === 'upcoming') {
    const after = cursor === undefined ? null : decodeUpcomingCursor(cursor);
    const { meetings, hasMore } = await listUpcomingMeetings(db, { ...query, after });
    const last = hasMore ? meetings.at(-1) : undefined;
    const { scheduledStart = null, id = 0 } = last ?? {};
    const nextCursor = scheduledStart && encodeUpcomingCursor({ scheduledStart, id });
    return { meetings: meetings.map(toMeetingView), nextCursor };
  }
  const beforeId = cursor === undefined ? null : decodeCursor(cursor);
  const { meetings, hasMore } = await listOwnMeetings(db, { ...query, beforeId });
  const last = hasMore ? meetings.at(-1) : undefined;
  return {
    meetings: meetings.map(toMeetingView),
    nextCursor: last === undefined ? null : encodeCursor(last.id),
  };
}

/** A meeting's attempts as its owner sees them, from the first on. */
export async function readAttemptViews(db: Queryable, meetingId: number): Promise<AttemptView[]> {
  const [attempts, evidence] = await Promise.all([
    listAttempts(db, meetingId),
    listEvidence(db, meetingId),
  ]);
  return attempts.map((attempt) =>
    toAttemptView(
      attempt,
      evidence.filter((each) => each.attemptId === attempt.id),
    ),
  );
}

function toAttemptView(attempt: Attempt, evidence: readonly Evidence[]): AttemptView {
  return {
    attempt: attempt.attempt,
    status: attempt.status,
    reason: attempt.reason,
    message: describe(attempt.reason),
    remedy: attempt.reason === null ? null : findRemedy(attempt.reason),
    detail: attempt.detail,
    confidence: attempt.confidence,
    signs: attempt.signs ?? [],
    evidence: evidence.map((each) => toEvidenceView(attempt, each)),
    sound: toSoundView(attempt),
    createdAt: attempt.createdAt.toISOString(),
    joinedAt: toText(attempt.joinedAt),
    endedAt: toText(attempt.endedAt),
    supersededAt: toText(attempt.fencedAt),
    lastHeartbeatAt: toText(attempt.lastHeartbeatAt),
  };
}

function toSoundView({ heartbeat }: Attempt): AttemptView['sound'] {
  if (heartbeat?.heardMs === undefined) return null;
  const { heardMs, zeroRunMs = 0, clippedSamples = 0 } = heartbeat;
  return { heardMs, zeroRunMs, clippedSamples };
}

function toEvidenceView(
  { meetingId, attempt }: Attempt,
  { name, contentType, sizeBytes, createdAt }: Evidence,
): AttemptView['evidence'][number] {
  return {
    name,
    contentType,
    sizeBytes,
    url: `/api/meetings/${meetingId}/attempts/${attempt}/evidence/${name}`,
    expiresAt: new Date(createdAt.getTime() + EVIDENCE_DAYS * DAY_MS).toISOString(),
  };
}

/** Something the bot was asked to say or write, as the meeting's owner sees it. */
export function toCommandView(row: TalkCommandRow): BotCommandView {
  return {
    id: row.id,
    kind: row.kind,
    text: row.text,
    attempt: row.attempt,
    status: row.status ?? 'pending',
    detail: row.detail,
    createdAt: row.createdAt.toISOString(),
    finishedAt: toText(row.acknowledgedAt),
  };
}

function describe(reason: EndReason | null): string | null {
  return reason === null ? null : describeEndReason(reason);
}

function toText(moment: Date | null): string | null {
  return moment?.toISOString() ?? null;
}
