import { CancellationScope, log } from '@temporalio/workflow';
import { recordingActivities } from './activity-options';
import { unlessStartRequested } from './drain-meeting';
import { isFailureOfType } from './failures';
import type { MeetingState } from './meeting-state';

/** Makes one file of what was recorded. Its failure changes nothing about the meeting. */
export async function assembleRecording(meeting: MeetingState): Promise<void> {
  if (!meeting.isRecorded) return;
  const { meetingId } = meeting.input;
  const options = { summary: `meeting ${meetingId}: recording` };
  try {
    await unlessStartRequested(meeting, () =>
      recordingActivities.assembleRecording.executeWithOptions(options, [{ meetingId }]),
    );
  } catch (error) {
    if (isFailureOfType(error, 'MeetingDeleted')) throw error;
    log.error('recording not assembled', { meetingId, error });
    await CancellationScope.nonCancellable(() =>
      recordingActivities.giveUpRecording({ meetingId }),
    );
  }
}
