'use client';

import { ScrollText } from 'lucide-react';
import type { AuditEntryView } from '../../domain/admin';
import { readFieldProblems } from '@/api/problems';
import { audit } from '@/strings/audit';
import { Card } from '@/ui/card';
import { EmptyState } from '@/ui/empty-state';
import { PagedList, type PagedQuery } from '@/ui/paged-list';
import { AuditFilters, type AuditFilter } from './audit-filters';
import { AuditTable, type AuditTableProps } from './audit-table';

interface AuditLogProps {
  text: string;
  filter: AuditFilter;
  onFilter: (filter: AuditFilter) => void;
  list: PagedQuery<{ entries: AuditEntryView[] }>;
  /** For administrators: whose data it was. */
  showUser?: AuditTableProps['showUser'];
}

/** Who did what, to be looked through. */
export function AuditLog({ text, filter, onFilter, list, showUser }: AuditLogProps) {
  const problems = readFieldProblems(list.error);
  return (
    <Card title={audit.title} text={text} className="flex flex-col gap-5">
      <AuditFilters
        filter={filter}
        onChange={onFilter}
        problems={problems}
        hasUsers={showUser !== undefined}
      />
      {problems.size === 0 && (
        <PagedList
          list={list}
          items={(page) => page.entries}
          loading={audit.loading}
          empty={<EmptyState icon={ScrollText} title={audit.noneTitle} text={audit.noneText} />}
        >
          {(entries) => <AuditTable entries={entries} showUser={showUser} />}
        </PagedList>
      )}
    </Card>
  );
}
