'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@/ui/link';
import { useRouter } from 'next/navigation';
import { useMemo, useRef, type RefObject } from 'react';
import { Controller, useForm, type UseFormReturn } from 'react-hook-form';
import { take, useApi } from '@/api/client';
import { showProblems } from '@/api/form-problems';
import { readFieldProblems } from '@/api/problems';
import { LEAVE_FIELDS } from '@/bots/bot-form';
import { IdentityField } from '@/bots/identity-field';
import { listLanguages } from '@/bots/languages';
import { bots } from '@/strings/bots';
import { meetings } from '@/strings/meetings';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { FormProblem } from '@/ui/form-problem';
import { Input } from '@/ui/input';
import { NativeSelect } from '@/ui/native-select';
import { toast } from '@/ui/toast';
import { meetingKeys } from '../keys';
import { useRecognition } from '../use-recognition';
import { useStartMade } from '../use-start-made';
import {
  areMinutes,
  FIELDS,
  FIRST_VALUES,
  MOST_MINUTES,
  toBody,
  USUAL_LANGUAGE,
  type NewMeetingValues,
} from './form-values';

const words = meetings.new;

const RECORDING = (['usual', 'yes', 'no'] as const).map((value) => ({
  value,
  label: words.recording[value],
}));

/** Everything about a meeting that can be chosen beforehand. */
export function NewMeetingForm() {
  const form = useForm<NewMeetingValues>({ defaultValues: FIRST_VALUES, mode: 'onTouched' });
  const { register, control, formState, handleSubmit, watch } = form;
  const { errors } = formState;
  const leave = useRef<HTMLDetailsElement>(null);
  // what is wrong in there could neither be seen nor be given the focus
  const openLeave = (): void => leave.current?.setAttribute('open', '');
  const make = useMakeMeeting((error) => {
    if ([...readFieldProblems(error).keys()].some(isOfLeave)) openLeave();
    showProblems({ error, setError: form.setError, fields: FIELDS });
  });
  const recognised = useRecognition(watch('meetingUrl').trim());
  const isPlanned = watch('scheduledStart') !== '';
  const languages = useMemo(
    () => [{ value: USUAL_LANGUAGE, label: words.usualLanguage }, ...listLanguages()],
    [],
  );
  return (
    <form
      noValidate
      className="flex max-w-xl flex-col gap-5"
      onSubmit={(event) =>
        void handleSubmit(
          (values) => make.mutate(values),
          ({ leavePolicy }) => leavePolicy && openLeave(),
        )(event)
      }
    >
      <Field label={words.link} error={errors.meetingUrl?.message} hint={recognised ?? undefined}>
        {(props) => (
          <Input
            {...props}
            inputMode="url"
            autoComplete="off"
            autoFocus
            placeholder={meetings.start.placeholder}
            {...register('meetingUrl', {
              validate: (text) => text.trim() !== '' || meetings.start.missing,
            })}
          />
        )}
      </Field>
      <Field label={words.name} hint={words.nameHint} error={errors.title?.message}>
        {(props) => <Input {...props} maxLength={500} {...register('title')} />}
      </Field>
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label={words.start} hint={words.startHint} error={errors.scheduledStart?.message}>
          {(props) => (
            <Input
              {...props}
              type="datetime-local"
              {...register('scheduledStart', {
                validate: (text) => text === '' || Date.parse(text) > Date.now() || words.startPast,
              })}
            />
          )}
        </Field>
        <Controller
          control={control}
          name="language"
          render={({ field: { value, onChange } }) => (
            <Field label={words.language} error={errors.language?.message}>
              {(props) => (
                <NativeSelect {...props} value={value} onChange={onChange} options={languages} />
              )}
            </Field>
          )}
        />
      </div>
      <Field label={words.botName} hint={words.botNameHint} error={errors.botName?.message}>
        {(props) => <Input {...props} maxLength={60} {...register('botName')} />}
      </Field>
      <Controller
        control={control}
        name="recording"
        render={({ field: { value, onChange } }) => (
          <Field label={words.record} hint={words.recordHint}>
            {(props) => (
              <NativeSelect {...props} value={value} onChange={onChange} options={RECORDING} />
            )}
          </Field>
        )}
      />
      <Controller
        control={control}
        name="botIdentityId"
        render={({ field: { value, onChange } }) => (
          <IdentityField value={value} onChange={onChange} error={errors.botIdentityId?.message} />
        )}
      />
      <LeaveTimes form={form} box={leave} />
      <FormProblem message={errors.root?.message} />
      <div className="flex gap-2">
        <Button type="submit" look="primary" isBusy={make.isPending}>
          {isPlanned ? words.plan : words.startNow}
        </Button>
        <Button asChild look="quiet">
          <Link href="/meetings">{words.cancel}</Link>
        </Button>
      </div>
    </form>
  );
}

interface LeaveTimesProps {
  form: UseFormReturn<NewMeetingValues>;
  box: RefObject<HTMLDetailsElement | null>;
}

/** How long the bot waits for what, in a box that is closed at first. */
function LeaveTimes({ form, box }: LeaveTimesProps) {
  return (
    <details ref={box} className="rounded-lg border px-4 py-3">
      <summary className="cursor-pointer font-medium">{words.leave}</summary>
      <p className="mt-1 mb-4 text-[13px] text-soft">{words.leaveText}</p>
      <div className="grid gap-4 sm:grid-cols-2">
        {LEAVE_FIELDS.map((name) => (
          <Field
            key={name}
            label={bots.leaveFields[name]}
            error={form.formState.errors.leavePolicy?.[name]?.message}
          >
            {(props) => (
              <Input
                {...props}
                inputMode="decimal"
                {...form.register(`leavePolicy.${name}`, {
                  validate: (text) =>
                    areMinutes(text, MOST_MINUTES[name]) || words.minutesWrong(MOST_MINUTES[name]),
                })}
              />
            )}
          </Field>
        ))}
      </div>
    </details>
  );
}

const isOfLeave = (field: string): boolean => field.startsWith('leavePolicy.');

function useMakeMeeting(onError: (error: unknown) => void) {
  const { client } = useApi();
  const router = useRouter();
  const queries = useQueryClient();
  const startMade = useStartMade();
  return useMutation({
    mutationFn: async (values: NewMeetingValues) => {
      const meeting = take(await client.POST('/api/meetings', { body: toBody(values) }));
      if (values.scheduledStart === '') return startMade(meeting);
      toast.success(words.planned);
      await queries.invalidateQueries({ queryKey: meetingKeys.lists });
      router.push(`/meetings/${meeting.id}`);
    },
    onError,
  });
}
