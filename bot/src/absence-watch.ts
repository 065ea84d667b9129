import type { GapReason } from '../../domain/events';

/** A platform bridges shorter ones, or they are none: signs flicker. */
const SHORTEST_MS = 1_000;

/** Why a bot that had been in the call is not in it now. */
export type AbsenceCause = Extract<GapReason, 'connection_lost' | 'waiting_room'>;

export interface Absence {
  startAtMs: number;
  endAtMs: number;
  reason: AbsenceCause;
}

/** Measures the stretches for which the page says that the bot is not in the call. */
export class AbsenceWatch {
  private current: { reason: AbsenceCause; startAtMs: number } | null = null;

  /** `reason` is null while it is in. Answers the stretch that is over now, if one is. */
  note(reason: AbsenceCause | null, nowMs: number): Absence | null {
    const { current } = this;
    if (current?.reason === reason) return null;
    this.current = reason && { reason, startAtMs: nowMs };
    if (!current || nowMs - current.startAtMs < SHORTEST_MS) return null;
    return { ...current, endAtMs: nowMs };
  }
}
