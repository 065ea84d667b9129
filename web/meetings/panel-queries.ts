'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { take, useApi } from '@/api/client';
import { ApiProblem } from '@/api/problems';
import { meeting as strings } from '@/strings/meeting';
import { meetingKeys } from './keys';
import { pathOf, useMeetingCommand, type Analysis } from './queries';

export function useAttempts(id: number) {
  const { client } = useApi();
  return useQuery({
    queryKey: meetingKeys.attempts(id),
    queryFn: async ({ signal }) =>
      take(await client.GET('/api/meetings/{id}/attempts', { params: pathOf(id), signal }))
        .attempts,
  });
}

export function usePeople(id: number, isLive: boolean) {
  const { client } = useApi();
  return useQuery({
    queryKey: meetingKeys.people(id),
    queryFn: async ({ signal }) =>
      take(await client.GET('/api/meetings/{id}/participants', { params: pathOf(id), signal })),
    refetchInterval: isLive ? 10_000 : false,
  });
}

/** The newest analysis; null where there is none. */
export function useAnalysis(id: number) {
  const { client } = useApi();
  return useQuery({
    queryKey: meetingKeys.analysis(id),
    queryFn: async ({ signal }): Promise<Analysis | null> => {
      try {
        return take(
          await client.GET('/api/meetings/{id}/analysis', { params: pathOf(id), signal }),
        );
      } catch (error) {
        if (error instanceof ApiProblem && error.code === 'analysis_not_found') return null;
        throw error;
      }
    },
  });
}

export function useAnalyse(id: number) {
  const { client } = useApi();
  return useMeetingCommand(
    id,
    async () => take(await client.POST('/api/meetings/{id}/analysis', { params: pathOf(id) })),
    () => strings.actions.analysing,
  );
}

export function useDeleteMeeting(id: number) {
  const { client } = useApi();
  return useMeetingCommand(
    id,
    async () => take(await client.DELETE('/api/meetings/{id}', { params: pathOf(id) })),
    () => strings.remove.done,
  );
}

export function useRenameMeeting(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (title: string | null) =>
      take(await client.PATCH('/api/meetings/{id}', { params: pathOf(id), body: { title } })),
    onSuccess: (renamed) => {
      queries.setQueryData(meetingKeys.one(id), renamed);
      void queries.invalidateQueries({ queryKey: meetingKeys.lists });
    },
  });
}

export function useRenameSpeaker(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ participantId, name }: { participantId: number; name: string | null }) =>
      take(
        await client.PATCH('/api/meetings/{id}/participants/{participantId}', {
          params: { path: { id, participantId } },
          body: { name },
        }),
      ),
    onSuccess: () => void queries.invalidateQueries({ queryKey: meetingKeys.people(id) }),
  });
}

export function useFinishRecording(id: number) {
  const { client } = useApi();
  return useMeetingCommand(
    id,
    async () =>
      take(
        await client.POST('/api/meetings/{id}/recorder/finish', { params: pathOf(id), body: {} }),
      ),
    () => strings.actions.finishing,
  );
}

export function useCancelUpload(id: number) {
  const { client } = useApi();
  return useMeetingCommand(
    id,
    async () => take(await client.DELETE('/api/meetings/{id}/upload', { params: pathOf(id) })),
    () => strings.actions.cancelled,
  );
}
