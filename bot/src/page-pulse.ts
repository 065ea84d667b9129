import { performance } from 'node:perf_hooks';

/** When the meeting's page last answered: what tells a living bot from a living process. */
export class PagePulse {
  private lastAnswerMs: number | null = null;

  /** How long the page has not answered; null while there is none to ask. */
  get silentMs(): number | null {
    return this.lastAnswerMs === null ? null : performance.now() - this.lastAnswerMs;
  }

  beat(): void {
    this.lastAnswerMs = performance.now();
  }

  stop(): void {
    this.lastAnswerMs = null;
  }
}
