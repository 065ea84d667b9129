import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { countChunks } from '../infra/database/chunks';
import type { TranscriptWorkflowInput } from '../domain/workflow-messages';
import {
  MeetingTranscriber,
  type TranscriptionDeps,
  type TranscriptionProgress,
} from './meeting-transcriber';
import { makeTranscriptionFailure } from './transcription-failures';
import { createWhisperLanes } from './whisper-lanes';

/** What became of a meeting's chunks. */
export interface TranscriptCounts {
  done: number;
  failed: number;
}

export type TranscriptionActivities = ReturnType<typeof createTranscriptionActivities>;

/** A third of the design's 10 s, within which a dead worker is noticed. */
const HEARTBEAT_INTERVAL_MS = 2_500;

/** Activities of the queue `whisper`. */
export function createTranscriptionActivities(deps: TranscriptionDeps) {
  const lanes = createWhisperLanes(deps.concurrency);
  return {
    /**
     * Transcribes a meeting's chunks as they arrive, until its intake is closed and none is pending.
     * Idempotent by the compare-and-set that moves a chunk from pending to done.
     */
    async transcribeMeeting(input: TranscriptWorkflowInput): Promise<TranscriptCounts> {
      const context = Context.current();
      const before = readProgress(context.info.heartbeatDetails);
      const transcriber = new MeetingTranscriber({ ...deps, lanes }, input, before);
      const heartbeat = (): void => context.heartbeat(transcriber.progress());
      const timer = setInterval(heartbeat, HEARTBEAT_INTERVAL_MS);
      deps.metrics.meetingsChanged(1);
      try {
        heartbeat();
        await Promise.race([transcriber.run(heartbeat), context.cancelled]);
        const { done, failed } = await countChunks(deps.db, input.meetingId);
        return { done, failed };
      } catch (error) {
        transcriber.stop();
        if (error instanceof CancelledFailure) throw await handOver(error, transcriber);
        const failuresInARow = transcriber.noteFailure();
        throw makeTranscriptionFailure(error, failuresInARow);
      } finally {
        transcriber.stop();
        clearInterval(timer);
        // The next attempt goes on from here: its jobs, and how often Whisper has failed in a row.
        heartbeat();
        deps.metrics.meetingsChanged(-1);
      }
    },
  };
}

/** Reasons of the SDK for which no other attempt follows, so paid jobs are called off. */
const FINAL_CANCELLATIONS = ['CANCELLED', 'NOT_FOUND'];

async function handOver(error: CancelledFailure, transcriber: MeetingTranscriber): Promise<Error> {
  if (error.message === 'WORKER_SHUTDOWN') {
    return ApplicationFailure.create({
      message: 'The worker is shutting down and hands the meeting over',
      type: 'WorkerShuttingDown',
      nextRetryDelay: '100 milliseconds',
    });
  }
  if (FINAL_CANCELLATIONS.includes(error.message)) await transcriber.cancelJobs();
  return error;
}

/** Heartbeat details come back as whatever an older version of this code had written. */
function readProgress(details: unknown): Partial<TranscriptionProgress> {
  return typeof details === 'object' && details !== null ? details : {};
}
