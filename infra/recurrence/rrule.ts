import { RRuleTemporal } from 'rrule-temporal';
import { splitRrule, toWallTime, type RecurrenceRule } from '../../domain/recurrence';
import { RuleError, type Recurrence } from './rule';

/** Days of ten years, which a rule may have behind it, and of the four to the next leap day. */
const MAX_PERIODS = 5_200;

/** A rule by RFC 5545. A time that the clocks skip does not occur, one that comes twice once. */
export function openRrule({ rrule, timeZone, startsAt }: RecurrenceRule): Recurrence {
  const rule = parse(describe(rrule ?? '', { timeZone, startsAt }));
  return {
    next(after) {
      try {
        const found = rule.next(after);
        return found === null ? null : new Date(found.epochMilliseconds);
      } catch (error) {
        // what is not among the periods that it looks through never comes
        if (error instanceof Error && /^Maximum /.test(error.message)) return null;
        throw error;
      }
    },
  };
}

/** The moment at which that zone's calendar and clock show `wallTime`. */
export function fromWallTime(wallTime: string, timeZone: string): Date {
  const dtstart = `DTSTART;TZID=${timeZone}:${toBasicFormat(wallTime)}`;
  const rule = new RRuleTemporal({ rruleString: `${dtstart}\nRRULE:FREQ=DAILY;COUNT=1` });
  return new Date(rule.options().dtstart.epochMilliseconds);
}

function parse(rruleString: string): RRuleTemporal {
  try {
    return new RRuleTemporal({ rruleString, strict: true, maxIterations: MAX_PERIODS });
  } catch (error) {
    throw new RuleError('rrule', error instanceof Error ? error.message : 'Expected an RRULE');
  }
}

function describe(
  rrule: string,
  { timeZone, startsAt }: Pick<RecurrenceRule, 'timeZone' | 'startsAt'>,
): string {
  const parts = [...splitRrule(rrule)].map(([name, value]) => {
    const isDay = name === 'UNTIL' && !value.includes('T');
    return `${name}=${isDay ? toEndOfDay(value, timeZone) : value}`;
  });
  const dtstart = toBasicFormat(toWallTime(startsAt, timeZone));
  return `DTSTART;TZID=${timeZone}:${dtstart}\nRRULE:${parts.join(';')}`;
}

/** A day without time lasts until its end where the meetings are; the RFC wants that in UTC. */
function toEndOfDay(day: string, timeZone: string): string {
  const wallTime = day.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3T23:59:59');
  return `${toBasicFormat(fromWallTime(wallTime, timeZone).toISOString().slice(0, 19))}Z`;
}

function toBasicFormat(wallTime: string): string {
  return wallTime.replace(/[-:]/g, '');
}
