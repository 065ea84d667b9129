import { ApplicationFailure } from '@temporalio/activity';
import type { FailureType } from '../domain/failures';
import { WhisperError, type WhisperFailureKind } from '../infra/runpod/whisper-error';

/** The meeting's row is gone or marked as deleted. */
export class MeetingDeletedError extends Error {
  override readonly name = 'MeetingDeletedError';
}

/** Whisper is well, but these chunks failed and are tried again by the next attempt. */
export class ChunksFailedError extends Error {
  override readonly name = 'ChunksFailedError';
}

/** An operator must act; each look is a cheap request. */
const OPERATOR_DELAY_MS = 60_000;
const DEFAULT_RATE_LIMIT_DELAY_MS = 5_000;
const CHUNK_DELAY_MS = 1_000;
const FIRST_DELAY_MS = 1_000;
/** Words are at most this much later than Whisper's return. */
const LONGEST_DELAY_MS = 15_000;

const TYPE_OF_KIND: Partial<Record<WhisperFailureKind, FailureType>> = {
  unauthorized: 'WhisperUnauthorized',
  out_of_credit: 'WhisperOutOfCredit',
  rate_limited: 'WhisperRateLimited',
};

/**
 * The failure Temporal sees, with the pause before the next attempt. Delays are set here because the
 * retry policy counts all attempts of a long meeting, not the failures in a row.
 */
export function makeTranscriptionFailure(error: unknown, failuresInARow: number): unknown {
  if (error instanceof MeetingDeletedError) {
    return ApplicationFailure.nonRetryable(error.message, 'MeetingDeleted' satisfies FailureType);
  }
  if (error instanceof ChunksFailedError) {
    return retryable(error, 'ChunkFailed', CHUNK_DELAY_MS);
  }
  if (!(error instanceof WhisperError)) return error;
  const type = TYPE_OF_KIND[error.kind] ?? 'WhisperUnavailable';
  return retryable(error, type, chooseDelayMs(error, failuresInARow));
}

function chooseDelayMs({ kind, retryAfterMs }: WhisperError, failuresInARow: number): number {
  if (kind === 'rate_limited') return retryAfterMs ?? DEFAULT_RATE_LIMIT_DELAY_MS;
  if (kind === 'unauthorized' || kind === 'out_of_credit') return OPERATOR_DELAY_MS;
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (failuresInARow - 1), LONGEST_DELAY_MS);
  // Spread, so that a thousand meetings don't come back in the same instant.
  return Math.round(delayMs * (0.75 + Math.random() / 2));
}

function retryable(cause: Error, type: FailureType, nextRetryDelay: number): ApplicationFailure {
  return ApplicationFailure.create({ message: cause.message, type, nextRetryDelay, cause });
}
