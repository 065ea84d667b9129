'use client';

import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Schemas } from 'meetings-client';
import { take, useApi } from '@/api/client';
import { summariseProblem } from '@/api/problems';
import { meeting as strings } from '@/strings/meeting';
import { toast } from '@/ui/toast';
import { meetingKeys } from './keys';
import { isUnderWay } from './states';

export type Meeting = Schemas['Meeting'];
export type Attempt = Schemas['Attempt'];
export type Analysis = Schemas['Analysis'];
export type Upload = Schemas['Upload'];

/** While a file comes and is written down, this often is looked how far it is. */
const UPLOAD_INTERVAL_MS = 2_000;

export const pathOf = (id: number) => ({ path: { id } });

export function useMeeting(id: number) {
  const { client } = useApi();
  return useQuery({
    queryKey: meetingKeys.one(id),
    queryFn: async ({ signal }) =>
      take(await client.GET('/api/meetings/{id}', { params: pathOf(id), signal })),
  });
}

/** How far the file is that a meeting is made of; undefined for others, and once it is over. */
export function useUpload(meeting: Meeting): Upload | undefined {
  const { client } = useApi();
  const { id, source } = meeting;
  const isComing = source === 'upload' && isUnderWay(meeting);
  const { data } = useQuery({
    queryKey: meetingKeys.upload(id),
    queryFn: isComing
      ? async ({ signal }) =>
          take(await client.GET('/api/meetings/{id}/upload', { params: pathOf(id), signal }))
      : skipToken,
    refetchInterval: isComing ? UPLOAD_INTERVAL_MS : false,
  });
  return isComing ? data : undefined;
}

/** Something that is asked for, with a word about what came of it. */
export function useMeetingCommand<Answer>(
  id: number,
  command: () => Promise<Answer>,
  describe: (answer: Answer) => string,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: command,
    onSuccess: (answer) => {
      toast.success(describe(answer));
      void queries.invalidateQueries({ queryKey: meetingKeys.one(id) });
      void queries.invalidateQueries({ queryKey: meetingKeys.lists });
    },
    onError: (error) => toast.error(summariseProblem(error)),
  });
}

/** Why no bot was started when somebody last asked for one; null when it was. */
export function useStartRefusal(id: number): unknown {
  return useQuery<unknown>({
    queryKey: meetingKeys.refusal(id),
    queryFn: skipToken,
    initialData: null,
  }).data;
}

export function useStartBot(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () =>
      take(await client.POST('/api/meetings/{id}/start-bot', { params: pathOf(id) })),
    onSuccess: ({ outcome }) => {
      toast.success(outcome === 'accepted' ? strings.actions.accepted : strings.actions.started);
      void queries.invalidateQueries({ queryKey: meetingKeys.one(id) });
      void queries.invalidateQueries({ queryKey: meetingKeys.lists });
    },
    onSettled: (_answer, refusal) => queries.setQueryData(meetingKeys.refusal(id), refusal),
  });
}

export function useStopBot(id: number) {
  const { client } = useApi();
  return useMeetingCommand(
    id,
    async () => take(await client.POST('/api/meetings/{id}/stop-bot', { params: pathOf(id) })),
    ({ outcome }) => (outcome === 'accepted' ? strings.actions.accepted : strings.actions.stopping),
  );
}

export function useRetryTranscription(id: number) {
  const { client } = useApi();
  return useMeetingCommand(
    id,
    async () =>
      take(await client.POST('/api/meetings/{id}/retry-transcription', { params: pathOf(id) })),
    ({ retried }) => strings.actions.retried(retried),
  );
}
