import { Cron } from 'croner';
import { RuleError, type Recurrence } from './rule';

/** Days that are looked through for a time that the clocks do not skip. */
const MAX_SKIPPED = 10;

/** A rule in cron's five fields. A time that the clocks skip in spring does not occur. */
export function openCron(pattern: string, timeZone: string): Recurrence {
  const cron = parse(pattern, timeZone);
  return {
    next(after) {
      let from = after;
      for (let skipped = 0; skipped <= MAX_SKIPPED; skipped += 1) {
        const found = cron.nextRun(from);
        // croner moves such a time to the end of the gap, where the pattern does not say it
        if (found === null || cron.match(found)) return found;
        from = found;
      }
      return null;
    },
  };
}

function parse(pattern: string, timeZone: string): Cron {
  try {
    return new Cron(pattern, { timezone: timeZone, mode: '5-part', paused: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : '';
    throw new RuleError('cron', `Expected five fields of cron, as 0 9 * * 1-5: ${reason}`);
  }
}
