import { useMutation } from '@tanstack/react-query';
import { take, useApi } from '@/api/client';
import { readFieldProblems, summariseProblem } from '@/api/problems';
import { useStartMade } from './use-start-made';

/** Makes a meeting of a link, sends a bot into it, and goes there. */
export function useStartLink(onError: (text: string) => void) {
  const { client } = useApi();
  const startMade = useStartMade();
  return useMutation({
    mutationFn: async (meetingUrl: string) =>
      startMade(take(await client.POST('/api/meetings', { body: { meetingUrl } }))),
    onError: (error) =>
      onError(readFieldProblems(error).get('meetingUrl') ?? summariseProblem(error)),
  });
}
