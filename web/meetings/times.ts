import { time as strings } from '@/strings/time';

/** `4:05` or `1:04:05`. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (number: number): string => String(number).padStart(2, '0');
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

const sameDay = (a: Date, b: Date): boolean => a.toDateString() === b.toDateString();

/** `Today, 14:05`, `Tomorrow, 09:00`, or the date. */
export function formatMoment(text: string, now = new Date()): string {
  const moment = new Date(text);
  const time = moment.toLocaleTimeString(strings.locale, {
    hour: '2-digit',
    minute: '2-digit',
  });
  const days = new Intl.RelativeTimeFormat(strings.locale, { numeric: 'auto' });
  for (const offset of [-1, 0, 1]) {
    const day = new Date(now);
    day.setDate(now.getDate() + offset);
    if (!sameDay(day, moment)) continue;
    const name = days.format(offset, 'day');
    return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}, ${time}`;
  }
  const isThisYear = moment.getFullYear() === now.getFullYear();
  const date = moment.toLocaleDateString(strings.locale, {
    day: 'numeric',
    month: 'short',
    ...(isThisYear ? {} : { year: 'numeric' }),
  });
  return `${date}, ${time}`;
}
