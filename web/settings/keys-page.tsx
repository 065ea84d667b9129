'use client';

import { useQuery } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { take, useApi } from '@/api/client';
import { keys } from '@/strings/keys';
import { Button } from '@/ui/button';
import { Card } from '@/ui/card';
import { EmptyState } from '@/ui/empty-state';
import { asOnePage, PagedList } from '@/ui/paged-list';
import { KeyRow } from './key-row';

const KeyDialog = dynamic(() => import('./key-dialog').then((it) => it.KeyDialog));

export function KeysPage() {
  const [isMaking, setIsMaking] = useState(false);
  const create = (
    <Button look="primary" onClick={() => setIsMaking(true)}>
      <Plus aria-hidden />
      {keys.create}
    </Button>
  );
  return (
    <Card title={keys.title} text={keys.text} actions={create} className="p-0">
      <KeyList />
      {isMaking && <KeyDialog onClose={() => setIsMaking(false)} />}
    </Card>
  );
}

function KeyList() {
  const { client, url } = useApi();
  const list = useQuery({
    queryKey: ['api-keys'],
    queryFn: async () => take(await client.GET('/api/api-keys')).apiKeys,
  });
  return (
    <PagedList
      list={asOnePage(list)}
      items={(apiKeys) => apiKeys}
      loading={keys.loading}
      rows={3}
      isPadded={false}
      empty={
        <EmptyState
          icon={KeyRound}
          title={keys.emptyTitle}
          text={keys.emptyText}
          action={
            <Button asChild>
              <a href={url('/docs')}>{keys.docs}</a>
            </Button>
          }
        />
      }
    >
      {(apiKeys) => (
        <ul aria-label={keys.label} className="divide-y">
          {apiKeys.map((each) => (
            <KeyRow key={each.id} apiKey={each} />
          ))}
        </ul>
      )}
    </PagedList>
  );
}
