import { schedules } from '@/strings/schedules';
import { formatDay } from '@/time/format';
import { toWallTime } from '@/time/zones';
import type { Schedule } from './queries';
import { describeRule } from './rules';

/** When a schedule takes place, in words, by the clocks of its own zone. */
export function describeSchedule(schedule: Schedule): string {
  const { timeZone, endsAt } = schedule;
  const start = toWallTime(new Date(schedule.startsAt), timeZone);
  const rule = describeRule(schedule, { startsOn: start.slice(0, 10), time: start.slice(11) });
  if (endsAt === null) return rule;
  return schedules.rule.until(rule, formatDay(endsAt, { timeZone, isShort: true }));
}
