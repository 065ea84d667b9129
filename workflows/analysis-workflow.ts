import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
} from '@temporalio/workflow';
import type { AnalysisActivities, AnalysisCounts } from '../activities/analysis';
import { TASK_QUEUES } from '../domain/temporal';
import type { AnalysisWorkflowInput } from '../domain/workflow-messages';
import { findApplicationFailure, isFailureOfType } from './failures';

const { analyseMeeting } = proxyActivities<Pick<AnalysisActivities, 'analyseMeeting'>>({
  taskQueue: TASK_QUEUES.analysis,
  // A meeting of hours at a slow model; each request has a time limit of its own.
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '10 seconds',
  // A language model may be away for a night; whoever wants it sooner can ask for another run.
  scheduleToCloseTimeout: '24 hours',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '2 minutes' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

const { giveUpAnalysis } = proxyActivities<Pick<AnalysisActivities, 'giveUpAnalysis'>>({
  taskQueue: TASK_QUEUES.analysis,
  startToCloseTimeout: '40 seconds',
  retry: { initialInterval: 500, backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

/** Analyses a meeting once. A run that cannot be had ends as `failed` with a sentence that says why. */
export async function analysisWorkflow(
  input: AnalysisWorkflowInput,
): Promise<AnalysisCounts | null> {
  const { meetingId, run } = input;
  const summary = `meeting ${meetingId}, run ${run}`;
  setCurrentDetails(
    `Analysing meeting ${meetingId}. While the language model is out of reach, the attempts of \`analyseMeeting\` and their cause stand in its pending activity.`,
  );
  try {
    const counts = await analyseMeeting.executeWithOptions({ summary }, [input]);
    setCurrentDetails(describe(input, counts));
    return counts;
  } catch (error) {
    if (isFailureOfType(error, 'MeetingDeleted')) return null;
    const reason = explain(error);
    setCurrentDetails(`Meeting ${meetingId} was not analysed. ${reason}`);
    await CancellationScope.nonCancellable(() =>
      giveUpAnalysis.executeWithOptions({ summary }, [{ ...input, error: reason }]),
    );
    throw error;
  }
}

function describe({ meetingId }: AnalysisWorkflowInput, counts: AnalysisCounts | null): string {
  if (counts === null) return `This analysis of meeting ${meetingId} had its answer already.`;
  const { decisions, actionItems, openQuestions, droppedClaims } = counts;
  return `Meeting ${meetingId} is analysed: ${decisions} decisions, ${actionItems} action items, ${openQuestions} open questions; ${droppedClaims} claims dropped for want of a source.`;
}

function explain(error: unknown): string {
  if (isCancellation(error)) return 'The analysis was cancelled.';
  const failure = findApplicationFailure(error);
  const isKnown = failure?.type?.startsWith('Analysis') ?? false;
  return isKnown && failure ? failure.message : 'The analysis did not come about within a day.';
}
