'use client';

import { useMutation } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { take, useApi } from '@/api/client';
import { summariseProblem } from '@/api/problems';
import { useSession } from '@/api/session';
import { settings } from '@/strings/settings';
import { Button } from '@/ui/button';
import { Card } from '@/ui/card';
import { toast } from '@/ui/toast';

const TypedConfirmDialog = dynamic(() =>
  import('@/ui/typed-confirm-dialog').then((it) => it.TypedConfirmDialog),
);
const strings = settings.account;

export function AccountPage() {
  const { client } = useApi();
  const { signOut } = useSession();
  const [isAsking, setIsAsking] = useState(false);
  const remove = useMutation({
    mutationFn: async () => take(await client.DELETE('/api/me')),
    onSuccess: () => setIsAsking(false),
    onError: (error) => toast.error(summariseProblem(error)),
  });
  if (remove.isSuccess) {
    return (
      <div role="status">
        <Card
          title={strings.goneTitle}
          text={strings.goneText}
          actions={<Button onClick={() => void signOut()}>{strings.leave}</Button>}
        />
      </div>
    );
  }
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
          isOpen={isAsking}
          onOpenChange={setIsAsking}
          title={strings.confirmTitle}
          description={strings.text}
          phrase={strings.phrase}
          action={strings.action}
          isBusy={remove.isPending}
          onConfirm={() => remove.mutate()}
        />
      )}
    </>
  );
}
