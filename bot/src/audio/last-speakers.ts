/** For how long somebody to whom the mark has passed is taken to speak. */
const BEGUN_MS = 6_000;
/** Platforms pass the mark on only when somebody has spoken for a while, or has already stopped. */
const LATE_MS = 5_000;

/**
 * What pages tell that leave their mark on whoever spoke last: when it passes on, somebody has begun.
 * The first mark may be of long ago, and so may one that nobody had before: where the last speaker
 * leaves, servers name anybody.
 */
export class LastSpeakers {
  private marked: readonly string[] = [];
  private begun: readonly string[] = [];
  private begunAtMs = -Infinity;

  /** Answers who has begun, if that is not the end of sound that was heard. */
  note(marked: readonly string[], soundAtMs: number, nowMs: number): readonly string[] {
    const before = this.marked;
    this.marked = marked;
    const isHeard = nowMs - soundAtMs < LATE_MS;
    if (before.length === 0 || isHeard) return [];
    const begun = marked.filter((key) => !before.includes(key));
    if (begun.length === 0) return [];
    this.begun = begun;
    this.begunAtMs = nowMs;
    return begun;
  }

  /** Who has begun to speak so shortly before that they are taken to speak still. */
  speakingAt(nowMs: number): readonly string[] {
    return nowMs - this.begunAtMs < BEGUN_MS ? this.begun : [];
  }
}
