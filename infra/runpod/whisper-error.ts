/** What a failure says about its cause, and what follows from it. */
interface WhisperFailureFacts {
  /**
   * `service`: every chunk would fail now, none is to blame. `chunk`: this audio will fail always.
   * `unclear`: counts against the chunk only when Whisper proves to be well otherwise.
   */
  fault: 'service' | 'chunk' | 'unclear';
  /** Pauses before quick tries within one activity attempt, in milliseconds. */
  quickRetryDelaysMs: readonly number[];
  /** Why it is retried so, or not. */
  reason: string;
}

/** The one table of what goes wrong with Whisper. */
export const WHISPER_FAILURES = {
  unauthorized: {
    fault: 'service',
    quickRetryDelaysMs: [],
    reason:
      'The key or endpoint is wrong until an operator mends it; trying again at once is noise.',
  },
  out_of_credit: {
    fault: 'service',
    quickRetryDelaysMs: [],
    reason: 'The account must be topped up by a person; the audio waits meanwhile.',
  },
  rate_limited: {
    fault: 'service',
    quickRetryDelaysMs: [500, 1_500],
    reason:
      'RunPod says when to come back: a short wait is waited for, a long one is left to Temporal.',
  },
  unavailable: {
    fault: 'service',
    quickRetryDelaysMs: [200, 1_000],
    reason: 'A dropped connection or a restart is often over within a second.',
  },
  timeout: {
    fault: 'unclear',
    quickRetryDelaysMs: [],
    reason: 'The time is spent already, and a paid job may still run: the next attempt decides.',
  },
  job_lost: {
    fault: 'unclear',
    quickRetryDelaysMs: [0],
    reason: 'The job was cancelled, expired or forgotten; its result can only come from a new one.',
  },
  worker_error: {
    fault: 'unclear',
    quickRetryDelaysMs: [500],
    reason: 'A GPU may have failed just this once; a second failure is left to the next attempt.',
  },
  bad_audio: {
    fault: 'chunk',
    quickRetryDelaysMs: [],
    reason: 'The same bytes give the same answer.',
  },
} as const satisfies Record<string, WhisperFailureFacts>;

export type WhisperFailureKind = keyof typeof WHISPER_FAILURES;

/** A `Retry-After` up to this long is waited for within the activity attempt, in milliseconds. */
const LONGEST_QUICK_WAIT_MS = 2_000;

/** Pause before the next quick try, in milliseconds, or null when there is none. `tries` counts from 0. */
export function quickRetryDelayMs(error: WhisperError, tries: number): number | null {
  const delays: readonly number[] = WHISPER_FAILURES[error.kind].quickRetryDelaysMs;
  const delayMs = delays[tries];
  if (delayMs === undefined) return null;
  const wantedMs = Math.max(delayMs, error.retryAfterMs ?? 0);
  return wantedMs <= LONGEST_QUICK_WAIT_MS ? wantedMs : null;
}

interface WhisperErrorOptions {
  cause?: unknown;
  /** From `Retry-After`, in milliseconds. */
  retryAfterMs?: number;
}

/** A failure of Whisper or of the way to it; `WHISPER_FAILURES[kind]` says what to do about it. */
export class WhisperError extends Error {
  override readonly name = 'WhisperError';
  readonly kind: WhisperFailureKind;
  readonly retryAfterMs: number | undefined;

  constructor(kind: WhisperFailureKind, message: string, options: WhisperErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
  }
}
