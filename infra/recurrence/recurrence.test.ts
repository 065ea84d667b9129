import { rruleSchema, toWallTime, type RecurrenceRule } from '../../domain/recurrence';
import { isOccurrence, openRecurrence } from './recurrence';
import { findTemporalCalendars } from './temporal-calendars';

const BERLIN = 'Europe/Berlin';
const NEW_YORK = 'America/New_York';

type Said = Partial<Omit<RecurrenceRule, 'startsAt' | 'endsAt'>> & { start?: string; end?: string };

function rule({ start = '2026-01-01T08:00:00Z', end, ...said }: Said): RecurrenceRule {
  const endsAt = end === undefined ? null : new Date(end);
  return {
    rrule: null,
    cron: null,
    timeZone: BERLIN,
    ...said,
    startsAt: new Date(start),
    endsAt,
  };
}

function list(said: Said, { after, count = 3 }: { after: string; count?: number }): string[] {
  const recurrence = openRecurrence(rule(said));
  const found: string[] = [];
  let next = recurrence.next(new Date(after));
  while (next !== null && found.length < count) {
    found.push(next.toISOString().replace(':00.000Z', 'Z'));
    next = recurrence.next(next);
  }
  return found;
}

/** The same times said in both ways. */
const at = (hour: number, minute: number) => [
  ['RRULE', { rrule: `FREQ=DAILY;BYHOUR=${hour};BYMINUTE=${minute}` }] as const,
  ['cron', { cron: `${minute} ${hour} * * *` }] as const,
];

describe('an occurrence each day', () => {
  test.each(at(9, 0))('stays at nine when Berlin’s clocks go forward (%s)', (_, said) => {
    expect(list(said, { after: '2026-03-27T12:00:00Z' })).toEqual([
      '2026-03-28T08:00Z',
      '2026-03-29T07:00Z',
      '2026-03-30T07:00Z',
    ]);
  });

  test.each(at(9, 0))('stays at nine when Berlin’s clocks go back (%s)', (_, said) => {
    expect(list(said, { after: '2026-10-23T12:00:00Z' })).toEqual([
      '2026-10-24T07:00Z',
      '2026-10-25T08:00Z',
      '2026-10-26T08:00Z',
    ]);
  });

  test.each(at(9, 0))('stays at nine when New York’s clocks change (%s)', (_, said) => {
    const here = { ...said, timeZone: NEW_YORK };
    expect(list(here, { after: '2026-03-06T20:00:00Z' })).toEqual([
      '2026-03-07T14:00Z',
      '2026-03-08T13:00Z',
      '2026-03-09T13:00Z',
    ]);
    expect(list(here, { after: '2026-10-30T20:00:00Z' })).toEqual([
      '2026-10-31T13:00Z',
      '2026-11-01T14:00Z',
      '2026-11-02T14:00Z',
    ]);
  });

  test.each(at(2, 30))('does not occur at a time that the clocks skip (%s)', (_, said) => {
    expect(list(said, { after: '2026-03-27T12:00:00Z' })).toEqual([
      '2026-03-28T01:30Z',
      '2026-03-30T00:30Z',
      '2026-03-31T00:30Z',
    ]);
    expect(list({ ...said, timeZone: NEW_YORK }, { after: '2026-03-06T20:00:00Z' })).toEqual([
      '2026-03-07T07:30Z',
      '2026-03-09T06:30Z',
      '2026-03-10T06:30Z',
    ]);
  });

  test.each(at(2, 30))('occurs once at a time that Berlin’s clocks show twice (%s)', (_, said) => {
    expect(list(said, { after: '2026-10-23T12:00:00Z' })).toEqual([
      '2026-10-24T00:30Z',
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ]);
  });

  test.each(at(1, 30))('occurs once at a time that New York’s show twice (%s)', (_, said) => {
    expect(list({ ...said, timeZone: NEW_YORK }, { after: '2026-10-30T20:00:00Z' })).toEqual([
      '2026-10-31T05:30Z',
      '2026-11-01T05:30Z',
      '2026-11-02T06:30Z',
    ]);
  });
});

describe('the calendar', () => {
  test.each([
    ['RRULE', { rrule: 'FREQ=YEARLY', start: '2024-02-29T08:00:00Z' }],
    ['cron', { cron: '0 9 29 2 *' }],
  ])('has a leap day each four years (%s)', (_, said) => {
    expect(list(said, { after: '2026-01-01T00:00:00Z' })).toEqual([
      '2028-02-29T08:00Z',
      '2032-02-29T08:00Z',
      '2036-02-29T08:00Z',
    ]);
  });

  test.each([
    ['RRULE', { rrule: 'FREQ=MONTHLY;BYMONTHDAY=31' }],
    ['cron', { cron: '0 9 31 * *' }],
  ])('has no 31st in short months (%s)', (_, said) => {
    expect(list(said, { after: '2026-01-31T12:00:00Z' })).toEqual([
      '2026-03-31T07:00Z',
      '2026-05-31T07:00Z',
      '2026-07-31T07:00Z',
    ]);
  });

  test.each([
    ['RRULE', { rrule: 'FREQ=MONTHLY;BYMONTHDAY=-1' }],
    ['cron', { cron: '0 9 L * *' }],
  ])('has a last day in each month (%s)', (_, said) => {
    expect(list(said, { after: '2028-01-01T00:00:00Z' })).toEqual([
      '2028-01-31T08:00Z',
      '2028-02-29T08:00Z',
      '2028-03-31T07:00Z',
    ]);
  });

  test('has a last working day in each month', () => {
    const rrule = 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1';
    expect(list({ rrule }, { after: '2026-01-01T00:00:00Z' })).toEqual([
      '2026-01-30T08:00Z',
      '2026-02-27T08:00Z',
      '2026-03-31T07:00Z',
    ]);
  });
});

describe('a rule', () => {
  test('names nothing before its start and after its end', () => {
    const said = { cron: '0 9 * * *', start: '2026-06-01T12:00:00Z', end: '2026-06-03T12:00:00Z' };
    expect(list(said, { after: '2026-01-01T00:00:00Z' })).toEqual([
      '2026-06-02T07:00Z',
      '2026-06-03T07:00Z',
    ]);
  });

  test('ends with the last day of UNTIL, where the meetings are', () => {
    const said = { rrule: 'FREQ=DAILY;UNTIL=20260103', timeZone: NEW_YORK };
    const start = '2026-01-02T02:00:00Z';
    expect(list({ ...said, start }, { after: '2026-01-01T00:00:00Z' })).toEqual([
      '2026-01-02T02:00Z',
      '2026-01-03T02:00Z',
      '2026-01-04T02:00Z',
    ]);
  });

  test('counts from its start, ten years later too', () => {
    const said = { rrule: 'FREQ=DAILY;COUNT=3700', start: '2016-11-01T08:00:00Z' };
    expect(list(said, { after: '2026-12-15T12:00:00Z' })).toEqual([
      '2026-12-16T08:00Z',
      '2026-12-17T08:00Z',
      '2026-12-18T08:00Z',
    ]);
    expect(list(said, { after: '2026-12-19T12:00:00Z' })).toEqual([]);
  });

  test('tells its own times from others', () => {
    const recurrence = openRecurrence(rule({ cron: '0 9 * * 1' }));
    expect(isOccurrence(recurrence, new Date('2026-06-01T07:00:00Z'))).toBe(true);
    expect(isOccurrence(recurrence, new Date('2026-06-01T07:00:01Z'))).toBe(false);
    expect(isOccurrence(recurrence, new Date('2026-06-02T07:00:00Z'))).toBe(false);
  });

  test.each([
    ['FREQ=SECONDLY', 'Expected a valid FREQ'],
    ['FREQ=DAILY;FREQ=DAILY', 'Expected each part of the RRULE once'],
    ['FREQ=DAILY;BYFOO=1', 'Expected parts of an RRULE'],
    ['FREQ=DAILY;INTERVAL=0', 'Expected a valid INTERVAL'],
    ['FREQ=DAILY;BYHOUR=24', 'Expected a valid BYHOUR'],
    ['FREQ=DAILY;COUNT=2;UNTIL=20270101', 'Expected COUNT or UNTIL'],
    ['INTERVAL=2', 'Expected an RRULE with FREQ'],
    ['FREQ=DAILY\nRRULE:FREQ=WEEKLY', 'Expected a valid FREQ'],
  ])('is refused as %j', (text, message) => {
    const { error } = rruleSchema.safeParse(text);
    expect(error?.issues[0]?.message).toContain(message);
  });
});

/** Whether Temporal, reading clocks literally, would ring at that moment. */
function rings(calendars: NonNullable<ReturnType<typeof findTemporalCalendars>>, moment: Date) {
  const wallTime = toWallTime(moment, BERLIN);
  const [, month = 0, date = 0, hour = 0, minute = 0, second = 0] = wallTime
    .split(/[-T:]/)
    .map(Number);
  const names = (index: number, locale: Intl.DateTimeFormatOptions): string =>
    new Date(Date.UTC(2026, index, index + 1)).toLocaleDateString('en', {
      ...locale,
      timeZone: 'UTC',
    });
  const months = Array.from({ length: 12 }, (_, index) => names(index, { month: 'long' }));
  const weekdays = 'SUNDAY MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY'.split(' ');
  const weekday = new Date(`${wallTime}Z`).getUTCDay();
  const has = (ranges: { start: number; end: number; step: number }[], value: number): boolean =>
    ranges.some((r) => value >= r.start && value <= r.end && (value - r.start) % r.step === 0);
  return calendars.some(
    (calendar) =>
      has(calendar.second, second) &&
      has(calendar.minute, minute) &&
      has(calendar.hour, hour) &&
      has(calendar.dayOfMonth, date) &&
      has(number(calendar.month, months), month - 1) &&
      has(number(calendar.dayOfWeek, weekdays), weekday),
  );
}

function number(ranges: { start: string; end: string; step: number }[], names: string[]) {
  const of = (name: string): number => names.findIndex((each) => each.toUpperCase() === name);
  return ranges.map(({ start, end, step }) => ({ start: of(start), end: of(end), step }));
}

describe('Temporal’s calendars', () => {
  test.each([
    { cron: '0 9 * * *' },
    { cron: '*/15 9-17 * * MON-FRI' },
    { cron: '5,35 8 1,15 * *' },
    { cron: '0 9 13 * 5' },
    { cron: '30 10 * JAN-MAR,12 7' },
    { cron: '0 */6 * * ?' },
    { rrule: 'FREQ=DAILY' },
    { rrule: 'FREQ=DAILY;INTERVAL=1;BYHOUR=9,15;BYMINUTE=0,30' },
    { rrule: 'FREQ=DAILY;BYDAY=MO,WE;BYMONTH=3,4' },
    { rrule: 'FREQ=WEEKLY' },
    { rrule: 'FREQ=WEEKLY;BYDAY=TU,TH;WKST=SU' },
    { rrule: 'FREQ=MONTHLY' },
    { rrule: 'FREQ=MONTHLY;BYMONTHDAY=1,31' },
    { rrule: 'FREQ=MONTHLY;BYDAY=FR' },
    { rrule: 'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13' },
    { rrule: 'FREQ=YEARLY' },
    { rrule: 'FREQ=YEARLY;BYMONTH=5,7' },
    { rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29' },
    { rrule: 'FREQ=YEARLY;BYDAY=MO;BYMONTH=9' },
  ])('ring at every time that %j names', (said) => {
    const calendars = findTemporalCalendars(rule(said)) ?? [];
    const named = list(said, { after: '2026-01-01T00:00:00Z', count: 40 });
    expect(named.length).toBeGreaterThan(3);
    for (const time of named) {
      expect([time, rings(calendars, new Date(time))]).toEqual([time, true]);
    }
    // and not at just any time
    const others = named.map((time) => new Date(Date.parse(time) + 7 * 60_000));
    expect(others.filter((time) => rings(calendars, time))).toEqual([]);
  });

  test.each([
    { rrule: 'FREQ=DAILY;INTERVAL=2' },
    { rrule: 'FREQ=DAILY;COUNT=5' },
    { rrule: 'FREQ=MONTHLY;BYDAY=-1FR' },
    { rrule: 'FREQ=MONTHLY;BYMONTHDAY=-1' },
    { rrule: 'FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1' },
    { rrule: 'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO' },
    { cron: '0 9 L * *' },
    { cron: '0 9 * * 5#2' },
    { cron: '0 9 * * FRI-MON' },
    { cron: '@daily' },
  ])('cannot say %j', (said) => {
    expect(findTemporalCalendars(rule(said))).toBeNull();
  });
});
