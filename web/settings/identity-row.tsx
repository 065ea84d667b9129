'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { MoreHorizontal, Pencil, Trash2, Users } from 'lucide-react';
import type { Schemas } from 'meetings-client';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { take, useApi } from '@/api/client';
import { summariseProblem } from '@/api/problems';
import { meetings } from '@/strings/meetings';
import { settings } from '@/strings/settings';
import { formatDistance } from '@/time/format';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Menu } from '@/ui/menu';
import { toast } from '@/ui/toast';

const ConfirmDialog = dynamic(() => import('@/ui/confirm-dialog').then((it) => it.ConfirmDialog));
const RenameDialog = dynamic(() => import('./rename-dialog').then((it) => it.RenameDialog));

const strings = settings.identities;

export function IdentityRow({ identity }: { identity: Schemas['Identity'] }) {
  const { id, name, platform, allowsParallel, refusedAt, lastUsedAt } = identity;
  const [open, setOpen] = useState<'rename' | 'delete' | null>(null);
  const change = useChangeIdentity(id);
  const remove = useDeleteIdentity(id);
  const close = (): void => setOpen(null);
  const toggle = {
    label: allowsParallel ? strings.forbidParallel : strings.allowParallel,
    icon: Users,
    onSelect: () => change.mutate({ allowsParallel: !allowsParallel }),
  };
  return (
    <li className="flex items-center gap-3 px-5 py-3">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="truncate font-medium">{name}</span>
          {refusedAt && <Badge tone="warn">{strings.refused}</Badge>}
          {allowsParallel && <Badge>{strings.parallel}</Badge>}
        </p>
        <p className="text-[13px] text-soft">
          {meetings.platform[platform]} ·{' '}
          {lastUsedAt ? strings.used(formatDistance(lastUsedAt)) : strings.unused}
        </p>
        {refusedAt && <p className="text-[13px] text-soft">{strings.refusedHint}</p>}
      </div>
      <Menu
        trigger={
          <Button look="quiet" size="icon" aria-label={strings.actions(name)}>
            <MoreHorizontal aria-hidden />
          </Button>
        }
        groups={[
          [{ label: strings.rename, icon: Pencil, onSelect: () => setOpen('rename') }, toggle],
          [
            {
              label: strings.delete,
              icon: Trash2,
              isDangerous: true,
              onSelect: () => setOpen('delete'),
            },
          ],
        ]}
      />
      {open === 'rename' && <RenameDialog identity={identity} onClose={close} />}
      {open === 'delete' && (
        <ConfirmDialog
          isOpen
          onOpenChange={close}
          title={strings.deleteTitle(name)}
          description={strings.deleteText}
          action={strings.delete}
          isBusy={remove.isPending}
          onConfirm={() => remove.mutate()}
        />
      )}
    </li>
  );
}

function useChangeIdentity(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: { allowsParallel: boolean }) =>
      take(await client.PATCH('/api/identities/{id}', { params: { path: { id } }, body })),
    onError: (error) => toast.error(summariseProblem(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: ['identities'] }),
  });
}

function useDeleteIdentity(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () =>
      take(await client.DELETE('/api/identities/{id}', { params: { path: { id } } })),
    onSuccess: () => toast.success(strings.deleted),
    onError: (error) => toast.error(summariseProblem(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: ['identities'] }),
  });
}
