'use client';

import { Controller, useFormContext } from 'react-hook-form';
import { schedules } from '@/strings/schedules';
import { Field } from '@/ui/field';
import { FormProblem } from '@/ui/form-problem';
import { Input } from '@/ui/input';
import { NativeSelect } from '@/ui/native-select';
import { listMonthlyWays, nameDayOfMonth, WEEKDAYS, type RuleChoice, type Weekday } from './rules';
import type { ScheduleFormValues } from './schedule-form-values';

const strings = schedules.form;
const REPEATS = (['daily', 'weekdays', 'weekly', 'monthly', 'rrule', 'cron'] as const).map(
  (value: RuleChoice['repeat']) => ({ value, label: strings.repeats[value] }),
);

/** How often it takes place: by plain choices, or by a rule written by hand. */
export function RepeatFields() {
  const { control, watch, formState } = useFormContext<ScheduleFormValues>();
  const repeat = watch('repeat');
  const { errors } = formState;
  const isByHand = repeat === 'rrule' || repeat === 'cron';
  return (
    <div className="flex flex-col gap-5">
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label={strings.repeat}>
          {(field) => (
            <Controller
              control={control}
              name="repeat"
              render={({ field: { value, onChange } }) => (
                <NativeSelect {...field} value={value} onChange={onChange} options={REPEATS} />
              )}
            />
          )}
        </Field>
        {(repeat === 'daily' || repeat === 'weekly' || repeat === 'monthly') && (
          <EveryField unit={strings.everyUnits[repeat]} />
        )}
      </div>
      {repeat === 'weekly' && <DaysField />}
      {repeat === 'monthly' && <MonthlyField />}
      {isByHand && <RuleField name={repeat} />}
      {!isByHand && <FormProblem message={errors.rrule?.message ?? errors.cron?.message} />}
    </div>
  );
}

function EveryField({ unit }: { unit: string }) {
  const { register, formState } = useFormContext<ScheduleFormValues>();
  return (
    <Field label={strings.every} error={formState.errors.every?.message}>
      {(field) => (
        <span className="relative">
          <Input
            {...field}
            {...register('every', {
              validate: (text) => /^[1-9]\d?$/.test(text.trim()) || strings.everyWrong,
            })}
            inputMode="numeric"
            autoComplete="off"
            className="pr-20 tabular-nums"
          />
          <span
            aria-hidden
            className="pointer-events-none absolute inset-y-0 right-3 grid place-items-center text-[13px] text-soft"
          >
            {unit}
          </span>
        </span>
      )}
    </Field>
  );
}

function DaysField() {
  const { control } = useFormContext<ScheduleFormValues>();
  return (
    <Controller
      control={control}
      name="days"
      rules={{ validate: (days) => days.length > 0 || strings.onMissing }}
      render={({ field: { value, onChange }, fieldState }) => (
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1.5 text-[13px] font-medium">{strings.on}</legend>
          <div className="flex flex-wrap gap-1.5">
            {WEEKDAYS.map((day) => (
              <DayButton
                key={day}
                day={day}
                isOn={value.includes(day)}
                onChange={(isOn) =>
                  onChange(isOn ? [...value, day] : value.filter((each) => each !== day))
                }
              />
            ))}
          </div>
          <FormProblem message={fieldState.error?.message} />
        </fieldset>
      )}
    />
  );
}

interface DayButtonProps {
  day: Weekday;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}

function DayButton({ day, isOn, onChange }: DayButtonProps) {
  const { short, long } = schedules.days[day];
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={() => onChange(!isOn)}
      className="h-9 min-w-12 rounded-md border border-line-strong bg-raised px-3 text-[13px] font-medium transition-colors hover:bg-hover aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-accent"
    >
      <span aria-hidden>{short}</span>
      <span className="sr-only">{long}</span>
    </button>
  );
}

function MonthlyField() {
  const { control, watch } = useFormContext<ScheduleFormValues>();
  const startsOn = watch('startsAt').slice(0, 10);
  if (startsOn === '') return null;
  const date = Number(startsOn.slice(8, 10));
  const ways = listMonthlyWays(startsOn);
  const options = ways.map((value) => ({
    value,
    label: value === 'date' ? strings.byDate(date) : strings.byDay(nameDayOfMonth(startsOn, value)),
  }));
  const chosen = watch('monthlyBy');
  const current = ways.includes(chosen) ? chosen : 'date';
  const isRare = current === 'date' && date > 28;
  return (
    <Field label={strings.by} hint={isRare ? strings.byDateHint : undefined}>
      {(field) => (
        <Controller
          control={control}
          name="monthlyBy"
          render={({ field: { onChange } }) => (
            <NativeSelect
              {...field}
              className="sm:max-w-80"
              value={current}
              onChange={onChange}
              options={options}
            />
          )}
        />
      )}
    </Field>
  );
}

function RuleField({ name }: { name: 'rrule' | 'cron' }) {
  const { register, formState } = useFormContext<ScheduleFormValues>();
  const [hint, missing] =
    name === 'rrule'
      ? [strings.rruleHint, strings.rruleMissing]
      : [strings.cronHint, strings.cronMissing];
  return (
    <Field label={strings[name]} hint={hint} error={formState.errors[name]?.message}>
      {(field) => (
        <Input
          {...field}
          {...register(name, { validate: (text) => text.trim() !== '' || missing })}
          autoComplete="off"
          spellCheck={false}
          className="font-mono text-[13px]"
        />
      )}
    </Field>
  );
}
