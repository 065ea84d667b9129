import type { RecurrenceRule } from '../../domain/recurrence';
import { openCron } from './cron';
import { openRrule } from './rrule';
import type { Recurrence } from './rule';

/** Opens a rule, within its start and end. Throws `RuleError` for one that means nothing. */
export function openRecurrence(rule: RecurrenceRule): Recurrence {
  const { next } = rule.cron === null ? openRrule(rule) : openCron(rule.cron, rule.timeZone);
  const beforeStart = new Date(rule.startsAt.getTime() - 1);
  return {
    next(after) {
      const found = next(after < beforeStart ? beforeStart : after);
      return found === null || (rule.endsAt !== null && found > rule.endsAt) ? null : found;
    },
  };
}

/** Whether something occurs at exactly that moment. */
export function isOccurrence(recurrence: Recurrence, moment: Date): boolean {
  return recurrence.next(new Date(moment.getTime() - 1))?.getTime() === moment.getTime();
}
