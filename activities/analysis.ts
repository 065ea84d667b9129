import { ApplicationFailure, CancelledFailure, Context, log } from '@temporalio/activity';
import { EMPTY_ANALYSIS, type AnalysisSegment } from '../domain/analysis';
import type { FailureType } from '../domain/failures';
import type { AnalysisWorkflowInput } from '../domain/workflow-messages';
import { AnalyserError, type Analyser, type AnalysisNotebook } from '../infra/analysis/analyser';
import {
  addAnalysisTokens,
  completeAnalysis,
  failAnalysis,
  findAnalysisPart,
  readAnalysisRun,
  saveAnalysisPart,
  type AnalysisAnswer,
} from '../infra/database/analysis-runs';
import type { Database } from '../infra/database/client';
import type { Doorbell } from '../infra/doorbell';

export interface AnalysisDeps {
  db: Database;
  analyser: Analyser;
  doorbell: Pick<Doorbell, 'ring'>;
}

/** What an analysis found, in numbers. */
export interface AnalysisCounts {
  decisions: number;
  actionItems: number;
  openQuestions: number;
  droppedClaims: number;
}

export type AnalysisActivities = ReturnType<typeof createAnalysisActivities>;

/** Several within the heartbeat timeout of the workflow, so that a lost one is no alarm. */
const HEARTBEAT_INTERVAL_MS = 2_500;

/** Activities of the queue `analysis`. */
export function createAnalysisActivities(deps: AnalysisDeps) {
  const { db, doorbell } = deps;
  return {
    /**
     * Analyses what was said; null when this run was settled before. Idempotent by the run's row,
     * which only a running analysis changes; parts a model has answered are not asked for again.
     */
    async analyseMeeting(input: AnalysisWorkflowInput): Promise<AnalysisCounts | null> {
      const context = Context.current();
      const timer = setInterval(() => context.heartbeat(), HEARTBEAT_INTERVAL_MS);
      try {
        const work = analyseUntilComplete(deps, input, context.cancellationSignal);
        return await Promise.race([work, context.cancelled]);
      } catch (error) {
        throw toFailure(error);
      } finally {
        clearInterval(timer);
      }
    },

    /** Ends a run without an answer. A second time, or after an answer, it changes nothing. */
    async giveUpAnalysis(input: AnalysisWorkflowInput & { error: string }): Promise<void> {
      await failAnalysis(db, input, input.error);
      doorbell.ring('meeting', input.meetingId);
    },
  };
}

async function analyseUntilComplete(
  { db, analyser, doorbell }: AnalysisDeps,
  input: AnalysisWorkflowInput,
  signal: AbortSignal,
): Promise<AnalysisCounts | null> {
  const notebook = openNotebook(db, input);
  for (;;) {
    signal.throwIfAborted();
    const reading = await readAnalysisRun(db, input);
    if (reading.kind === 'settled') return null;
    if (reading.kind === 'meeting_deleted') throw makeDeletedFailure(input.meetingId);
    const { transcript } = reading;
    const answer = await answerFor(analyser, { segments: transcript.segments, notebook, signal });
    const outcome = await completeAnalysis(db, input, { answer, transcript });
    if (outcome === 'not_running') return null;
    if (outcome === 'transcript_grew') continue;
    doorbell.ring('meeting', input.meetingId);
    const counts = countClaims(answer);
    log.info('meeting analysed', { meetingId: input.meetingId, run: input.run, ...counts });
    return counts;
  }
}

async function answerFor(
  analyser: Analyser,
  task: { segments: AnalysisSegment[]; notebook: AnalysisNotebook; signal: AbortSignal },
): Promise<AnalysisAnswer> {
  const { provider, model } = analyser;
  const segments = task.segments.filter(({ text }) => text.trim() !== '');
  if (segments.length === 0) return { content: EMPTY_ANALYSIS, droppedClaims: 0, provider, model };
  return { ...(await analyser.analyse({ ...task, segments })), provider, model };
}

function openNotebook(db: Database, input: AnalysisWorkflowInput): AnalysisNotebook {
  return {
    find: (hash) => findAnalysisPart(db, input, hash),
    save: (hash, part) => saveAnalysisPart(db, input, { hash, part }),
    addTokens: (use) => addAnalysisTokens(db, input, use),
  };
}

function countClaims({ content, droppedClaims }: AnalysisAnswer): AnalysisCounts {
  return {
    decisions: content.decisions.length,
    actionItems: content.actionItems.length,
    openQuestions: content.openQuestions.length,
    droppedClaims,
  };
}

function makeDeletedFailure(meetingId: number): ApplicationFailure {
  const type: FailureType = 'MeetingDeleted';
  return ApplicationFailure.nonRetryable(`Meeting ${meetingId} is deleted`, type);
}

const FAILURE_OF_KIND = {
  misconfigured: { type: 'AnalysisMisconfigured', nonRetryable: true },
  refused: { type: 'AnalysisRefused', nonRetryable: true },
  unavailable: { type: 'AnalysisUnavailable', nonRetryable: false },
} as const satisfies Record<AnalyserError['kind'], { type: FailureType; nonRetryable: boolean }>;

function toFailure(error: unknown): unknown {
  if (error instanceof CancelledFailure && error.message === 'WORKER_SHUTDOWN') {
    return ApplicationFailure.create({
      message: 'The worker is shutting down and hands the analysis over',
      type: 'WorkerShuttingDown' satisfies FailureType,
      nextRetryDelay: '100 milliseconds',
    });
  }
  if (!(error instanceof AnalyserError)) return error;
  return ApplicationFailure.create({
    ...FAILURE_OF_KIND[error.kind],
    message: error.message,
    ...(error.retryAfterMs !== undefined && { nextRetryDelay: error.retryAfterMs }),
  });
}
