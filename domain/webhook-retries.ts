/** Durations of delivering, in milliseconds. */
export interface DeliveryTiming {
  firstDelayMs: number;
  longestDelayMs: number;
  /** How long one message is tried. */
  giveUpAfterMs: number;
  /** How long an endpoint may fail without a success. */
  disableAfterMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const DELIVERY_TIMING: DeliveryTiming = {
  firstDelayMs: 5_000,
  longestDelayMs: HOUR_MS,
  giveUpAfterMs: 3 * DAY_MS,
  disableAfterMs: 5 * DAY_MS,
};

/** A `Retry-After` beyond this is obeyed this far. */
const LONGEST_RETRY_AFTER_MS = 12 * HOUR_MS;
/** Each pause is four times the one before: 5 s, 20 s, 80 s, 5 min, 21 min, then an hour. */
const GROWTH = 4;
/** A fifth to either side, so that what failed together does not come back together. */
const JITTER = 0.2;

/** How long to wait after the nth failure in a row; `random` is between 0 and 1. */
export function pauseAfterFailure(
  failures: number,
  timing: DeliveryTiming,
  random: number,
): number {
  const exact = timing.firstDelayMs * GROWTH ** Math.min(failures - 1, 20);
  return Math.round(Math.min(exact, timing.longestDelayMs) * (1 - JITTER + 2 * JITTER * random));
}

/** What a `Retry-After` header asks for in milliseconds, within limits; null for none. */
export function readRetryAfter(header: string | undefined, now: Date): number | null {
  if (header === undefined || header.trim() === '') return null;
  const seconds = Number(header);
  const askedMs = Number.isNaN(seconds) ? Date.parse(header) - now.getTime() : seconds * 1_000;
  if (Number.isNaN(askedMs)) return null;
  return Math.min(Math.max(askedMs, 0), LONGEST_RETRY_AFTER_MS);
}
