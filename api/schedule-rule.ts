import { toWallTime, type RecurrenceRule } from '../domain/recurrence';
import type { PreviewRule, UpdateSchedule } from '../domain/schedules';
import { openRecurrence } from '../infra/recurrence/recurrence';
import { fromWallTime } from '../infra/recurrence/rrule';
import { RuleError, type Recurrence } from '../infra/recurrence/rule';
import { findTemporalCalendars } from '../infra/recurrence/temporal-calendars';
import { listOccurrences } from '../infra/schedules/occurrences';
import { refuseField } from './validate';

type RuleFields = Pick<UpdateSchedule, 'rrule' | 'cron' | 'timeZone' | 'startsAt' | 'endsAt'>;

/** Occurrences that have to lie apart as they should. */
const LOOKED_AT = 60;
const PREVIEWED = 10;
const SHORTEST_GAP_MS = 5 * 60_000;

/** What was asked for, over what the rule was before. */
export function readRule(
  fields: RuleFields,
  current: RecurrenceRule | { timeZone: string },
): RecurrenceRule {
  const old =
    'startsAt' in current
      ? current
      : { ...NEW_RULE, ...current, startsAt: toWholeSeconds(new Date()) };
  const timeZone = fields.timeZone ?? old.timeZone;
  const read = (text: string): Date =>
    /(Z|[+-]\d\d:?\d\d)$/.test(text)
      ? toWholeSeconds(new Date(text))
      : fromWallTime(toSeconds(text), timeZone);
  // another zone keeps the time that people see on their clocks
  const startsAt =
    timeZone === old.timeZone
      ? old.startsAt
      : fromWallTime(toWallTime(old.startsAt, old.timeZone), timeZone);
  const isOtherKind = fields.rrule !== undefined || fields.cron !== undefined;
  return {
    rrule: isOtherKind ? (fields.rrule ?? null) : old.rrule,
    cron: isOtherKind ? (fields.cron ?? null) : old.cron,
    timeZone,
    startsAt: fields.startsAt === undefined ? startsAt : read(fields.startsAt),
    endsAt: fields.endsAt === undefined ? old.endsAt : readEnd(fields.endsAt, read),
  };
}

function readEnd(text: string | null, read: (text: string) => Date): Date | null {
  return text === null ? null : read(text);
}

const NEW_RULE = { rrule: null, cron: null, endsAt: null };

/** Rules know no fractions: an occurrence must not lie just before the start it came from. */
function toWholeSeconds(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / 1_000) * 1_000);
}

/** Without fractions, with seconds: `2026-12-01T09:00:00`. */
function toSeconds(text: string): string {
  return `${text}:00`.slice(0, '2026-12-01T09:00:00'.length);
}

/** Refuses a rule that means nothing, names no time to come, or names them too often. */
export function checkRule(rule: RecurrenceRule): { isCalendar: boolean } {
  const field = rule.cron === null ? 'rrule' : 'cron';
  if (rule.endsAt !== null && rule.endsAt <= rule.startsAt) {
    refuseField('endsAt', 'Expected an end after the start of the rule');
  }
  const recurrence = open(rule);
  let last = recurrence.next(new Date());
  if (last === null) refuseField(field, 'Expected a rule with an occurrence to come, got none');
  for (let looked = 1; looked < LOOKED_AT; looked += 1) {
    const next = recurrence.next(last);
    if (next === null) break;
    if (next.getTime() - last.getTime() < SHORTEST_GAP_MS) {
      refuseField(field, 'Expected at least 5 minutes between two occurrences');
    }
    last = next;
  }
  return { isCalendar: findTemporalCalendars(rule) !== null };
}

/** The next ten times of a rule that holds; skipped days are left out. */
export function previewRule(body: PreviewRule): string[] {
  const rule = readRule(body, { timeZone: body.timeZone });
  checkRule(rule);
  const now = new Date();
  const skipped = { timeZone: body.timeZone, skipDates: body.skipDates ?? [], exceptions: [] };
  return listOccurrences(open(rule), skipped, { after: now, until: now, atLeast: PREVIEWED })
    .filter(({ isSkipped }) => !isSkipped)
    .slice(0, PREVIEWED)
    .map(({ scheduledStart }) => scheduledStart.toISOString());
}

function open(rule: RecurrenceRule): Recurrence {
  try {
    return openRecurrence(rule);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return refuseField(error.field, error.message);
  }
}
