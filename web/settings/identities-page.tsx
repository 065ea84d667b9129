'use client';

import { ShieldUser } from 'lucide-react';
import { useIdentities } from '@/bots/identities';
import { settings } from '@/strings/settings';
import { Card } from '@/ui/card';
import { CopyField } from '@/ui/copy-field';
import { EmptyState } from '@/ui/empty-state';
import { asOnePage, PagedList } from '@/ui/paged-list';
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
  const list = useIdentities();
  return (
    <PagedList
      list={asOnePage(list)}
      items={(identities) => identities}
      loading={strings.loading}
      rows={2}
      isPadded={false}
      empty={
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
      }
    >
      {(identities) => (
        <ul aria-label={strings.label} className="divide-y">
          {identities.map((identity) => (
            <IdentityRow key={identity.id} identity={identity} />
          ))}
        </ul>
      )}
    </PagedList>
  );
}
