'use client';

import { useQuery } from '@tanstack/react-query';
import { ShieldUser } from 'lucide-react';
import { take, useApi } from '@/api/client';
import { settings } from '@/strings/settings';
import { Card } from '@/ui/card';
import { CopyField } from '@/ui/copy-field';
import { EmptyState } from '@/ui/empty-state';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';
import { IdentityRow } from './identity-row';

const strings = settings.identities;

export function IdentitiesPage() {
  return (
    <Card title={strings.title} text={strings.text} className="p-0">
      <IdentityList />
    </Card>
  );
}

function IdentityList() {
  const { client } = useApi();
  const list = useQuery({
    queryKey: ['identities'],
    queryFn: async () => take(await client.GET('/api/identities')).identities,
  });
  if (list.isPending) return <SkeletonList label={strings.loading} rows={2} />;
  if (list.isError) {
    return (
      <div className="p-5">
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      </div>
    );
  }
  if (list.data.length === 0) {
    return (
      <EmptyState
        icon={ShieldUser}
        title={strings.emptyTitle}
        text={strings.emptyText}
        action={
          <div className="w-72 max-w-full">
            <CopyField label={strings.commandLabel} text={strings.command} />
          </div>
        }
      />
    );
  }
  return (
    <ul aria-label={strings.label} className="divide-y">
      {list.data.map((identity) => (
        <IdentityRow key={identity.id} identity={identity} />
      ))}
    </ul>
  );
}
