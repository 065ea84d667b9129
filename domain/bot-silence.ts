/**
 * How long a bot may be silent while it could be heard, in milliseconds: five missed heartbeats.
 * With the pause between two looks, one that is lost is noticed within 20 s.
 */
export const BOT_SILENCE_LIMIT_MS = 17_000;

/** The longest pause between two looks at a bot, in milliseconds. */
export const BOT_LOOK_INTERVAL_MS = 2_000;

/** After this long, a bot that alone is reachable by a healthy intake counts as lost all the same. */
const SILENCE_OF_ALL_LIMIT_MS = 120_000;

interface HeardBots {
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
function couldBotBeHeard({ expected, heard, isIntakeAnswering, silentMs }: HeardBots): boolean {
  if (heard > 0) return true;
  if (!isIntakeAnswering) return false;
  return expected === 0 || silentMs > SILENCE_OF_ALL_LIMIT_MS;
}

/** What one look at a silent bot finds. */
export interface SilenceLook extends Omit<HeardBots, 'isIntakeAnswering'> {
  /** Time of the look, in milliseconds of a clock that never goes back. */
  nowMs: number;
  /** How long this bot may be silent now, in milliseconds. */
  limitMs: number;
  /** Asked only when it matters. */
  isIntakeAnswering(): Promise<boolean>;
}

/** Judges one bot's silence from look to look: it counts while the bot could have been heard. */
export function createSilenceJudge(silenceLimitMs = BOT_SILENCE_LIMIT_MS) {
  let audibleSinceMs: number | null = null;
  return {
    /** Whether it has lasted too long, the latter half of it where a bot that lives is heard. */
    async isTooLong({ nowMs, limitMs, ...look }: SilenceLook): Promise<boolean> {
      const { silentMs, heard } = look;
      const mustAsk = silentMs > limitMs / 4 && heard === 0;
      const isIntakeAnswering = mustAsk && (await look.isIntakeAnswering());
      const isAudible = silentMs > 0 && couldBotBeHeard({ ...look, isIntakeAnswering });
      audibleSinceMs = isAudible ? (audibleSinceMs ?? nowMs) : null;
      if (audibleSinceMs === null || silentMs < limitMs) return false;
      return nowMs - audibleSinceMs >= Math.min(limitMs, silenceLimitMs) / 2;
    },
  };
}
