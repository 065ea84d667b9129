import { time } from '@/strings/time';

/** A month of UTC as `2026-11`. */
export type Month = string;

export function thisMonth(): Month {
  return new Date().toISOString().slice(0, 7);
}

export function addMonths(month: Month, count: number): Month {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + count, 1)).toISOString().slice(0, 7);
}

/** Its first and last day. */
export function daysOf(month: Month): { from: string; to: string; count: number } {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const last = new Date(Date.UTC(year, number, 0));
  return {
    from: `${month}-01`,
    to: last.toISOString().slice(0, 10),
    count: last.getUTCDate(),
  };
}

export function nameMonth(month: Month): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString(time.locale, {
    timeZone: 'UTC',
    month: 'long',
    year: 'numeric',
  });
}

export function formatNumber(number: number, digits = 0): string {
  return number.toLocaleString(time.locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
