import { CancellationScope, condition, log } from '@temporalio/workflow';
import { botActivities } from './activity-options';
import { isFailureOfType } from './failures';
import type { MeetingState } from './meeting-state';

/**
 * Has the audio sent that an ended bot left on its disk, beside the next attempt: rejoining must not
 * wait for it. What cannot be sent counts as missing when the meeting is drained.
 */
export function startDelivery(meeting: MeetingState): void {
  const { meetingId, platform } = meeting.input;
  const { attempt } = meeting;
  if (attempt === null) return;
  meeting.runningDeliveries += 1;
  const summary = `meeting ${meetingId}, ${platform}, attempt ${attempt}`;
  void CancellationScope.nonCancellable(async () => {
    try {
      await botActivities.deliverSpool.executeWithOptions({ summary }, [{ meetingId, attempt }]);
    } catch (error) {
      if (!isFailureOfType(error, 'MeetingDeleted')) {
        log.warn('spool not delivered', { meetingId, attempt });
      }
    } finally {
      meeting.runningDeliveries -= 1;
    }
  });
}

/** Resolves once every delivery has come to its end, whichever it was. */
export async function awaitDeliveries(meeting: MeetingState): Promise<void> {
  if (meeting.runningDeliveries > 0) await condition(() => meeting.runningDeliveries === 0);
}
