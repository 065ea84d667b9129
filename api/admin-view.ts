import type { AdminMeeting, AdminUser, AuditEntryView } from '../domain/admin';
import { endReasonSchema } from '../domain/end-reasons';
import { makeMeetingWorkflowId } from '../domain/temporal';
import type { ApiConfig } from '../infra/config';
import type { AdminMeetingRow, AdminUserRow } from '../infra/database/admin';
import type { AuditEntry } from '../infra/database/audit';
import type { DayUsage } from '../infra/database/usage';
import { encodeCursor } from './page-cursor';
import { makeWorkflowUrl } from './workflow-url';

/** What was asked for of rows that are one more when there are more, and the cursor after it. */
export function toPage<Row extends { id: number }>(
  rows: readonly Row[],
  limit: number,
): { page: Row[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { page, nextCursor: last ? encodeCursor(last.id) : null };
}

export function toAdminUser(row: AdminUserRow): AdminUser {
  return {
    ...row,
    disabledAt: toText(row.disabledAt),
    deletedAt: toText(row.deletedAt),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** The columns' values are checked by the database. */
export function toAdminMeeting(config: ApiConfig, row: AdminMeetingRow): AdminMeeting {
  return {
    ...row,
    platform: row.platform as AdminMeeting['platform'],
    source: row.source as AdminMeeting['source'],
    status: row.status as AdminMeeting['status'],
    botStatus: row.botStatus as AdminMeeting['botStatus'],
    reason: row.reason === null ? null : endReasonSchema.catch('unknown').parse(row.reason),
    actualStart: toText(row.actualStart),
    actualEnd: toText(row.actualEnd),
    deletedAt: toText(row.deletedAt),
    createdAt: row.createdAt.toISOString(),
    workflowUrl: makeWorkflowUrl(config, makeMeetingWorkflowId(row.id)),
  };
}

export function toAuditView(entry: AuditEntry): AuditEntryView {
  return { ...entry, at: entry.at.toISOString() };
}

/** The figures of a day with what they cost, rounded to what anybody reads. */
export function toFigures(config: ApiConfig, usage: Omit<DayUsage, 'userId'>) {
  const perSecond = config.WHISPER_COST_PER_SECOND;
  return {
    day: usage.day,
    botMinutes: round(usage.botMinutes, 2),
    audioSeconds: round(usage.audioSeconds, 3),
    whisperSeconds: round(usage.whisperSeconds, 3),
    whisperCost: perSecond === undefined ? null : round(usage.whisperSeconds * perSecond, 6),
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
  };
}

function round(figure: number, digits: number): number {
  return Math.round(figure * 10 ** digits) / 10 ** digits;
}

function toText(moment: Date | null): string | null {
  return moment?.toISOString() ?? null;
}
