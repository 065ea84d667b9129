'use client';

import dynamic from 'next/dynamic';
import { useState } from 'react';
import { summariseProblem } from '@/api/problems';
import { admin } from '@/strings/admin';
import { Button } from '@/ui/button';
import { Card } from '@/ui/card';
import { toast } from '@/ui/toast';
import { nameUser, useChangeUser, useDeleteUser, type User } from './users';

const ConfirmDialog = dynamic(() => import('@/ui/confirm-dialog').then((it) => it.ConfirmDialog));
const TypedConfirmDialog = dynamic(() =>
  import('@/ui/typed-confirm-dialog').then((it) => it.TypedConfirmDialog),
);

/** Keeping somebody out, and deleting them. */
export function UserDangers({ user }: { user: User }) {
  return (
    <>
      <Disabling user={user} />
      <Deletion user={user} />
    </>
  );
}

function Disabling({ user }: { user: User }) {
  const { disable, enable } = admin.user;
  const [isAsking, setIsAsking] = useState(false);
  const change = useChangeUser(user.id);
  const set = (disabled: boolean): void =>
    change.mutate(
      { disabled },
      {
        onSuccess: () => {
          setIsAsking(false);
          toast.success(disabled ? disable.done : enable.done);
        },
        onError: (error) => toast.error(summariseProblem(error)),
      },
    );
  if (user.disabledAt !== null) {
    return (
      <Card
        title={enable.title}
        text={enable.text}
        actions={
          <Button isBusy={change.isPending} onClick={() => set(false)}>
            {enable.action}
          </Button>
        }
      />
    );
  }
  return (
    <Card
      title={disable.title}
      text={disable.text}
      actions={<Button onClick={() => setIsAsking(true)}>{disable.action}</Button>}
    >
      {isAsking && (
        <ConfirmDialog
          isOpen
          onOpenChange={setIsAsking}
          title={disable.confirm(nameUser(user))}
          description={disable.text}
          action={disable.action}
          isBusy={change.isPending}
          onConfirm={() => set(true)}
        />
      )}
    </Card>
  );
}

function Deletion({ user }: { user: User }) {
  const strings = admin.user.remove;
  const [isAsking, setIsAsking] = useState(false);
  const remove = useDeleteUser(user.id);
  return (
    <>
      <Card
        title={strings.title}
        text={strings.text}
        actions={
          <Button look="danger" onClick={() => setIsAsking(true)}>
            {strings.action}
          </Button>
        }
      />
      {isAsking && (
        <TypedConfirmDialog
          isOpen
          onOpenChange={setIsAsking}
          title={strings.confirm(nameUser(user))}
          description={strings.text}
          phrase={user.email ?? user.clerkId}
          action={strings.action}
          isBusy={remove.isPending}
          onConfirm={() =>
            remove.mutate(undefined, {
              onSuccess: () => {
                setIsAsking(false);
                toast.success(strings.done);
              },
              onError: (error) => toast.error(summariseProblem(error)),
            })
          }
        />
      )}
    </>
  );
}
