/**
 * Names of the failures that cross between activities and workflows (`ApplicationFailure.type`).
 * Each is thrown in one place and decided in one place.
 */
export const FAILURE_TYPES = [
  /** The meeting's row is gone or marked as deleted: stop quietly. */
  'MeetingDeleted',
  /** The launcher refused for good, for instance because no Chromium is installed. */
  'BotNotLaunchable',
  /** The account the bot is to sign in with is in another meeting. */
  'IdentityInUse',
  /** An update asked for something the meeting's state does not allow. */
  'CommandRefused',
  /** Whisper refused the key. Retried slowly: an operator mends the setting, nothing is lost. */
  'WhisperUnauthorized',
  /** The account has no credit. Retried slowly, for the same reason. */
  'WhisperOutOfCredit',
  /** Whisper asks to slow down; `nextRetryDelay` carries its `Retry-After`. */
  'WhisperRateLimited',
  /** Whisper cannot be reached, or answers 5xx or too late. */
  'WhisperUnavailable',
  /** Whisper is well but failed on a chunk: the next attempt tries that chunk again. */
  'ChunkFailed',
  /** The worker process is shutting down and hands its meeting to another. */
  'WorkerShuttingDown',
  /** The language model refused the key or the model's name. */
  'AnalysisMisconfigured',
  /** The language model cannot be reached, asks to slow down, or answers 5xx. Retried. */
  'AnalysisUnavailable',
  /** The language model declines, or never gives an answer that can be used. */
  'AnalysisRefused',
] as const;
export type FailureType = (typeof FAILURE_TYPES)[number];
