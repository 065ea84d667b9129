import type { CalendarSpecDescription, Range } from '@temporalio/client';
import { splitRrule, toWallTime, type RecurrenceRule } from '../../domain/recurrence';

type Numbers = Range<number>[];
type Day = CalendarSpecDescription['dayOfWeek'][number]['start'];
type Month = CalendarSpecDescription['month'][number]['start'];

const DAYS: readonly Day[] = [
  'SUNDAY',
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
];
const MONTHS: readonly Month[] = [
  'JANUARY',
  'FEBRUARY',
  'MARCH',
  'APRIL',
  'MAY',
  'JUNE',
  'JULY',
  'AUGUST',
  'SEPTEMBER',
  'OCTOBER',
  'NOVEMBER',
  'DECEMBER',
];

/** A calendar in numbers; fields that are absent match everything, times but for zero. */
interface Fields {
  second?: Numbers;
  minute: Numbers;
  hour: Numbers;
  dayOfMonth?: Numbers;
  month?: Numbers;
  /** From Sunday, which is 0. */
  dayOfWeek?: Numbers;
}

/**
 * The rule in Temporal's own calendars, written as Temporal describes them; null for a rule that
 * they cannot say. They may name a time more (one that comes twice), never one less.
 */
export function findTemporalCalendars(rule: RecurrenceRule): CalendarSpecDescription[] | null {
  const calendars = rule.cron === null ? readRrule(rule) : readCron(rule.cron);
  return calendars && calendars.map(toCalendar);
}

function toCalendar(fields: Fields): CalendarSpecDescription {
  const days = fields.dayOfWeek ?? range(0, 6);
  return {
    second: fields.second ?? range(0),
    minute: fields.minute,
    hour: fields.hour,
    dayOfMonth: fields.dayOfMonth ?? range(1, 31),
    month: (fields.month ?? range(1, 12)).map((each) => name(each, MONTHS, 1)),
    year: [],
    dayOfWeek: days.map((each) => name(each, DAYS, 0)),
    comment: '',
  };
}

function name<Name>({ start, end, step }: Range<number>, names: readonly Name[], first: number) {
  const of = (number: number): Name => {
    const found = names[number - first];
    if (found === undefined) throw new RangeError(`Expected a day or a month, got ${number}`);
    return found;
  };
  return { start: of(start), end: of(end), step };
}

function range(start: number, end = start, step = 1): Numbers {
  return [{ start, end, step }];
}

/** What an RRULE may say besides to be a calendar: no counting of periods or occurrences. */
const CALENDAR_PARTS = new Set(
  'FREQ WKST UNTIL BYDAY BYMONTHDAY BYMONTH BYHOUR BYMINUTE'.split(' '),
);

function readRrule({ rrule, timeZone, startsAt }: RecurrenceRule): Fields[] | null {
  const parts = splitRrule(rrule ?? '');
  if (parts.get('INTERVAL') === '1') parts.delete('INTERVAL');
  const isSayable =
    [...parts.keys()].every((part) => CALENDAR_PARTS.has(part)) &&
    /^[A-Z,]*$/.test(parts.get('BYDAY') ?? '') &&
    !parts.get('BYMONTHDAY')?.includes('-');
  if (!isSayable) return null;
  const list = (part: string): Numbers | undefined =>
    parts
      .get(part)
      ?.split(',')
      .flatMap((number) => range(Number(number)));
  const days = parts
    .get('BYDAY')
    ?.split(',')
    .flatMap((day) => range(DAYS.findIndex((each) => each.startsWith(day))));
  const [, month, date, hour, minute, second] = toWallTime(startsAt, timeZone)
    .split(/[-T:]/)
    .map(Number);
  // what the rule does not say, it takes from its start
  const weekday = new Date(`${toWallTime(startsAt, timeZone)}Z`).getUTCDay();
  const freq = parts.get('FREQ');
  const saysDay = days !== undefined || parts.has('BYMONTHDAY');
  const takesDate = (freq === 'MONTHLY' || freq === 'YEARLY') && !saysDay;
  const takesWeekday = freq === 'WEEKLY' && days === undefined;
  const takesMonth = freq === 'YEARLY' && !parts.has('BYMONTH') && !saysDay;
  const fields = {
    second: range(second ?? 0),
    minute: list('BYMINUTE') ?? range(minute ?? 0),
    hour: list('BYHOUR') ?? range(hour ?? 0),
    dayOfMonth: takesDate ? range(date ?? 1) : list('BYMONTHDAY'),
    month: takesMonth ? range(month ?? 1) : list('BYMONTH'),
    dayOfWeek: takesWeekday ? range(weekday) : days,
  };
  return [dropAbsent(fields)];
}

type Optional<Value> = { [Key in keyof Value]: Value[Key] | undefined };

function dropAbsent({ dayOfMonth, month, dayOfWeek, ...times }: Optional<Required<Fields>>) {
  const { second = [], minute = [], hour = [] } = times;
  return {
    second,
    minute,
    hour,
    ...(dayOfMonth && { dayOfMonth }),
    ...(month && { month }),
    ...(dayOfWeek && { dayOfWeek }),
  };
}

const shorten = (name: string): string => name.slice(0, 3);

function readCron(pattern: string): Fields[] | null {
  const [minutes = '', hours = '', dates = '', months = '', weekdays = ''] = pattern
    .trim()
    .toUpperCase()
    .split(/\s+/);
  const minute = readField(minutes, { from: 0, to: 59 });
  const hour = readField(hours, { from: 0, to: 23 });
  const dayOfMonth = readField(dates, { from: 1, to: 31 });
  const month = readField(months, { from: 1, to: 12, names: MONTHS.map(shorten) });
  const dayOfWeek = readField(weekdays, { from: 0, to: 6, names: DAYS.map(shorten) });
  if (!minute || !hour || !dayOfMonth || !month || !dayOfWeek) return null;
  const times = { minute, hour, month };
  // cron takes either of them when both are given
  if (isAny(dates)) return [{ ...times, dayOfWeek }];
  if (isAny(weekdays)) return [{ ...times, dayOfMonth }];
  return [
    { ...times, dayOfMonth },
    { ...times, dayOfWeek },
  ];
}

function isAny(field: string): boolean {
  return field === '*' || field === '?';
}

interface FieldKind {
  from: number;
  to: number;
  names?: readonly string[];
}

/** A field of numbers, names, ranges and steps; null for one with anything else. */
function readField(field: string, { from, to, names = [] }: FieldKind): Numbers | null {
  const read = (text: string): number => {
    const named = names.indexOf(text);
    if (named >= 0) return named + from;
    // Sunday has two numbers
    return text === '7' && to === 6 ? 0 : Number(text);
  };
  const ranges = field.split(',').map((part) => {
    const match = /^(\*|\?|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part);
    const [, first = 'none', last = first, step = '1'] = match ?? [];
    const start = isAny(first) ? from : read(first);
    const end = isAny(first) ? to : read(last);
    return { start, end, step: Number(step) };
  });
  const isReadable = ranges.every(
    ({ start, end, step }) => start >= from && start <= end && end <= to && step >= 1,
  );
  return isReadable ? ranges : null;
}
