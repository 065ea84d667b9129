'use client';

import { useRouter } from 'next/navigation';
import { Controller, FormProvider, useForm, useFormContext } from 'react-hook-form';
import { showProblems } from '@/api/form-problems';
import { BotFields, LeavePolicyFields } from '@/bots/bot-fields';
import { IdentityField } from '@/bots/identity-field';
import { schedules } from '@/strings/schedules';
import { ui } from '@/strings/ui';
import { Button } from '@/ui/button';
import { Card } from '@/ui/card';
import { Field } from '@/ui/field';
import { FormProblem } from '@/ui/form-problem';
import { Input } from '@/ui/input';
import { Preview } from './preview';
import type { ScheduleWishes } from './queries';
import { SCHEDULE_FIELDS, toRule, toWishes } from './schedule-form-values';
import type { ScheduleFormValues } from './schedule-form-values';
import { WhenFields } from './when-fields';

const strings = schedules.form;

interface ScheduleFormProps {
  values: ScheduleFormValues;
  /** One that is changed keeps its link where none is given. */
  hasLink: boolean;
  action: string;
  onSubmit: (wishes: ScheduleWishes) => Promise<void>;
}

/** Everything about a schedule, with the times that come of it. */
export function ScheduleForm({ values, hasLink, action, onSubmit }: ScheduleFormProps) {
  const router = useRouter();
  const form = useForm<ScheduleFormValues>({ defaultValues: values });
  const { handleSubmit, setError, formState } = form;
  const save = handleSubmit(async (filled) => {
    const rule = toRule(filled);
    if (rule === null) return;
    await onSubmit(toWishes(filled, rule)).catch((error: unknown) =>
      showProblems({ error, setError, fields: SCHEDULE_FIELDS }),
    );
  });
  return (
    <FormProvider {...form}>
      <form noValidate onSubmit={(event) => void save(event)}>
        <div className="grid items-start gap-6 lg:grid-cols-[1fr_18rem]">
          <div className="flex min-w-0 flex-col gap-6">
            <WhatCard hasLink={hasLink} />
            <Card title={strings.when}>
              <WhenFields />
            </Card>
            <Card title={strings.bot} text={strings.botHint} className="flex flex-col gap-6">
              <BotFields />
              <SignIn />
              <LeavePolicyFields />
            </Card>
          </div>
          <div className="lg:sticky lg:top-8">
            <Preview />
          </div>
        </div>
        <div className="mt-6 flex flex-col gap-4">
          <FormProblem message={formState.errors.root?.message} />
          <div className="flex gap-2">
            <Button type="submit" look="primary" isBusy={formState.isSubmitting}>
              {action}
            </Button>
            <Button look="quiet" onClick={() => router.back()}>
              {ui.cancel}
            </Button>
          </div>
        </div>
      </form>
    </FormProvider>
  );
}

function SignIn() {
  const { control } = useFormContext<ScheduleFormValues>();
  return (
    <Controller
      control={control}
      name="botIdentityId"
      render={({ field: { value, onChange }, fieldState }) => (
        <IdentityField value={value} onChange={onChange} error={fieldState.error?.message} />
      )}
    />
  );
}

function WhatCard({ hasLink }: { hasLink: boolean }) {
  const { register, formState } = useFormContext<ScheduleFormValues>();
  const { errors } = formState;
  return (
    <Card title={strings.what} className="flex flex-col gap-5">
      <Field
        label={strings.meetingUrl}
        hint={hasLink ? strings.meetingUrlKept : strings.meetingUrlHint}
        error={errors.meetingUrl?.message}
      >
        {(field) => (
          <Input
            {...field}
            {...register('meetingUrl', {
              validate: (text) => hasLink || text.trim() !== '' || strings.meetingUrlMissing,
            })}
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
            placeholder={strings.meetingUrlPlaceholder}
          />
        )}
      </Field>
      <Field label={strings.name} hint={strings.nameHint} error={errors.title?.message}>
        {(field) => (
          <Input
            {...field}
            {...register('title')}
            autoComplete="off"
            maxLength={500}
            placeholder={strings.namePlaceholder}
          />
        )}
      </Field>
    </Card>
  );
}
