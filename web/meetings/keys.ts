import type { Schemas } from 'meetings-client';

/** The keys under which a meeting's parts are kept. */
export const meetingKeys = {
  lists: ['meetings'] as const,
  list: (filter: MeetingFilter) => ['meetings', 'list', filter] as const,
  one: (id: number) => ['meeting', id] as const,
  attempts: (id: number) => ['meeting', id, 'attempts'] as const,
  people: (id: number) => ['meeting', id, 'participants'] as const,
  analysis: (id: number) => ['meeting', id, 'analysis'] as const,
  notes: (id: number) => ['meeting', id, 'notes'] as const,
  shares: (id: number) => ['meeting', id, 'shares'] as const,
  upload: (id: number) => ['meeting', id, 'upload'] as const,
  refusal: (id: number) => ['meeting', id, 'refusal'] as const,
};

/** What of one's meetings is to be seen. */
export interface MeetingFilter {
  when?: 'live' | 'upcoming' | 'past';
  q?: string;
  status?: Schemas['Meeting']['status'];
  platform?: Schemas['Meeting']['platform'];
}

/** How many meetings a list asks for at once. */
export const LIST_PAGE = 30;
/** How many events are asked for first: they fill a screen, so that words need not wait for the rest. */
export const FIRST_EVENTS = 100;
