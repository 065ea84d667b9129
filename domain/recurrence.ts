import { z } from 'zod';

/** How often something recurs, as it is written down: one of `rrule` and `cron`. */
export interface RecurrenceRule {
  /** RFC 5545's RRULE without its name. */
  rrule: string | null;
  /** Five fields. */
  cron: string | null;
  /** IANA's name of the zone whose clocks count. */
  timeZone: string;
  /** DTSTART of an RRULE; nothing occurs before. */
  startsAt: Date;
  /** Nothing occurs after. */
  endsAt: Date | null;
}

const numbers = (pattern: string): RegExp => new RegExp(`^(${pattern})(,(${pattern}))*$`);
const DAY = '(MO|TU|WE|TH|FR|SA|SU)';

/** The parts of an RRULE that meetings need, each with what may stand in it. */
const RRULE_PARTS: Record<string, RegExp> = {
  FREQ: /^(DAILY|WEEKLY|MONTHLY|YEARLY)$/,
  INTERVAL: /^[1-9]\d{0,2}$/,
  COUNT: /^[1-9]\d{0,3}$/,
  UNTIL: /^\d{8}(T\d{6}Z)?$/,
  WKST: new RegExp(`^${DAY}$`),
  BYDAY: numbers(`([+-]?([1-9]|[1-4]\\d|5[0-3]))?${DAY}`),
  BYMONTHDAY: numbers('[+-]?([1-9]|[12]\\d|3[01])'),
  BYMONTH: numbers('[1-9]|1[0-2]'),
  BYWEEKNO: numbers('[+-]?([1-9]|[1-4]\\d|5[0-3])'),
  BYYEARDAY: numbers('[+-]?([1-9]\\d?|[12]\\d\\d|3[0-5]\\d|36[0-6])'),
  BYSETPOS: numbers('[+-]?([1-9]\\d?|[12]\\d\\d|3[0-5]\\d|36[0-6])'),
  BYHOUR: numbers('1?\\d|2[0-3]'),
  BYMINUTE: numbers('[1-5]?\\d'),
};

/** An RRULE taken apart. */
export function splitRrule(rrule: string): Map<string, string> {
  const parts = rrule.split(';').map((part): [string, string] => {
    const [name = '', ...value] = part.split('=');
    return [name, value.join('=')];
  });
  return new Map(parts);
}

/** What is wrong with an RRULE, as a sentence; null when nothing is. */
function findRruleProblem(rrule: string): string | null {
  const parts = splitRrule(rrule);
  if (parts.size !== rrule.split(';').length) return 'Expected each part of the RRULE once';
  for (const [name, value] of parts) {
    const pattern = RRULE_PARTS[name];
    if (!pattern) {
      const known = Object.keys(RRULE_PARTS).join(', ');
      return `Expected parts of an RRULE (${known}), got ${JSON.stringify(name)}`;
    }
    if (!pattern.test(value)) return `Expected a valid ${name}, got ${JSON.stringify(value)}`;
  }
  if (!parts.has('FREQ')) return 'Expected an RRULE with FREQ, as FREQ=WEEKLY;BYDAY=MO';
  if (parts.has('COUNT') && parts.has('UNTIL')) return 'Expected COUNT or UNTIL, not both';
  return null;
}

export const rruleSchema = z
  .string()
  .max(500)
  .transform((text) =>
    text
      .trim()
      .toUpperCase()
      .replace(/^RRULE:/, ''),
  )
  .superRefine((rrule, context) => {
    const message = findRruleProblem(rrule);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

/** Names have no digits before their slash: `+01:00` is no zone with a summer time. */
const ZONE_NAME = /^[A-Za-z_]+([/+-][A-Za-z0-9_+-]+)*$/;

export const timeZoneSchema = z
  .string()
  .max(60)
  .refine(isTimeZone, { message: 'Expected a time zone by IANA’s name, as Europe/Berlin' })
  .describe('IANA’s name, as Europe/Berlin');

function isTimeZone(name: string): boolean {
  if (!ZONE_NAME.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A moment as that zone's calendar and clock show it: `2026-03-29T03:00:00`. */
export function toWallTime(moment: Date, timeZone: string): string {
  // Sweden writes dates as ISO 8601 does
  return moment.toLocaleString('sv-SE', { timeZone }).replace(' ', 'T');
}

/** The same without the time: `2026-03-29`. */
export function toWallDate(moment: Date, timeZone: string): string {
  return moment.toLocaleDateString('sv-SE', { timeZone });
}
