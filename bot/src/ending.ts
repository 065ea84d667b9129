import type { EndReason } from '../../domain/end-reasons';

export interface Ending {
  reason: EndReason;
  detail?: string;
}

/** Everything that can end the attempt asks here; the first one decides. */
export class EndingDecision {
  private settle: (ending: Ending) => void = () => undefined;
  readonly decided = new Promise<Ending>((resolve) => (this.settle = resolve));
  ending: Ending | null = null;

  end(reason: EndReason, detail?: string): void {
    if (this.ending) return;
    this.ending = detail === undefined ? { reason } : { reason, detail };
    this.settle(this.ending);
  }
}

const ORDERLY: ReadonlySet<EndReason> = new Set([
  'meeting_ended',
  'alone',
  'nobody_joined',
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
