import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { take, useApi } from '@/api/client';
import { readFieldProblems, summariseProblem } from '@/api/problems';
import { meetings } from '@/strings/meetings';
import { toast } from '@/ui/toast';

/** Makes a meeting of a link, sends a bot into it, and goes there. */
export function useStartLink(onError: (text: string) => void) {
  const { client } = useApi();
  const router = useRouter();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (meetingUrl: string) => {
      const meeting = take(await client.POST('/api/meetings', { body: { meetingUrl } }));
      const params = { path: { id: meeting.id } };
      return take(await client.POST('/api/meetings/{id}/start-bot', { params }));
    },
    onSuccess: async ({ meeting }) => {
      toast.success(meetings.start.made);
      await queries.invalidateQueries({ queryKey: ['meetings'] });
      router.push(`/meetings/${meeting.id}`);
    },
    onError: (error) =>
      onError(readFieldProblems(error).get('meetingUrl') ?? summariseProblem(error)),
  });
}
