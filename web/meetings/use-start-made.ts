import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { take, useApi } from '@/api/client';
import { meetings } from '@/strings/meetings';
import { toast } from '@/ui/toast';
import { meetingKeys } from './keys';
import type { Meeting } from './queries';

/**
 * Sends a bot into a meeting that was made just now, and goes there. A refusal is shown there, beside
 * the button that tries again: here, each further try would make another meeting.
 */
export function useStartMade(): (meeting: Meeting) => Promise<void> {
  const { client } = useApi();
  const router = useRouter();
  const queries = useQueryClient();
  return async ({ id }) => {
    try {
      take(await client.POST('/api/meetings/{id}/start-bot', { params: { path: { id } } }));
      toast.success(meetings.start.made);
    } catch (refusal) {
      queries.setQueryData(meetingKeys.refusal(id), refusal);
    }
    await queries.invalidateQueries({ queryKey: meetingKeys.lists });
    router.push(`/meetings/${id}`);
  };
}
