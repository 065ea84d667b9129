/** Delays are forgotten after one to two of these, so that slow drift of the clocks is followed. */
const WINDOW_MS = 30_000;

/**
 * Maps the capture times of a track to the server's clock. A block arrives when its last sample
 * was heard plus some delay; the smallest delay seen lately is the true one.
 */
export class TrackClock {
  private current = Infinity;
  private previous = Infinity;
  private windowStartedAt = -Infinity;

  /** `endsAtMs` is the capture time of the block's end, `arrivedAtMs` server time. */
  observe(endsAtMs: number, arrivedAtMs: number): void {
    if (arrivedAtMs - this.windowStartedAt > WINDOW_MS) {
      this.previous = this.current;
      this.current = Infinity;
      this.windowStartedAt = arrivedAtMs;
    }
    this.current = Math.min(this.current, arrivedAtMs - endsAtMs);
  }

  toServerMs(captureMs: number): number {
    return captureMs + Math.min(this.current, this.previous);
  }
}
