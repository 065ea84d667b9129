'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { take, useApi } from '@/api/client';
import { toQuery, type Filters } from './filters';

/** What was found, page by page. */
export function useSearch(filters: Filters) {
  const { client } = useApi();
  const query = toQuery(filters);
  return useInfiniteQuery({
    queryKey: ['search', query],
    enabled: query.q !== '' && !(filters.from && filters.to && filters.to < filters.from),
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      take(
        await client.GET('/api/search', {
          params: { query: { ...query, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (before) => before,
  });
}
