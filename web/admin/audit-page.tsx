'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useDeferredValue, useState } from 'react';
import { take, useApi } from '@/api/client';
import { NO_FILTER, toAuditQuery } from '@/audit/audit-filters';
import { AuditLog } from '@/audit/audit-log';
import { audit } from '@/strings/audit';
import { UserLink } from './user-link';
import { toUserId } from './user-number';

/** What everybody did. */
export function AdminAuditPage() {
  const { client } = useApi();
  const user = useSearchParams().get('user') ?? '';
  const [filter, setFilter] = useState({ ...NO_FILTER, userId: user });
  const asked = useDeferredValue(filter);
  const query = { ...toAuditQuery(asked), ...toUserId(asked.userId) };
  const list = useInfiniteQuery({
    queryKey: ['admin', 'audit', query],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      take(
        await client.GET('/api/admin/audit', {
          params: { query: { ...query, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (before) => before,
  });
  return (
    <AuditLog
      text={audit.adminText}
      filter={filter}
      onFilter={setFilter}
      list={list}
      showUser={(id, named) => <UserLink id={id} user={named} />}
    />
  );
}
