import { usage } from '@/strings/usage';
import { formatDay } from '@/time/format';
import { daysOf, formatNumber, nameMonth, type Month } from './months';

interface UsageChartProps {
  month: Month;
  days: readonly { day: string; botMinutes: number }[];
}

/** Bot minutes of each day as bars; the table below has the same in figures. */
export function UsageChart({ month, days }: UsageChartProps) {
  const minutes = new Map(days.map(({ day, botMinutes }) => [day, botMinutes]));
  const most = Math.max(1, ...minutes.values());
  const all = Array.from(
    { length: daysOf(month).count },
    (_, index) => `${month}-${String(index + 1).padStart(2, '0')}`,
  );
  return (
    <figure>
      <figcaption className="mb-3 flex justify-between text-[13px] text-soft">
        <span>{usage.chart(nameMonth(month))}</span>
        <span className="tabular-nums">{formatNumber(most)}</span>
      </figcaption>
      <div aria-hidden className="flex h-36 items-end gap-px border-b sm:gap-1">
        {all.map((day) => {
          const used = minutes.get(day) ?? 0;
          return (
            <div
              key={day}
              title={usage.bar(formatDay(day, { timeZone: 'UTC' }), formatNumber(used, 1))}
              className="group flex h-full flex-1 items-end"
            >
              <div
                className="w-full rounded-t-sm bg-accent opacity-85 group-hover:opacity-100"
                style={{ height: used > 0 ? `max(3px, ${(used / most) * 100}%)` : 0 }}
              />
            </div>
          );
        })}
      </div>
      <div aria-hidden className="mt-1 flex justify-between text-xs text-soft tabular-nums">
        <span>1</span>
        <span>{all.length}</span>
      </div>
    </figure>
  );
}
