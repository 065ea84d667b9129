/** People may pause; somebody shown as speaking for this long without any sound is suspicious. */
const SILENT_MS = 20_000;
/** Within that time somebody must have been shown for at least this long: signs may be wrong. */
const SHOWN_MS = 5_000;
const REHEARINGS = 3;

export type WatchdogAction =
  | { kind: 'rehear'; tries: number }
  /** Sound is back, or nothing more will come: what was missed lies between these. */
  | { kind: 'gap'; startAtMs: number; endAtMs: number }
  | { kind: 'give_up' };

/** Notices that people speak while no sound arrives. */
export class CaptureWatchdog {
  /** When somebody was first shown as speaking since there was sound. */
  private silentSinceMs: number | null = null;
  private countingSinceMs = 0;
  private shownMs = 0;
  private shownBefore: readonly string[] = [];
  /** Some pages keep showing the last speaker while all are silent: only a new one is a sign. */
  private hasNewSpeaker = false;
  private lastLookMs = 0;
  private rehearings = 0;

  /** `shown`: the others shown as speaking now. `soundAtMs`: when sound last arrived. */
  look(shown: readonly string[], soundAtMs: number, nowMs: number): WatchdogAction | null {
    const sinceLastMs = nowMs - this.lastLookMs;
    const isNew = shown.some((key) => !this.shownBefore.includes(key));
    this.lastLookMs = nowMs;
    this.shownBefore = shown;
    if (this.silentSinceMs === null) {
      if (shown.length > 0 && nowMs - soundAtMs > sinceLastMs) this.startCounting(isNew, nowMs);
      return null;
    }
    if (soundAtMs > this.silentSinceMs) return this.hearAgain(soundAtMs);
    this.hasNewSpeaker ||= isNew;
    if (shown.length > 0) this.shownMs += sinceLastMs;
    if (nowMs - this.countingSinceMs < SILENT_MS || this.shownMs < SHOWN_MS) return null;
    if (!this.hasNewSpeaker) return null;
    this.countingSinceMs = nowMs;
    this.shownMs = 0;
    if (this.rehearings >= REHEARINGS) return { kind: 'give_up' };
    this.rehearings += 1;
    return { kind: 'rehear', tries: this.rehearings };
  }

  /** The capture ends: what is still being missed was missed until now. */
  end(nowMs: number): WatchdogAction | null {
    return this.silentSinceMs === null ? null : this.hearAgain(nowMs);
  }

  private startCounting(hasNewSpeaker: boolean, nowMs: number): void {
    this.hasNewSpeaker = hasNewSpeaker;
    this.silentSinceMs = nowMs;
    this.countingSinceMs = nowMs;
    this.shownMs = 0;
  }

  private hearAgain(endAtMs: number): WatchdogAction | null {
    const startAtMs = this.silentSinceMs;
    const hasBeenMissing = this.rehearings > 0;
    this.silentSinceMs = null;
    this.rehearings = 0;
    if (!hasBeenMissing || startAtMs === null) return null;
    return { kind: 'gap', startAtMs, endAtMs };
  }
}
