'use client';

import { useRouter } from 'next/navigation';
import { meeting as strings } from '@/strings/meeting';
import { ConfirmDialog } from '@/ui/confirm-dialog';
import { useDeleteMeeting } from '../panel-queries';

/** Asks before everything of a meeting is deleted. */
export function DeleteMeeting({ meetingId, onClose }: { meetingId: number; onClose: () => void }) {
  const router = useRouter();
  const remove = useDeleteMeeting(meetingId);
  return (
    <ConfirmDialog
      isOpen
      onOpenChange={onClose}
      title={strings.remove.title}
      description={strings.remove.text}
      action={strings.remove.action}
      isBusy={remove.isPending}
      onConfirm={() => remove.mutate(undefined, { onSuccess: () => router.push('/meetings') })}
    />
  );
}
