'use client';

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Schemas } from 'meetings-client';
import type { BotDefaults } from '../../domain/bot-defaults';
import type { ChangeOccurrence } from '../../domain/schedules';
import { take, useApi } from '@/api/client';
import { summariseProblem } from '@/api/problems';
import { schedules } from '@/strings/schedules';
import { toast } from '@/ui/toast';

export type Schedule = Schemas['Schedule'];
export type ScheduleDetail = Schemas['ScheduleDetail'];
export type Occurrence = ScheduleDetail['nextOccurrences'][number];
export type Outcome = ScheduleDetail['lastOutcomes'][number];

const SCHEDULES = ['schedules'] as const;
const scheduleKey = (id: number) => [...SCHEDULES, id] as const;
/** What is to come changes by itself. */
const LOOK_AGAIN_MS = 10_000;

export function useSchedules() {
  const { client } = useApi();
  return useInfiniteQuery({
    queryKey: [...SCHEDULES, 'list'],
    initialPageParam: '',
    queryFn: async ({ pageParam }) =>
      take(
        await client.GET('/api/schedules', {
          params: { query: pageParam ? { cursor: pageParam } : {} },
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
}

/** Planned meetings, soonest first. */
export function useUpcoming() {
  const { client } = useApi();
  return useInfiniteQuery({
    queryKey: ['meetings', 'upcoming', 'schedules'],
    initialPageParam: '',
    queryFn: async ({ pageParam }) =>
      take(
        await client.GET('/api/meetings', {
          params: {
            query: { when: 'upcoming', limit: 10, ...(pageParam ? { cursor: pageParam } : {}) },
          },
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

export function useSchedule(id: number) {
  const { client } = useApi();
  return useQuery({
    queryKey: scheduleKey(id),
    queryFn: async () => take(await client.GET('/api/schedules/{id}', { params: pathOf(id) })),
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** What a rule needs to be understood. */
export interface RuleWishes {
  rrule?: string;
  cron?: string;
  timeZone: string;
  startsAt?: string;
  endsAt: string | null;
  skipDates: string[];
}

/** The next ten times of a rule; nothing is asked while it is null. */
export function usePreview(rule: RuleWishes | null) {
  const { client } = useApi();
  return useQuery({
    queryKey: [...SCHEDULES, 'preview', rule],
    enabled: rule !== null,
    queryFn: async ({ signal }) => {
      if (rule === null) return [];
      const answer = await client.POST('/api/schedules/preview', { body: rule, signal });
      return take(answer).occurrences;
    },
    placeholderData: (before) => before,
    staleTime: 60_000,
    retry: false,
  });
}

export interface ScheduleWishes extends RuleWishes, BotDefaults {
  title: string | null;
  meetingUrl: string;
  botIdentityId: number | null;
}

export function useCreateSchedule() {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: ScheduleWishes) => take(await client.POST('/api/schedules', { body })),
    onSuccess: (schedule) => keep(queries, schedule),
  });
}

export function useUpdateSchedule(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: Partial<ScheduleWishes>) =>
      take(await client.PATCH('/api/schedules/{id}', { params: pathOf(id), body })),
    onSuccess: (schedule) => keep(queries, schedule),
  });
}

export function useChangeOccurrence(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  const { skipped, movedDone, restored } = schedules.detail.next;
  const words = { skip: skipped, move: movedDone, restore: restored };
  return useMutation({
    mutationFn: async (body: ChangeOccurrence) =>
      take(await client.POST('/api/schedules/{id}/occurrences', { params: pathOf(id), body })),
    onSuccess: (schedule, { change }) => {
      toast.success(words[change]);
      return keep(queries, schedule);
    },
  });
}

/** Pauses a schedule, or has it go on. */
export function usePause(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  const { paused, resumed } = schedules.detail;
  return useMutation({
    mutationFn: async (isPaused: boolean) => {
      const params = pathOf(id);
      return isPaused
        ? take(await client.POST('/api/schedules/{id}/pause', { params }))
        : take(await client.POST('/api/schedules/{id}/resume', { params }));
    },
    onSuccess: (schedule, isPaused) => {
      toast.success(isPaused ? paused : resumed);
      return keep(queries, schedule);
    },
    onError: showProblem,
  });
}

export function useRunNow(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () =>
      take(await client.POST('/api/schedules/{id}/run', { params: pathOf(id) })),
    onSuccess: () => {
      toast.success(schedules.detail.ran);
      return queries.invalidateQueries({ queryKey: scheduleKey(id) });
    },
    onError: showProblem,
  });
}

export function useDeleteSchedule(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () =>
      take(await client.DELETE('/api/schedules/{id}', { params: pathOf(id) })),
    onSuccess: async () => {
      toast.success(schedules.detail.deleted);
      queries.removeQueries({ queryKey: scheduleKey(id) });
      await queries.invalidateQueries({ queryKey: [...SCHEDULES, 'list'] });
      await queries.invalidateQueries({ queryKey: ['meetings'] });
    },
    onError: showProblem,
  });
}

type Queries = ReturnType<typeof useQueryClient>;

/** A changed schedule stands everywhere, and so do its meetings. */
async function keep(queries: Queries, schedule: ScheduleDetail): Promise<void> {
  queries.setQueryData(scheduleKey(schedule.id), schedule);
  await queries.invalidateQueries({ queryKey: [...SCHEDULES, 'list'] });
  await queries.invalidateQueries({ queryKey: ['meetings'] });
}

function pathOf(id: number) {
  return { path: { id } };
}

function showProblem(error: unknown): void {
  toast.error(summariseProblem(error));
}

export function nameSchedule({ id, title }: Pick<Schedule, 'id' | 'title'>): string {
  return title ?? schedules.untitled(id);
}
