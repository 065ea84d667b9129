'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { take, useApi } from '@/api/client';
import { meetingKeys, type Meeting } from '../queries';

/** What of one's meetings is to be seen. */
export interface MeetingFilter {
  when?: 'live' | 'upcoming' | 'past';
  q?: string;
  status?: Meeting['status'];
  platform?: Meeting['platform'];
}

/** While something goes on, its state is looked at this often. */
const LIVE_INTERVAL_MS = 5_000;

export function useMeetingList(filter: MeetingFilter) {
  const { client } = useApi();
  return useInfiniteQuery({
    queryKey: [...meetingKeys.lists, 'list', filter],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filter, limit: 30, ...(pageParam ? { cursor: pageParam } : {}) };
      return take(await client.GET('/api/meetings', { params: { query }, signal }));
    },
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (before) => before,
    refetchInterval: filter.when === 'live' ? LIVE_INTERVAL_MS : false,
  });
}

export type MeetingListQuery = ReturnType<typeof useMeetingList>;
