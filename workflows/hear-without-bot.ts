import { CancellationScope, condition, log } from '@temporalio/workflow';
import { TemporalFailure } from '@temporalio/common';
import type { DecodedUpload } from '../activities/uploads';
import type { EndReason } from '../domain/end-reasons';
import type { MeetingStatus } from '../domain/statuses';
import { meetingActivities, sourceActivities, uploadActivities } from './activity-options';
import { drainMeeting } from './drain-meeting';
import { isFailureOfType } from './failures';
import type { MeetingState } from './meeting-state';
import { showDetails, showMeeting } from './show-meeting';
import { ensureTranscript } from './start-children';

/** How a meeting that no bot heard is over. */
export type HearingEnd = Extract<MeetingStatus, 'completed' | 'failed' | 'cancelled'>;

/**
 * Hears a meeting without a bot, to the last word: what a recorder in a browser sends until it is
 * finished or has vanished, or an uploaded file.
 */
export async function hearWithoutBot(meeting: MeetingState): Promise<HearingEnd> {
  meeting.phase = 'attending';
  meeting.hasBeenIn = true;
  meeting.botStatus = 'none';
  if (meeting.input.source === 'upload') return hearFile(meeting);
  await hearRecorder(meeting);
  await drainMeeting(meeting);
  return 'completed';
}

async function hearRecorder(meeting: MeetingState): Promise<void> {
  void showMeeting(meeting, {
    status: 'live',
    next: 'The recorder sends what it hears until somebody finishes it.',
  });
  await ensureTranscript(meeting);
  const { meetingId, timing } = meeting.input;
  const watch = { meetingId, silenceMs: timing.recorderSilenceMs };
  const seen = await unlessStopped(
    meeting,
    () => sourceActivities.watchRecorder.executeWithOptions(describe(meeting), [watch]),
    timing.longestMeetingMs,
  );
  const ownReason = meeting.stopRequested ? 'recording_finished' : 'time_limit';
  meeting.reason = seen?.reason ?? ownReason;
  await sourceActivities.endHearing({ meetingId, reason: meeting.reason });
}

async function hearFile(meeting: MeetingState): Promise<HearingEnd> {
  const { meetingId } = meeting.input;
  void showMeeting(meeting, {
    status: 'processing',
    next: 'The file is decoded and cut at its pauses; the pieces are transcribed meanwhile.',
  });
  await ensureTranscript(meeting);
  const decoded = await decode(meeting);
  if (decoded === null) return giveUp(meeting, 'upload_cancelled');
  if (decoded.kind === 'unusable') return giveUp(meeting, decoded.reason);
  await meetingActivities.closeIntake.executeWithOptions(describe(meeting), [{ meetingId }]);
  meeting.next = 'What the file says is transcribed to its end.';
  showDetails(meeting);
  const isWhole = await followProgress(meeting);
  return isWhole ? 'completed' : giveUp(meeting, 'upload_cancelled');
}

/** Null when somebody cancelled it. */
async function decode(meeting: MeetingState): Promise<DecodedUpload | null> {
  const { meetingId } = meeting.input;
  try {
    const decoded = await unlessStopped(meeting, () =>
      uploadActivities.decodeUpload.executeWithOptions(describe(meeting), [{ meetingId }]),
    );
    return decoded?.kind === 'over' ? null : decoded;
  } catch (error) {
    const isFinal = error instanceof TemporalFailure && !isFailureOfType(error, 'MeetingDeleted');
    if (!isFinal || CancellationScope.current().consideredCancelled) throw error;
    log.error('file not decoded', { meetingId, error });
    return { kind: 'unusable', reason: 'decoding_failed' };
  }
}

/** False when somebody cancelled it. */
async function followProgress(meeting: MeetingState): Promise<boolean> {
  const { meetingId } = meeting.input;
  for (;;) {
    const abovePercent = meeting.percent ?? 0;
    const progress = await unlessStopped(meeting, () =>
      sourceActivities.followUpload.executeWithOptions(describe(meeting), [
        { meetingId, abovePercent },
      ]),
    );
    if (progress === null) return false;
    meeting.percent = progress.percent;
    meeting.chunks = progress.chunks;
    showDetails(meeting);
    if (progress.isOver) return true;
  }
}

async function giveUp(meeting: MeetingState, reason: EndReason): Promise<HearingEnd> {
  const { meetingId } = meeting.input;
  const status = reason === 'upload_cancelled' ? 'cancelled' : 'failed';
  meeting.reason = reason;
  await sourceActivities.giveUpUpload({ meetingId, status, reason });
  await meetingActivities.closeIntake.executeWithOptions(describe(meeting), [{ meetingId }]);
  return status;
}

/** Does `work`; gives it up and returns null once somebody stops the meeting, or time is over. */
async function unlessStopped<Result>(
  meeting: MeetingState,
  work: () => Promise<Result>,
  timeoutMs?: number,
): Promise<Result | null> {
  const scope = new CancellationScope();
  let outcome: { result: Result } | { failure: unknown } | null = null;
  const running = scope.run(work).then(
    (result) => (outcome = { result }),
    (failure: unknown) => (outcome = { failure }),
  );
  const isOver = (): boolean => outcome !== null || meeting.stopRequested;
  if (timeoutMs === undefined) await condition(isOver);
  else await condition(isOver, timeoutMs);
  if (outcome === null) {
    scope.cancel();
    return null;
  }
  const settled = await running;
  if ('failure' in settled) throw settled.failure;
  return settled.result;
}

function describe({ input }: MeetingState): { summary: string } {
  return { summary: `meeting ${input.meetingId}, ${input.source ?? 'bot'}` };
}
