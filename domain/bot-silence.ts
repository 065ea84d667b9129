/**
 * How long a bot may be silent while it could be heard, in milliseconds: five missed heartbeats.
 * Each bot is looked at every 2 s, and one that is lost is to be noticed within 20 s.
 */
export const BOT_SILENCE_LIMIT_MS = 17_000;

/** After this long, a bot that alone is reachable by a healthy intake counts as lost all the same. */
const SILENCE_OF_ALL_LIMIT_MS = 120_000;

export interface HeardBots {
  /** Other bots that should be heard now. */
  expected: number;
  /** Those of them that were heard within a few heartbeats. */
  heard: number;
  /** Our own request to the intake was answered. */
  isIntakeAnswering: boolean;
  /** How long this bot has been silent, in milliseconds. */
  silentMs: number;
}

/**
 * Whether a bot that lives would be heard now. Other bots are the best witnesses; where there are
 * none, our own request is. When every bot is silent at once, the cause is more likely ours.
 */
export function couldBotBeHeard({
  expected,
  heard,
  isIntakeAnswering,
  silentMs,
}: HeardBots): boolean {
  if (heard > 0) return true;
  if (!isIntakeAnswering) return false;
  return expected === 0 || silentMs > SILENCE_OF_ALL_LIMIT_MS;
}
