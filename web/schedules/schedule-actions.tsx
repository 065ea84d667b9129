'use client';

import { MoreHorizontal, Pause, Pencil, Play, Trash2, Zap } from 'lucide-react';
import dynamic from 'next/dynamic';
import { Link } from '@/ui/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { schedules } from '@/strings/schedules';
import { Button } from '@/ui/button';
import { Menu } from '@/ui/menu';
import { nameSchedule, useDeleteSchedule, usePause, useRunNow } from './queries';
import type { Schedule } from './queries';

const ConfirmDialog = dynamic(() => import('@/ui/confirm-dialog').then((it) => it.ConfirmDialog));

const strings = schedules.detail;

export function ScheduleActions({ schedule }: { schedule: Schedule }) {
  const { id, status } = schedule;
  const router = useRouter();
  const [isAsking, setIsAsking] = useState(false);
  const run = useRunNow(id);
  const pause = usePause(id);
  const remove = useDeleteSchedule(id);
  const isPaused = status === 'paused';
  return (
    <>
      <Button
        look="primary"
        isBusy={run.isPending}
        onClick={() =>
          run.mutate(undefined, { onSuccess: (meeting) => router.push(`/meetings/${meeting.id}`) })
        }
      >
        {!run.isPending && <Zap aria-hidden />}
        {strings.run}
      </Button>
      <Button asChild>
        <Link href={`/schedules/${id}/edit`}>
          <Pencil aria-hidden />
          {strings.edit}
        </Link>
      </Button>
      <Menu
        trigger={
          <Button size="icon" aria-label={strings.actions} isBusy={pause.isPending}>
            {!pause.isPending && <MoreHorizontal aria-hidden />}
          </Button>
        }
        groups={[
          [
            {
              label: isPaused ? strings.resume : strings.pause,
              icon: isPaused ? Play : Pause,
              isDisabled: status === 'ended',
              onSelect: () => pause.mutate(!isPaused),
            },
          ],
          [
            {
              label: strings.delete,
              icon: Trash2,
              isDangerous: true,
              onSelect: () => setIsAsking(true),
            },
          ],
        ]}
      />
      {isAsking && (
        <ConfirmDialog
          isOpen
          onOpenChange={setIsAsking}
          title={strings.deleteTitle(nameSchedule(schedule))}
          description={strings.deleteText}
          action={strings.delete}
          isBusy={remove.isPending}
          onConfirm={() =>
            remove.mutate(undefined, { onSuccess: () => router.replace('/schedules') })
          }
        />
      )}
    </>
  );
}
