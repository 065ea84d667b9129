'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Schemas } from 'meetings-client';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { take, useApi } from '@/api/client';
import { summariseProblem } from '@/api/problems';
import { keys } from '@/strings/keys';
import { formatDistance, formatDay } from '@/time/format';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { toast } from '@/ui/toast';

const ConfirmDialog = dynamic(() => import('@/ui/confirm-dialog').then((it) => it.ConfirmDialog));

type ApiKey = Schemas['ApiKey'];

/** A key as one knows it again: by its name and its last characters. */
export function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const { id, name, lastFour, scopes, expiresAt, lastUsedAt } = apiKey;
  const [isAsking, setIsAsking] = useState(false);
  const revoke = useRevoke(id);
  const isExpired = expiresAt !== null && Date.parse(expiresAt) <= Date.now();
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-5 py-3.5">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium break-words">{name}</span>
          <code className="text-[13px] text-soft">mtg_…{lastFour}</code>
          {isExpired && <Badge tone="bad">{keys.expired}</Badge>}
        </p>
        <ul aria-label={keys.head.scopes} className="mt-1.5 flex flex-wrap gap-1.5">
          {scopes.map((scope) => (
            <li key={scope}>
              <Badge>{keys.scopes[scope].name}</Badge>
            </li>
          ))}
        </ul>
      </div>
      <dl className="grid w-60 grid-cols-2 gap-x-4 text-[13px]">
        <dt className="text-soft">{keys.head.used}</dt>
        <dt className="text-soft">{keys.head.expires}</dt>
        <dd>{lastUsedAt ? formatDistance(lastUsedAt) : keys.never}</dd>
        <dd>{expiresAt ? formatDay(expiresAt, { isShort: true }) : keys.never}</dd>
      </dl>
      <Button size="small" aria-label={keys.revokeNamed(name)} onClick={() => setIsAsking(true)}>
        {keys.revoke}
      </Button>
      {isAsking && (
        <ConfirmDialog
          isOpen
          onOpenChange={setIsAsking}
          title={keys.revokeTitle(name)}
          description={keys.revokeText}
          action={keys.revoke}
          isBusy={revoke.isPending}
          onConfirm={() => revoke.mutate(undefined, { onSuccess: () => setIsAsking(false) })}
        />
      )}
    </li>
  );
}

function useRevoke(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () =>
      take(await client.DELETE('/api/api-keys/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      queries.setQueryData<ApiKey[]>(['api-keys'], (list) => list?.filter((key) => key.id !== id));
      toast.success(keys.revoked);
    },
    onError: (error) => toast.error(summariseProblem(error)),
  });
}
