import type { SoundSpan } from '../../../domain/bot-api';

/** How late the beginning and the end of somebody's turn are told. */
export interface TimelineLag {
  startMs: number;
  endMs: number;
}

/** A pause this short within one source's speech is none. */
const BRIDGED_MS = 200;
/** Shorter activity is a cough, a click or a faulty sign. */
const SHORTEST_MS = 80;
/** No chunk is longer than 8 s, or waits this long to be attributed. */
const KEPT_MS = 60_000;

interface Turn {
  source: string;
  startAtMs: number;
  /** Null while it lasts. */
  endAtMs: number | null;
}

/** Remembers which sources were active when, in server time. */
export class SpeakerTimeline {
  private turns: Turn[] = [];

  constructor(private readonly lag: TimelineLag) {}

  get active(): string[] {
    return this.turns.filter(({ endAtMs }) => endAtMs === null).map(({ source }) => source);
  }

  /** From now on exactly these are active. */
  note(sources: readonly string[], atMs: number): void {
    const before = new Set(this.active);
    const now = new Set(sources);
    for (const turn of this.turns) {
      if (turn.endAtMs === null && !now.has(turn.source)) turn.endAtMs = atMs - this.lag.endMs;
    }
    for (const source of now) {
      if (before.has(source)) continue;
      this.turns.push({ source, startAtMs: atMs - this.lag.startMs, endAtMs: null });
    }
    this.turns = this.turns.filter(({ endAtMs }) => endAtMs === null || endAtMs > atMs - KEPT_MS);
  }

  /** Who was active in [startAtMs, endAtMs), in milliseconds from its start, in order. */
  spansIn(startAtMs: number, endAtMs: number): SoundSpan[] {
    const bySource = new Map<string, SoundSpan[]>();
    for (const turn of [...this.turns].sort((a, b) => a.startAtMs - b.startAtMs)) {
      const startMs = Math.round(Math.max(turn.startAtMs, startAtMs) - startAtMs);
      const endMs = Math.round(Math.min(turn.endAtMs ?? endAtMs, endAtMs) - startAtMs);
      if (endMs <= startMs) continue;
      const spans = bySource.get(turn.source) ?? [];
      const last = spans.at(-1);
      if (last && startMs - last.endMs <= BRIDGED_MS) last.endMs = Math.max(last.endMs, endMs);
      else spans.push({ source: turn.source, startMs, endMs });
      bySource.set(turn.source, spans);
    }
    return [...bySource.values()]
      .flat()
      .filter(({ startMs, endMs }) => endMs - startMs >= SHORTEST_MS)
      .sort((a, b) => a.startMs - b.startMs);
  }
}
