'use client';

import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { schedules } from '@/strings/schedules';
import { ui } from '@/strings/ui';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';
import { toast } from '@/ui/toast';
import { FormBody } from './form-body';
import { useSchedule, useUpdateSchedule } from './queries';
import { toValues } from './schedule-form-values';

const ScheduleForm = dynamic(() => import('./schedule-form').then((it) => it.ScheduleForm), {
  loading: () => <SkeletonList label={schedules.form.loading} />,
  ssr: false,
});

const strings = schedules.form;

export function EditSchedulePage({ id }: { id: number }) {
  const schedule = useSchedule(id);
  const router = useRouter();
  const update = useUpdateSchedule(id);
  return (
    <FormBody title={strings.editTitle}>
      {schedule.isPending && <SkeletonList label={strings.loading} />}
      {schedule.isError && (
        <Problem error={schedule.error} onRetry={() => void schedule.refetch()} />
      )}
      {schedule.data && (
        <ScheduleForm
          values={toValues(schedule.data)}
          hasLink
          action={ui.save}
          onSubmit={async ({ meetingUrl, ...wishes }) => {
            await update.mutateAsync({ ...wishes, ...(meetingUrl ? { meetingUrl } : {}) });
            toast.success(strings.saved);
            router.push(`/schedules/${id}`);
          }}
        />
      )}
    </FormBody>
  );
}
