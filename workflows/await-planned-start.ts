import { condition } from '@temporalio/workflow';
import type { PlannedAttempt } from '../activities/plans';
import type { EndReason } from '../domain/end-reasons';
import type { MeetingPlan } from '../domain/workflow-messages';
import { meetingActivities } from './activity-options';
import type { MeetingState } from './meeting-state';
import { showChange } from './show-meeting';

/**
 * Waits for the start that the meeting's row plans, however often it is moved. Null when somebody
 * asked for a bot first; `nothing_to_do` when the plan was taken back, missed or served before.
 */
export async function awaitPlannedStart(
  meeting: MeetingState,
): Promise<PlannedAttempt | 'nothing_to_do' | null> {
  const { meetingId } = meeting.input;
  for (;;) {
    meeting.phase = 'waiting';
    meeting.hasPlanNews = false;
    // whoever stopped it took the plan back in the row
    meeting.stopRequested = false;
    if (meeting.startRequests.length > 0) return null;
    const plan = await meetingActivities.readPlan({ meetingId });
    if (meeting.startRequests.length > 0) return null;
    if (plan === null) return takenBack(meeting);
    if (await isToldBefore(meeting, plan)) continue;
    meeting.phase = 'beginning';
    const begun = await meetingActivities.beginPlannedAttempt.executeWithOptions(
      { summary: `meeting ${meetingId}, planned start` },
      [{ meetingId, revision: plan.revision }],
    );
    if (begun.kind === 'begun') return begun;
    if (begun.kind === 'missed') return missed(meeting, begun.reason);
    if (begun.kind === 'already_served') return takenBack(meeting);
    // else the row's plan is another one by now
  }
}

/** True when something was asked for before it was time to send the bot. */
function isToldBefore(meeting: MeetingState, plan: MeetingPlan): Promise<boolean> {
  const wakeAt = new Date(plan.wakeAtMs).toISOString();
  const start = new Date(plan.scheduledStartMs).toISOString();
  showChange(meeting, {
    status: 'scheduled',
    botStatus: 'none',
    reason: null,
    next: `A bot is sent at ${wakeAt}; the meeting starts at ${start}.`,
  });
  const isTold = (): boolean => meeting.startRequests.length > 0 || meeting.hasPlanNews;
  const waitMs = plan.wakeAtMs - Date.now();
  if (waitMs <= 0) return Promise.resolve(isTold());
  return condition(isTold, waitMs, {
    summary: `meeting ${meeting.input.meetingId} wakes at ${wakeAt}`,
  });
}

function takenBack(meeting: MeetingState): 'nothing_to_do' {
  // an old message to a meeting that has ended otherwise changes nothing
  if (meeting.attempt === null) {
    showChange(meeting, {
      status: 'cancelled',
      botStatus: 'none',
      reason: 'plan_cancelled',
      next: 'Nothing; the plan was taken back.',
    });
  }
  return 'nothing_to_do';
}

function missed(meeting: MeetingState, reason: EndReason): 'nothing_to_do' | null {
  if (meeting.startRequests.length > 0) return null;
  showChange(meeting, {
    status: 'failed',
    botStatus: 'none',
    reason,
    next: 'Nothing; no bot is sent for this plan.',
  });
  return 'nothing_to_do';
}

/** The workflow of a waiting meeting was cancelled: its row says so, unless it is planned anew. */
export async function giveUpPlan(meeting: MeetingState): Promise<void> {
  await meetingActivities.cancelPlan({ meetingId: meeting.input.meetingId });
  takenBack(meeting);
}
