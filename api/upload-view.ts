import { describeEndReason, endReasonSchema } from '../domain/end-reasons';
import { isMeetingActive } from '../domain/statuses';
import { UPLOAD_ABANDONED_MS, type UploadView } from '../domain/uploads';
import type { MeetingRow } from '../infra/database/meeting-records';
import type { UploadRow } from '../infra/database/uploads';
import { toMeetingView } from './meeting-view';

/** A file as the meeting's owner sees it. */
export function toUploadView(upload: UploadRow, meeting: MeetingRow): UploadView {
  const { meetingId, fileName, sizeBytes, receivedBytes, durationMs, percent } = upload;
  const status = decideStatus(upload, meeting);
  const isReceiving = status === 'receiving';
  const expiresMs = upload.updatedAt.getTime() + UPLOAD_ABANDONED_MS;
  return {
    ...{ meetingId, status, fileName, sizeBytes, receivedBytes, durationMs },
    percent: status === 'completed' ? 100 : percent,
    problem: status === 'failed' ? describeProblem(meeting) : null,
    url: `/api/meetings/${meetingId}/upload`,
    expiresAt: isReceiving ? new Date(expiresMs).toISOString() : null,
    createdAt: upload.createdAt.toISOString(),
  };
}

function decideStatus(upload: UploadRow, meeting: MeetingRow): UploadView['status'] {
  if (upload.status === 'cancelled' || upload.status === 'receiving') return upload.status;
  const { status } = toMeetingView(meeting);
  if (status === 'completed' || status === 'failed' || status === 'cancelled') return status;
  // a file that is given up has failed once its meeting says why
  if (upload.status === 'received' || upload.status === 'failed') return 'decoding';
  return isMeetingActive(status) || status === 'created' ? 'transcribing' : 'completed';
}

function describeProblem({ reason }: MeetingRow): string | null {
  const known = endReasonSchema.safeParse(reason);
  return known.success ? describeEndReason(known.data) : null;
}
