'use client';

import { KeyRound, MoreHorizontal, Pencil, Power, RotateCcw, Send, Trash2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { summariseProblem } from '@/api/problems';
import { webhooks } from '@/strings/webhooks';
import { Button } from '@/ui/button';
import { Menu } from '@/ui/menu';
import { toast } from '@/ui/toast';
import { useDeleteEndpoint, useRotateSecret, useSendTest, useUpdateEndpoint } from './endpoints';
import type { Endpoint } from './endpoints';

const ConfirmDialog = dynamic(() => import('@/ui/confirm-dialog').then((it) => it.ConfirmDialog));
const EndpointDialog = dynamic(() => import('./endpoint-dialog').then((it) => it.EndpointDialog));
const ReplayDialog = dynamic(() => import('./replay-dialog').then((it) => it.ReplayDialog));
const SecretDialog = dynamic(() => import('./secret-dialog').then((it) => it.SecretDialog));

const strings = webhooks.detail;

type Open = 'edit' | 'rotate' | 'replay' | 'delete' | null;

/** What can be done with an endpoint. */
export function EndpointActions({ endpoint }: { endpoint: Endpoint }) {
  const { id, enabled } = endpoint;
  const [open, setOpen] = useState<Open>(null);
  const test = useSendTest(id);
  const update = useUpdateEndpoint(id);
  const switchOn = (isOn: boolean): void =>
    update.mutate(
      { enabled: isOn },
      {
        onSuccess: () => toast.success(isOn ? strings.enabled : strings.disabled),
        onError: (error) => toast.error(summariseProblem(error)),
      },
    );
  const power = {
    label: enabled ? strings.disable : strings.enable,
    icon: Power,
    onSelect: () => switchOn(!enabled),
  };
  return (
    <>
      <Button isBusy={test.isPending} onClick={() => test.mutate()}>
        {!test.isPending && <Send aria-hidden />}
        {strings.test}
      </Button>
      <Menu
        trigger={
          <Button size="icon" aria-label={strings.actions}>
            <MoreHorizontal aria-hidden />
          </Button>
        }
        groups={[
          [
            { label: strings.edit, icon: Pencil, onSelect: () => setOpen('edit') },
            { label: strings.rotate, icon: KeyRound, onSelect: () => setOpen('rotate') },
            {
              label: strings.replay,
              icon: RotateCcw,
              isDisabled: !enabled,
              onSelect: () => setOpen('replay'),
            },
            power,
          ],
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
      <ActionDialog endpoint={endpoint} open={open} onClose={() => setOpen(null)} />
    </>
  );
}

interface ActionDialogProps {
  endpoint: Endpoint;
  open: Open;
  onClose: () => void;
}

function ActionDialog({ endpoint, open, onClose }: ActionDialogProps) {
  switch (open) {
    case 'edit':
      return <EndpointDialog endpoint={endpoint} onClose={onClose} />;
    case 'replay':
      return <ReplayDialog endpoint={endpoint} onClose={onClose} />;
    case 'rotate':
      return <RotateDialog id={endpoint.id} onClose={onClose} />;
    case 'delete':
      return <DeleteDialog id={endpoint.id} onClose={onClose} />;
    case null:
      return null;
  }
}

interface DialogProps {
  id: number;
  onClose: () => void;
}

function RotateDialog({ id, onClose }: DialogProps) {
  const rotate = useRotateSecret(id);
  if (rotate.data) return <SecretDialog {...rotate.data} onClose={onClose} />;
  return (
    <ConfirmDialog
      isOpen
      onOpenChange={onClose}
      title={strings.rotateTitle}
      description={strings.rotateText}
      action={strings.rotate}
      isBusy={rotate.isPending}
      onConfirm={() => rotate.mutate()}
    />
  );
}

function DeleteDialog({ id, onClose }: DialogProps) {
  const router = useRouter();
  const remove = useDeleteEndpoint(id);
  return (
    <ConfirmDialog
      isOpen
      onOpenChange={onClose}
      title={strings.deleteTitle}
      description={strings.deleteText}
      action={strings.delete}
      isBusy={remove.isPending}
      onConfirm={() =>
        remove.mutate(undefined, { onSuccess: () => router.replace('/settings/webhooks') })
      }
    />
  );
}
