import { CancellationScope, condition, log } from '@temporalio/workflow';
import { meetingActivities } from './activity-options';
import { awaitDeliveries } from './deliver-spool';
import type { MeetingState } from './meeting-state';
import { showDetails, showMeeting } from './show-meeting';

/**
 * After the last bot: waits for the chunks it had named, closes the intake and waits until
 * everything heard is transcribed. False when somebody asked for a bot again meanwhile.
 */
export async function drainMeeting(meeting: MeetingState): Promise<boolean> {
  meeting.phase = 'draining';
  meeting.stopRequested = false;
  const { meetingId, timing } = meeting.input;
  if (meeting.hasBeenIn) {
    void showMeeting(meeting, {
      status: 'processing',
      next: 'The last audio chunks arrive; then the intake is closed.',
    });
  }
  if ((await unlessStartRequested(meeting, () => awaitDeliveries(meeting))) === null) return false;
  const summary = `meeting ${meetingId}`;
  const { drainGraceMs, spoolGraceMs } = timing;
  const last = await unlessStartRequested(meeting, () =>
    meetingActivities.awaitLastChunks.executeWithOptions({ summary }, [
      { meetingId, drainGraceMs, spoolGraceMs },
    ]),
  );
  if (last === null) return false;
  meeting.missingChunks = last.missing;
  if (last.missing > 0)
    log.warn('named chunks never arrived', { meetingId, missing: last.missing });
  const closed: { isRecorded: boolean } | undefined =
    await meetingActivities.closeIntake.executeWithOptions({ summary }, [{ meetingId }]);
  // histories from before there were recordings have no answer here
  meeting.isRecorded = closed?.isRecorded ?? false;
  meeting.next = 'What was heard is transcribed to the last chunk.';
  showDetails(meeting);
  const counts = await unlessStartRequested(meeting, () =>
    meetingActivities.awaitTranscribed.executeWithOptions({ summary }, [{ meetingId }]),
  );
  if (counts === null) return false;
  meeting.chunks = counts;
  return true;
}

/** Does `work`, or gives it up and returns null once somebody asks for a bot. */
export function unlessStartRequested<Result>(
  meeting: MeetingState,
  work: () => Promise<Result>,
): Promise<Result | null> {
  return unless(() => meeting.startRequests.length > 0, work);
}

/** Does `work`, or gives it up and returns null once something else is wanted. */
export async function unless<Result>(
  isUnwanted: () => boolean,
  work: () => Promise<Result>,
): Promise<Result | null> {
  const scope = new CancellationScope();
  let outcome: { result: Result } | { failure: unknown } | null = null;
  const running = scope.run(work).then(
    (result) => (outcome = { result }),
    (failure: unknown) => (outcome = { failure }),
  );
  await condition(() => outcome !== null || isUnwanted());
  if (isUnwanted()) {
    scope.cancel();
    return null;
  }
  const settled = await running;
  if ('failure' in settled) throw settled.failure;
  return settled.result;
}
