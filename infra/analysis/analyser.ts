import type { AnalysisContent, AnalysisSegment, TokenUse } from '../../domain/analysis';

/** Where an analyser keeps what it has paid for, so that a retry goes on from there. */
export interface AnalysisNotebook {
  /** The answer kept under the hash of what was asked, or null. */
  find(hash: string): Promise<unknown>;
  save(hash: string, part: unknown): Promise<void>;
  addTokens(use: TokenUse): Promise<void>;
}

export interface AnalysisTask {
  /** In the order they were said; at least one. */
  segments: readonly AnalysisSegment[];
  notebook: AnalysisNotebook;
  signal: AbortSignal;
}

/** Makes an analysis of a transcript. Throws `AnalyserError` for what it knows to be wrong. */
export interface Analyser {
  /** `local`, or the host of the model's endpoint. */
  provider: string;
  model: string | null;
  analyse(task: AnalysisTask): Promise<{ content: AnalysisContent; droppedClaims: number }>;
}

export type AnalyserErrorKind = 'misconfigured' | 'unavailable' | 'refused';

/** Why there is no analysis. The message is for people and never holds what was said. */
export class AnalyserError extends Error {
  override readonly name = 'AnalyserError';

  constructor(
    readonly kind: AnalyserErrorKind,
    message: string,
    /** When the endpoint said that it may be asked again, in milliseconds from then. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}
