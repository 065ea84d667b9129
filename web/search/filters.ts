import type { Platform } from '../../domain/platforms';

/** What is looked for; it stands in the page's address, so that a search can be sent to others. */
export interface Filters {
  q: string;
  from: string;
  to: string;
  platform: Platform | '';
  speaker: string;
}

const NAMES = ['q', 'from', 'to', 'platform', 'speaker'] as const;

export function readFilters(params: { get: (name: string) => string | null }): Filters {
  const read = (name: string): string => params.get(name) ?? '';
  return {
    q: read('q'),
    from: read('from'),
    to: read('to'),
    // the API refuses what is no platform
    platform: read('platform') as Filters['platform'],
    speaker: read('speaker'),
  };
}

export function writeFilters(filters: Filters): string {
  const params = new URLSearchParams();
  for (const name of NAMES) if (filters[name].trim()) params.set(name, filters[name].trim());
  return params.toString();
}

/** As the API takes them; days are those of the reader's own calendar, the last one included. */
export function toQuery({ q, from, to, platform, speaker }: Filters) {
  return {
    q: q.trim(),
    ...(from ? { from: startOfDay(from, 0) } : {}),
    ...(to ? { to: startOfDay(to, 1) } : {}),
    ...(platform ? { platform } : {}),
    ...(speaker.trim() ? { speaker: speaker.trim() } : {}),
  };
}

function startOfDay(day: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}

export function hasFilters({ from, to, platform, speaker }: Filters): boolean {
  return Boolean(from || to || platform || speaker.trim());
}
