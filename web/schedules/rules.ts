import { schedules } from '@/strings/schedules';

export type Weekday = keyof typeof schedules.days;
export const WEEKDAYS = Object.keys(schedules.days) as Weekday[];
const WORKDAYS: readonly Weekday[] = ['MO', 'TU', 'WE', 'TH', 'FR'];

/** What people choose; the advanced kinds are written by hand. */
export interface RuleChoice {
  repeat: 'daily' | 'weekdays' | 'weekly' | 'monthly' | 'rrule' | 'cron';
  /** Every how many days, weeks or months. */
  every: string;
  days: Weekday[];
  monthlyBy: 'date' | 'day' | 'last';
  rrule: string;
  cron: string;
}

interface PlaceInMonth {
  day: Weekday;
  /** From 1 to 5: which of the month's Fridays, for instance. */
  ordinal: number;
  isLast: boolean;
}

/** Which of a month's weekdays a date is. */
function findPlaceInMonth(date: string): PlaceInMonth {
  const moment = new Date(`${date}T00:00:00Z`);
  const aWeekLater = new Date(moment.getTime() + 7 * 86_400_000);
  return {
    day: WEEKDAYS[(moment.getUTCDay() + 6) % 7] ?? 'MO',
    ordinal: Math.ceil(moment.getUTCDate() / 7),
    isLast: aWeekLater.getUTCMonth() !== moment.getUTCMonth(),
  };
}

/** What a monthly rule may go by, for a month's day like this; a fifth weekday only as the last. */
export function listMonthlyWays(date: string): RuleChoice['monthlyBy'][] {
  const { ordinal, isLast } = findPlaceInMonth(date);
  return ['date', ...(ordinal <= 4 ? ['day' as const] : []), ...(isLast ? ['last' as const] : [])];
}

/** The choice as RRULE; null for cron. */
export function toRrule(choice: RuleChoice, startsOn: string): string | null {
  const every = choice.every.trim() === '1' ? '' : `;INTERVAL=${choice.every.trim()}`;
  switch (choice.repeat) {
    case 'daily':
      return `FREQ=DAILY${every}`;
    case 'weekdays':
      return `FREQ=WEEKLY;BYDAY=${WORKDAYS.join(',')}`;
    case 'weekly':
      return `FREQ=WEEKLY${every};BYDAY=${WEEKDAYS.filter((day) => choice.days.includes(day)).join(',')}`;
    case 'monthly': {
      return `FREQ=MONTHLY${every};${toPlace(choice.monthlyBy, startsOn)}`;
    }
    case 'rrule':
      return choice.rrule.trim();
    case 'cron':
      return null;
  }
}

function toPlace(by: RuleChoice['monthlyBy'], startsOn: string): string {
  const { day, ordinal } = findPlaceInMonth(startsOn);
  const way = listMonthlyWays(startsOn).includes(by) ? by : 'date';
  if (way === 'date') return `BYMONTHDAY=${Number(startsOn.slice(8, 10))}`;
  return `BYDAY=${way === 'last' ? -1 : ordinal}${day}`;
}

interface Rule {
  rrule: string | null;
  cron: string | null;
}

const PLAIN: Omit<RuleChoice, 'repeat'> = {
  every: '1',
  days: [],
  monthlyBy: 'date',
  rrule: '',
  cron: '',
};

/** The choice that makes this rule, counted from a day; an advanced one where no other does. */
export function toChoice({ rrule, cron }: Rule, startsOn: string): RuleChoice {
  if (cron !== null) return { ...PLAIN, repeat: 'cron', cron };
  const raw = rrule ?? '';
  const parts = new Map(raw.split(';').map((part) => part.split('=', 2) as [string, string]));
  const byDay = parts.get('BYDAY')?.split(',') ?? [];
  const days = WEEKDAYS.filter((day) => byDay.includes(day));
  const tries: RuleChoice[] = (['daily', 'weekdays', 'weekly', 'monthly'] as const).flatMap(
    (repeat) =>
      (['date', 'day', 'last'] as const).map((monthlyBy) => ({
        ...PLAIN,
        repeat,
        monthlyBy,
        days,
        every: parts.get('INTERVAL') ?? '1',
      })),
  );
  const found = tries.find((choice) => isSame(toRrule(choice, startsOn) ?? '', raw));
  return found ?? { ...PLAIN, repeat: 'rrule', rrule: raw };
}

function isSame(a: string, b: string): boolean {
  const sort = (rule: string): string =>
    rule
      .split(';')
      .filter((part) => part !== 'INTERVAL=1')
      .sort()
      .join(';');
  return sort(a) === sort(b);
}

/** A rule in words, with its time of day where it has one of its own. */
export function describeRule(rule: Rule, { startsOn, time }: { startsOn: string; time: string }) {
  const choice = toChoice(rule, startsOn);
  const words = schedules.rule;
  const every = Number(choice.every);
  switch (choice.repeat) {
    case 'daily':
      return words.at(words.daily(every), time);
    case 'weekdays':
      return words.at(words.weekdays, time);
    case 'weekly':
      return words.at(words.weekly(every, nameDays(choice.days)), time);
    case 'monthly':
      return words.at(describeMonthly(choice, startsOn), time);
    case 'rrule':
      return choice.rrule;
    case 'cron':
      return choice.cron;
  }
}

function describeMonthly({ monthlyBy, every }: RuleChoice, startsOn: string): string {
  const words = schedules.rule;
  const date = Number(startsOn.slice(8, 10));
  if (monthlyBy === 'date') return words.monthlyByDate(Number(every), date);
  return words.monthlyByDay(Number(every), nameDayOfMonth(startsOn, monthlyBy));
}

/** As `second Friday`, or `last Friday`. */
export function nameDayOfMonth(date: string, by: 'day' | 'last'): string {
  const { day, ordinal } = findPlaceInMonth(date);
  const { ordinals, last } = schedules.rule;
  return `${by === 'last' ? last : (ordinals[ordinal - 1] ?? last)} ${schedules.days[day].long}`;
}

function nameDays(days: readonly Weekday[]): string {
  const names = days.map((day) => schedules.days[day].long);
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')}${schedules.rule.and}${last}`;
}
