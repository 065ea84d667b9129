'use client';

import { useMemo } from 'react';
import { Controller, useFormContext } from 'react-hook-form';
import { bots } from '@/strings/bots';
import { Field } from '@/ui/field';
import { Input, TextArea } from '@/ui/input';
import { NativeSelect } from '@/ui/native-select';
import { SwitchField } from '@/ui/switch-field';
import { LEAVE_FIELDS, LEAVE_TIMES, readMinutes } from './bot-form';
import type { BotFormValues, EntryMode, LeaveField } from './bot-form';
import { listLanguages } from './languages';

/** Name, language, recording and greeting of a bot, within a form that holds `BotFormValues`. */
export function BotFields() {
  const { register, control, formState } = useFormContext<BotFormValues>();
  const languages = useMemo(listLanguages, []);
  const { errors } = formState;
  return (
    <div className="flex flex-col gap-5">
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label={bots.botName} hint={bots.botNameHint} error={errors.botName?.message}>
          {(field) => (
            <Input
              {...field}
              {...register('botName')}
              autoComplete="off"
              maxLength={60}
              placeholder={bots.usualName}
            />
          )}
        </Field>
        <Field label={bots.language} hint={bots.languageHint} error={errors.language?.message}>
          {(field) => (
            <Controller
              control={control}
              name="language"
              render={({ field: { value, onChange } }) => (
                <NativeSelect {...field} value={value} onChange={onChange} options={languages} />
              )}
            />
          )}
        </Field>
      </div>
      <Controller
        control={control}
        name="recording"
        render={({ field: { value, onChange } }) => (
          <SwitchField
            label={bots.recording}
            hint={bots.recordingHint}
            isOn={value}
            onChange={onChange}
          />
        )}
      />
      <EntryMessage />
    </div>
  );
}

const ENTRY_MODES = (['usual', 'own', 'none'] as const).map((value: EntryMode) => ({
  value,
  label: bots.entryModes[value],
}));

function EntryMessage() {
  const { register, control, watch, formState } = useFormContext<BotFormValues>();
  const error = formState.errors.entryMessage?.message;
  const isOwn = watch('entryMode') === 'own';
  return (
    <div className="flex flex-col gap-3">
      <Field label={bots.entry} hint={bots.entryHint} className="sm:max-w-72">
        {(field) => (
          <Controller
            control={control}
            name="entryMode"
            render={({ field: { value, onChange } }) => (
              <NativeSelect {...field} value={value} onChange={onChange} options={ENTRY_MODES} />
            )}
          />
        )}
      </Field>
      {isOwn && (
        <Field label={bots.entryText} hint={bots.entryTextHint} error={error}>
          {(field) => (
            <TextArea
              {...field}
              {...register('entryMessage', {
                validate: (text) => text.trim() !== '' || bots.entryMissing,
              })}
              maxLength={500}
              rows={3}
            />
          )}
        </Field>
      )}
    </div>
  );
}

/** When a bot leaves by itself, within the same form. */
export function LeavePolicyFields() {
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-0.5 text-[13px] font-medium">{bots.leave}</legend>
      <p className="text-[13px] text-soft">{bots.leaveHint}</p>
      <div className="grid gap-x-5 gap-y-4 sm:grid-cols-2">
        {LEAVE_FIELDS.map((name) => (
          <LeaveTime key={name} name={name} />
        ))}
      </div>
    </fieldset>
  );
}

function LeaveTime({ name }: { name: LeaveField }) {
  const { register, formState } = useFormContext<BotFormValues>();
  const { usual, most } = LEAVE_TIMES[name];
  const validate = (text: string): true | string => {
    if (text.trim() === '') return true;
    const minutes = readMinutes(text);
    if (Number.isNaN(minutes)) return bots.notMinutes;
    return minutes * 60 <= most || bots.tooMany(most / 60);
  };
  return (
    <Field label={bots.leaveFields[name]} error={formState.errors.leavePolicy?.[name]?.message}>
      {(field) => (
        <span className="relative">
          <Input
            {...field}
            {...register(`leavePolicy.${name}`, { validate })}
            inputMode="decimal"
            autoComplete="off"
            placeholder={String(usual / 60)}
            className="pr-12 tabular-nums"
          />
          <span
            aria-hidden
            className="pointer-events-none absolute inset-y-0 right-3 grid place-items-center text-[13px] text-soft"
          >
            {bots.minutes}
          </span>
        </span>
      )}
    </Field>
  );
}
