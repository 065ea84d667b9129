import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  CancellationScope,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { EndReason } from '../domain/end-reasons';
import type { BotStatus, MeetingStatus } from '../domain/statuses';
import type { SEARCH_ATTRIBUTES } from '../domain/temporal';
import { meetingActivities } from './activity-options';
import { describeForOperators } from './meeting-details';
import type { MeetingState } from './meeting-state';

const keyword = (name: keyof typeof SEARCH_ATTRIBUTES) =>
  defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const MEETING_STATUS = keyword('MeetingStatus');
const BOT_STATUS = keyword('BotStatus');
const END_REASON = keyword('EndReason');

/** What changes for everybody who looks at the meeting. */
export interface MeetingChange {
  status?: MeetingStatus;
  botStatus?: BotStatus;
  reason?: EndReason | null;
  next: string;
}

/**
 * Shows a change of the meeting: details and search attributes in the Web UI, the row in the
 * database. Resolves when the row is written; need not be awaited, because rows carry the moment
 * of the decision and an older one that arrives late changes nothing.
 */
export function showMeeting(meeting: MeetingState, change: MeetingChange): Promise<void> {
  showChange(meeting, change);
  const { meetingId } = meeting.input;
  return CancellationScope.nonCancellable(() =>
    meetingActivities.projectMeeting.executeWithOptions(
      { summary: `meeting ${meetingId}: ${meeting.status}, bot ${meeting.botStatus}` },
      [
        {
          meetingId,
          decidedAtMs: meeting.decidedAtMs,
          status: meeting.status,
          botStatus: meeting.botStatus,
          reason: meeting.reason,
        },
      ],
    ),
  );
}

/** Shows a change in the Web UI only: what the row says of a plan was written by who changed it. */
export function showChange(meeting: MeetingState, change: MeetingChange): void {
  Object.assign(meeting, change);
  // grows strictly, also when two decisions fall into one workflow task
  meeting.decidedAtMs = Math.max(Date.now(), meeting.decidedAtMs + 1);
  showDetails(meeting);
  showSearchAttributes(meeting);
}

/** Shows operators what is awaited now; costs no event and no write. */
export function showDetails(meeting: MeetingState): void {
  setCurrentDetails(describeForOperators(meeting));
}

function showSearchAttributes({ status, botStatus, reason }: MeetingState): void {
  const known = workflowInfo().typedSearchAttributes;
  const wanted = [
    { key: MEETING_STATUS, value: status },
    { key: BOT_STATUS, value: botStatus },
    { key: END_REASON, value: reason },
  ];
  const changed = wanted.filter(({ key, value }) => (known.get(key) ?? null) !== value);
  if (changed.length > 0) upsertSearchAttributes(changed);
}
