'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { take, useApi } from '@/api/client';
import { readFieldProblems } from '@/api/problems';
import { AuditFilters, NO_FILTER, toAuditQuery } from '@/audit/audit-filters';
import { AuditTable } from '@/audit/audit-table';
import { audit } from '@/strings/audit';
import { Card } from '@/ui/card';
import { EmptyState } from '@/ui/empty-state';
import { LoadMore } from '@/ui/load-more';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';

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
  const problems = readFieldProblems(list.error);
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Card title={audit.title} text={audit.text} className="flex flex-col gap-5">
      <AuditFilters filter={filter} onChange={setFilter} problems={problems} />
      {list.isPending && <SkeletonList label={audit.loading} />}
      {list.isError && problems.size === 0 && (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      )}
      {list.isSuccess && entries.length === 0 && (
        <EmptyState icon={ScrollText} title={audit.noneTitle} text={audit.noneText} />
      )}
      {entries.length > 0 && (
        <div>
          <AuditTable entries={entries} />
          <LoadMore
            hasMore={list.hasNextPage}
            isBusy={list.isFetchingNextPage}
            onMore={() => void list.fetchNextPage()}
          />
        </div>
      )}
    </Card>
  );
}
