import type { BotDefaults } from '../../domain/bot-defaults';
import { BOT_FIELDS, toAllWishes, toBotForm, type BotFormValues } from '@/bots/bot-form';
import { AS_GUEST, toIdentityId } from '@/bots/identity-field';
import { findOwnZone } from '@/time/format';
import { isZone, toWallTime } from '@/time/zones';
import type { RuleWishes, Schedule, ScheduleWishes } from './queries';
import { toChoice, toRrule, WEEKDAYS, type RuleChoice } from './rules';

export interface ScheduleFormValues extends BotFormValues, RuleChoice {
  title: string;
  meetingUrl: string;
  botIdentityId: string;
  timeZone: string;
  /** By the clocks of the zone, as `2026-12-01T09:00`. */
  startsAt: string;
  /** A day, or empty. */
  endsAt: string;
  skipDates: string[];
}

/** Fields that the form shows, by the API's names. */
export const SCHEDULE_FIELDS = [
  'title',
  'meetingUrl',
  'rrule',
  'cron',
  'timeZone',
  'startsAt',
  'endsAt',
  'skipDates',
  'botIdentityId',
  ...BOT_FIELDS,
] as const;

/** What a new one begins with: every weekday from tomorrow on, in the reader's own zone. */
export function makeNewValues(defaults: BotDefaults, now = new Date()): ScheduleFormValues {
  const timeZone = findOwnZone();
  const tomorrow = toWallTime(new Date(now.getTime() + 86_400_000), timeZone).slice(0, 10);
  return {
    ...toBotForm(defaults),
    ...toChoice({ rrule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', cron: null }, tomorrow),
    days: [WEEKDAYS[0] ?? 'MO'],
    title: '',
    meetingUrl: '',
    botIdentityId: AS_GUEST,
    timeZone,
    startsAt: `${tomorrow}T09:00`,
    endsAt: '',
    skipDates: [],
  };
}

export function toValues(schedule: Schedule): ScheduleFormValues {
  const { timeZone, endsAt, title, skipDates, botIdentityId } = schedule;
  const startsAt = toWallTime(new Date(schedule.startsAt), timeZone);
  return {
    ...toBotForm(schedule),
    ...toChoice(schedule, startsAt.slice(0, 10)),
    title: title ?? '',
    meetingUrl: '',
    botIdentityId: botIdentityId === null ? AS_GUEST : String(botIdentityId),
    timeZone,
    startsAt,
    endsAt: endsAt === null ? '' : toWallTime(new Date(endsAt), timeZone).slice(0, 10),
    skipDates,
  };
}

/** The rule as the API takes it; null while something of it is missing. */
export function toRule(values: ScheduleFormValues): RuleWishes | null {
  const { repeat, days, every, startsAt, timeZone, endsAt, skipDates } = values;
  if (!isZone(timeZone) || !/^[1-9]\d?$/.test(every.trim())) return null;
  if (repeat === 'weekly' && days.length === 0) return null;
  const rrule = toRrule(values, startsAt.slice(0, 10));
  const isCron = repeat === 'cron';
  if (isCron ? values.cron.trim() === '' : !rrule || startsAt === '') return null;
  return {
    ...(isCron ? { cron: values.cron.trim() } : { rrule: rrule ?? '' }),
    timeZone,
    ...(startsAt ? { startsAt } : {}),
    endsAt: endsAt ? `${endsAt}T23:59` : null,
    skipDates,
  };
}

/** All of it as the API takes it. */
export function toWishes(values: ScheduleFormValues, rule: RuleWishes): ScheduleWishes {
  return {
    ...toAllWishes(values),
    ...rule,
    title: values.title.trim() || null,
    meetingUrl: values.meetingUrl.trim(),
    botIdentityId: toIdentityId(values.botIdentityId),
  };
}
