'use client';

import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { take, useApi } from '@/api/client';
import { LIST_PAGE, meetingKeys, type MeetingFilter } from '../keys';

/** How often it is looked again; what is over changes with what goes on. */
const INTERVALS_MS = { live: 5_000, upcoming: 30_000, past: false } as const;

export function useMeetingList(filter: MeetingFilter) {
  const { client } = useApi();
  return useInfiniteQuery({
    queryKey: meetingKeys.list(filter),
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filter, limit: LIST_PAGE, ...(pageParam ? { cursor: pageParam } : {}) };
      return take(await client.GET('/api/meetings', { params: { query }, signal }));
    },
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (before) => before,
    refetchInterval: filter.when ? INTERVALS_MS[filter.when] : false,
  });
}

export type MeetingListQuery = ReturnType<typeof useMeetingList>;

/** Reads all lists again when a meeting begins or ends: it has moved from one to another. */
export function useListsInStep(live: MeetingListQuery): void {
  const queries = useQueryClient();
  const { data, isPlaceholderData } = live;
  const seen = useRef<string>(undefined);
  const ids = data?.pages.flatMap(({ meetings }) => meetings.map(({ id }) => id)).join();
  useEffect(() => {
    // another filter has other meetings, and lists of its own that are read anyway
    if (ids === undefined || isPlaceholderData) seen.current = undefined;
    else {
      const hasMoved = seen.current !== undefined && seen.current !== ids;
      seen.current = ids;
      if (hasMoved) void queries.invalidateQueries({ queryKey: [...meetingKeys.lists, 'list'] });
    }
  }, [ids, isPlaceholderData, queries]);
}
