'use client';

import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { useMe } from '@/api/me';
import { schedules } from '@/strings/schedules';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';
import { toast } from '@/ui/toast';
import { FormBody } from './form-body';
import { useCreateSchedule } from './queries';
import { makeNewValues } from './schedule-form-values';

const ScheduleForm = dynamic(() => import('./schedule-form').then((it) => it.ScheduleForm), {
  loading: () => <SkeletonList label={schedules.form.loading} />,
  ssr: false,
});

const strings = schedules.form;

export function NewSchedulePage() {
  const me = useMe();
  const router = useRouter();
  const create = useCreateSchedule();
  return (
    <FormBody title={strings.newTitle}>
      {me.isPending && <SkeletonList label={strings.loading} />}
      {me.isError && <Problem error={me.error} onRetry={() => void me.refetch()} />}
      {me.data && (
        <ScheduleForm
          values={makeNewValues(me.data.botDefaults)}
          hasLink={false}
          action={strings.submit}
          onSubmit={async (wishes) => {
            const { id } = await create.mutateAsync(wishes);
            toast.success(strings.made);
            router.push(`/schedules/${id}`);
          }}
        />
      )}
    </FormBody>
  );
}
