import type { AttemptView, Meeting } from '../domain/api';
import { describeEndReason, endReasonSchema, type EndReason } from '../domain/end-reasons';
import { leavePolicySchema } from '../domain/leave-policy';
import type { Attempt } from '../infra/database/attempts';
import type { MeetingRow } from '../infra/database/meeting-records';

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
    source: row.source as Meeting['source'],
    status: row.status as Meeting['status'],
    botStatus: row.botStatus as Meeting['botStatus'],
    reason,
    message: describe(reason),
    scheduledStart: toText(row.scheduledStart),
    actualStart: toText(row.actualStart),
    actualEnd: toText(row.actualEnd),
    transcriptVersion: row.transcriptVersion,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** An attempt as the meeting's owner sees it. */
export function toAttemptView(attempt: Attempt): AttemptView {
  return {
    attempt: attempt.attempt,
    status: attempt.status,
    reason: attempt.reason,
    message: describe(attempt.reason),
    detail: attempt.detail,
    createdAt: attempt.createdAt.toISOString(),
    joinedAt: toText(attempt.joinedAt),
    endedAt: toText(attempt.endedAt),
    supersededAt: toText(attempt.fencedAt),
    lastHeartbeatAt: toText(attempt.lastHeartbeatAt),
  };
}

function describe(reason: EndReason | null): string | null {
  return reason === null ? null : describeEndReason(reason);
}

function toText(moment: Date | null): string | null {
  return moment?.toISOString() ?? null;
}
