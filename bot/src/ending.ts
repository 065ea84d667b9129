import type { EndReason } from '../../domain/end-reasons';
import type { Confidence } from './platforms/platform';

/** What a verdict about the page rests on. */
export interface Grounds {
  confidence: Confidence | 'unknown';
  signs: readonly string[];
}

export interface Ending {
  reason: EndReason;
  detail?: string | undefined;
  /** Absent where the cause lies not in what the page shows. */
  grounds?: Grounds | undefined;
}

/** Everything that can end the attempt asks here; the first one decides. */
export class EndingDecision {
  private settle: (ending: Ending) => void = () => undefined;
  private readonly waiting = new AbortController();
  readonly decided = new Promise<Ending>((resolve) => (this.settle = resolve));
  ending: Ending | null = null;

  /**
   * What `work` comes to, or null as soon as an ending is decided. A race with `decided` itself would
   * keep every result for as long as the meeting lasts.
   */
  whileUndecided<Result>(work: Promise<Result>): Promise<Result | null> {
    const { signal } = this.waiting;
    return new Promise((resolve, reject) => {
      const stop = (): void => resolve(null);
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }

  end(reason: EndReason, detail?: string, grounds?: Grounds): void {
    if (this.ending) return;
    this.ending = { reason, detail, grounds };
    this.settle(this.ending);
    this.waiting.abort();
  }
}

const ORDERLY: ReadonlySet<EndReason> = new Set([
  'meeting_ended',
  'alone',
  'nobody_joined',
  'silence',
  'stopped',
  'stopped_before_admission',
  'removed',
  'time_limit',
  'deleted',
  'workflow_terminated',
]);

/** `ended` is what somebody wanted or what meetings do; everything else has `failed`. */
export function terminalStateFor(reason: EndReason): 'ended' | 'failed' {
  return ORDERLY.has(reason) ? 'ended' : 'failed';
}
