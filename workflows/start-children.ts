import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  startChild,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { makeAnalysisWorkflowId, makeTranscriptWorkflowId, TASK_QUEUES } from '../domain/temporal';
import type { AnalysisWorkflowInput, TranscriptWorkflowInput } from '../domain/workflow-messages';
import { WORKFLOW_TYPES } from '../domain/workflow-messages';
import type { MeetingState } from './meeting-state';
import { moreAudioSignal, type transcriptWorkflow } from './transcript-workflow';

/** Neither the end nor the cancellation of the meeting's workflow ends these. */
const OUTLIVES_THE_MEETING = {
  parentClosePolicy: ParentClosePolicy.ABANDON,
  cancellationType: ChildWorkflowCancellationType.ABANDON,
};

/**
 * Sees to it that the meeting's transcript is being written. A transcript that runs is told of more
 * audio, since it may just be finding that it is done; one that has finished is started anew.
 */
export async function ensureTranscript({ input }: MeetingState): Promise<void> {
  const { meetingId, transcriptVersion: version } = input;
  const workflowId = makeTranscriptWorkflowId(meetingId, version);
  const args: [TranscriptWorkflowInput] = [{ meetingId, version }];
  for (;;) {
    const isStarted = await unlessStarted(
      startChild<typeof transcriptWorkflow>(WORKFLOW_TYPES.transcript, {
        workflowId,
        args,
        taskQueue: TASK_QUEUES.meetings,
        ...OUTLIVES_THE_MEETING,
        staticSummary: `transcript of meeting ${meetingId}, ${input.platform}, version ${version}`,
      }),
    );
    if (isStarted !== null) return;
    try {
      await getExternalWorkflowHandle(workflowId).signal(moreAudioSignal);
      return;
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

/** Starts the nth analysis, or returns null when somebody else has started it. */
export async function startAnalysis(
  { input }: MeetingState,
  run: number,
): Promise<ChildWorkflowHandle<(analysis: AnalysisWorkflowInput) => Promise<unknown>> | null> {
  const { meetingId } = input;
  return unlessStarted(
    startChild<(analysis: AnalysisWorkflowInput) => Promise<unknown>>(WORKFLOW_TYPES.analysis, {
      workflowId: makeAnalysisWorkflowId(meetingId, run),
      args: [{ meetingId, run }],
      taskQueue: TASK_QUEUES.meetings,
      ...OUTLIVES_THE_MEETING,
      staticSummary: `analysis ${run} of meeting ${meetingId}, ${input.platform}`,
    }),
  );
}

async function unlessStarted<Handle>(starting: Promise<Handle>): Promise<Handle | null> {
  try {
    return await starting;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/** The transcript finished between our attempt to start it and our signal. */
function isGone(error: unknown): boolean {
  return error instanceof Error && error.name !== 'CancelledFailure';
}
