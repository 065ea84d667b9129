'use client';

import { ScrollText } from 'lucide-react';
import type { AuditEntryView } from '../../domain/admin';
import { readFieldProblems } from '@/api/problems';
import { audit } from '@/strings/audit';
import { Card } from '@/ui/card';
import { EmptyState } from '@/ui/empty-state';
import { LoadMore } from '@/ui/load-more';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';
import { AuditFilters, type AuditFilter } from './audit-filters';
import { AuditTable } from './audit-table';

interface AuditLogProps {
  text: string;
  filter: AuditFilter;
  onFilter: (filter: AuditFilter) => void;
  /** Pages of entries, as a query has them. */
  list: {
    data: { pages: { entries: AuditEntryView[] }[] } | undefined;
    error: unknown;
    isPending: boolean;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage: () => Promise<unknown>;
    refetch: () => Promise<unknown>;
  };
  /** For administrators: the path of a user's page. */
  userHref?: (userId: number) => string;
}

/** Who did what, to be looked through. */
export function AuditLog({ text, filter, onFilter, list, userHref }: AuditLogProps) {
  const problems = readFieldProblems(list.error);
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Card title={audit.title} text={text} className="flex flex-col gap-5">
      <AuditFilters
        filter={filter}
        onChange={onFilter}
        problems={problems}
        hasUsers={userHref !== undefined}
      />
      {list.isPending && <SkeletonList label={audit.loading} />}
      {list.error !== null && problems.size === 0 && (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      )}
      {list.data && entries.length === 0 && (
        <EmptyState icon={ScrollText} title={audit.noneTitle} text={audit.noneText} />
      )}
      {entries.length > 0 && (
        <div>
          <AuditTable entries={entries} userHref={userHref} />
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
