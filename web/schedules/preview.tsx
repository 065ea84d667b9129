'use client';

import { useDeferredValue, useId } from 'react';
import { useFormContext } from 'react-hook-form';
import { readFieldProblems, summariseProblem } from '@/api/problems';
import { schedules } from '@/strings/schedules';
import { formatDay, formatTime } from '@/time/format';
import { OwnZone } from '@/time/own-zone';
import { FormProblem } from '@/ui/form-problem';
import { Skeleton } from '@/ui/skeleton';
import { usePreview } from './queries';
import { toRule, type ScheduleFormValues } from './schedule-form-values';

const strings = schedules.form;

/** The next ten times of what is chosen, while it is being chosen. */
export function Preview() {
  const titleId = useId();
  const { watch } = useFormContext<ScheduleFormValues>();
  const rule = useDeferredValue(toRule(watch()));
  const preview = usePreview(rule);
  const problem = [...readFieldProblems(preview.error).values()][0];
  return (
    <section
      aria-live="polite"
      aria-labelledby={titleId}
      className="rounded-xl border bg-panel p-5"
    >
      <h2 id={titleId} className="text-[15px] font-semibold">
        {strings.preview}
      </h2>
      <p className="mt-0.5 mb-3 text-[13px] text-soft">
        <OwnZone />
      </p>
      {rule === null && <p className="text-[13px] text-soft">{strings.previewNone}</p>}
      {rule !== null && preview.isPending && <Waiting />}
      {preview.isError && <FormProblem message={problem ?? summariseProblem(preview.error)} />}
      {rule !== null && preview.isSuccess && <Times times={preview.data} />}
    </section>
  );
}

function Times({ times }: { times: readonly string[] }) {
  return (
    <ol className="flex flex-col gap-1.5">
      {times.map((at) => (
        <li key={at} className="flex justify-between gap-4 text-[13px] tabular-nums">
          <time dateTime={at}>{formatDay(at)}</time>
          <span>{formatTime(at)}</span>
        </li>
      ))}
    </ol>
  );
}

function Waiting() {
  return (
    <div role="status" className="flex flex-col gap-2.5">
      <span className="sr-only">{strings.previewLoading}</span>
      {Array.from({ length: 5 }, (_, index) => (
        <Skeleton key={index} />
      ))}
    </div>
  );
}
