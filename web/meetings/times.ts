import { time as strings } from '@/strings/time';

const two = (number: number): string => String(number).padStart(2, '0');

/** `4:05` or `1:04:05`. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** `4 min` or `1 h 4 min`. */
export function formatDuration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${Math.max(1, Math.round(ms / 1000))} s`;
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** The words of a moment. */
export const MOMENT_WORDS = {
  days: [strings.yesterday, strings.today, strings.tomorrow],
  months: strings.months,
};

/** `14:05:09`. */
export function formatSecond(text: string): string {
  const moment = new Date(text);
  return [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two).join(':');
}

/** `Today, 14:05`, `Tomorrow, 09:00`, or the date. */
export function formatMoment(text: string, now = new Date()): string {
  return writeMoment(text, now, MOMENT_WORDS);
}

/**
 * Without Intl: a browser takes tens of milliseconds to load what that needs, and longer on a phone,
 * while these are what a page shows first. Without anything from around it: its text is run as well.
 */
export function writeMoment(text: string, now: Date, words: typeof MOMENT_WORDS): string {
  const moment = new Date(text);
  const time = [moment.getHours(), moment.getMinutes()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  for (const [index, name] of words.days.entries()) {
    const day = new Date(now);
    day.setDate(now.getDate() + index - 1);
    if (day.toDateString() === moment.toDateString()) return `${name}, ${time}`;
  }
  const year = moment.getFullYear() === now.getFullYear() ? [] : [moment.getFullYear()];
  return `${[moment.getDate(), words.months[moment.getMonth()], ...year].join(' ')}, ${time}`;
}
