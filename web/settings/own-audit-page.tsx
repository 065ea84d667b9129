'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { take, useApi } from '@/api/client';
import { NO_FILTER, toAuditQuery } from '@/audit/audit-filters';
import { AuditLog } from '@/audit/audit-log';
import { audit } from '@/strings/audit';

export function OwnAuditPage() {
  const { client } = useApi();
  const [filter, setFilter] = useState(NO_FILTER);
  const query = toAuditQuery(useDeferredValue(filter));
  const list = useInfiniteQuery({
    queryKey: ['audit', query],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      take(
        await client.GET('/api/me/audit', {
          params: { query: { ...query, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (before) => before,
  });
  return <AuditLog text={audit.text} filter={filter} onFilter={setFilter} list={list} />;
}
