import { time } from '@/strings/time';

/** The zone of whoever looks at the page. */
export function findOwnZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

interface Style {
  timeZone?: string;
  /** Leaves the weekday, or the year of this year, out where it is not needed. */
  isShort?: boolean;
}

/** A moment as `26 Nov 2026, 09:12`. */
export function formatMoment(iso: string, { timeZone, isShort = false }: Style = {}): string {
  const moment = new Date(iso);
  const hasYear = !isShort || moment.getFullYear() !== new Date().getFullYear();
  return moment.toLocaleString(time.locale, {
    timeZone,
    day: 'numeric',
    month: 'short',
    ...(hasYear ? { year: 'numeric' } : {}),
    hour: '2-digit',
    minute: '2-digit',
  });
}

/** A day as `Thu 26 Nov 2026`. */
export function formatDay(iso: string, { timeZone, isShort = false }: Style = {}): string {
  const text = new Date(iso).toLocaleDateString(time.locale, {
    timeZone,
    ...(isShort ? {} : { weekday: 'short' }),
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });
  return text.replace(',', '');
}

const STEPS = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
] as const;

/** How long ago, or how soon, as `3 minutes ago`. */
export function formatDistance(iso: string, now = Date.now()): string {
  const words = new Intl.RelativeTimeFormat(time.locale, { numeric: 'auto' });
  const distance = Date.parse(iso) - now;
  const step = STEPS.find(({ ms }) => Math.abs(distance) >= ms);
  if (!step) return words.format(Math.trunc(distance / 1_000), 'second');
  return words.format(Math.trunc(distance / step.ms), step.unit);
}

/** A place in a meeting as `1:02:03` or `2:03`. */
export function formatPlace(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  const hours = Math.floor(seconds / 3_600);
  const [minutes = '', rest = ''] = parts.map((part) => String(part).padStart(2, '0'));
  return hours > 0 ? `${hours}:${minutes}:${rest}` : `${Number(minutes)}:${rest}`;
}

/** A zone with its distance from UTC at that moment. */
export function describeZone(timeZone: string, at = new Date()): string {
  if (timeZone === 'UTC') return timeZone;
  const part = new Intl.DateTimeFormat(time.locale, { timeZone, timeZoneName: 'shortOffset' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName');
  return time.zone(timeZone.replaceAll('_', ' '), part?.value ?? 'UTC');
}

/** The time of day as `09:12`. */
export function formatTime(iso: string, { timeZone }: Style = {}): string {
  return new Date(iso).toLocaleTimeString(time.locale, {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
  });
}
