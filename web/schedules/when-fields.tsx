'use client';

import { X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Controller, useFormContext } from 'react-hook-form';
import { schedules } from '@/strings/schedules';
import { formatDay } from '@/time/format';
import { isZone, listZones } from '@/time/zones';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { RepeatFields } from './repeat-fields';
import type { ScheduleFormValues } from './schedule-form-values';

const strings = schedules.form;

/** When it takes place: the rule, where it begins and ends, and by whose clocks. */
export function WhenFields() {
  const { register, watch, formState } = useFormContext<ScheduleFormValues>();
  const { errors } = formState;
  const isCron = watch('repeat') === 'cron';
  return (
    <div className="flex flex-col gap-5">
      <RepeatFields />
      <div className="grid gap-5 sm:grid-cols-2">
        <Field
          label={isCron ? strings.startsAtCron : strings.startsAt}
          error={errors.startsAt?.message}
        >
          {(field) => (
            <Input
              {...field}
              {...register('startsAt', {
                validate: (text) => isCron || text !== '' || strings.startsAtMissing,
              })}
              type="datetime-local"
            />
          )}
        </Field>
        <Field label={strings.ends} hint={strings.endsHint} error={errors.endsAt?.message}>
          {(field) => <Input {...field} {...register('endsAt')} type="date" />}
        </Field>
      </div>
      <ZoneField />
      <SkipDates />
    </div>
  );
}

function ZoneField() {
  const { register, formState } = useFormContext<ScheduleFormValues>();
  const zones = useMemo(listZones, []);
  return (
    <Field
      label={strings.timeZone}
      hint={strings.timeZoneHint}
      error={formState.errors.timeZone?.message}
    >
      {(field) => (
        <>
          <Input
            {...field}
            {...register('timeZone', {
              validate: (zone) => isZone(zone.trim()) || strings.timeZoneWrong,
            })}
            list="zones"
            autoComplete="off"
            spellCheck={false}
            className="sm:max-w-80"
          />
          <datalist id="zones">
            {zones.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

function SkipDates() {
  const { control, formState } = useFormContext<ScheduleFormValues>();
  const [day, setDay] = useState('');
  return (
    <Controller
      control={control}
      name="skipDates"
      render={({ field: { value, onChange } }) => (
        <div className="flex flex-col gap-2.5">
          <Field
            label={strings.skip}
            hint={strings.skipHint}
            error={formState.errors.skipDates?.message}
          >
            {(field) => (
              <span className="flex gap-2">
                <Input
                  {...field}
                  type="date"
                  className="sm:max-w-48"
                  value={day}
                  onChange={({ target }) => setDay(target.value)}
                />
                <Button
                  disabled={day === ''}
                  onClick={() => {
                    onChange([...new Set([...value, day])].sort());
                    setDay('');
                  }}
                >
                  {strings.skipAdd}
                </Button>
              </span>
            )}
          </Field>
          {value.length > 0 && (
            <ul aria-label={strings.skip} className="flex flex-wrap gap-1.5">
              {value.map((each) => (
                <li
                  key={each}
                  className="flex items-center gap-1 rounded-full bg-hover py-0.5 pr-0.5 pl-2.5 text-[13px]"
                >
                  {formatDay(each, { timeZone: 'UTC' })}
                  <Button
                    look="quiet"
                    size="small-icon"
                    className="size-6! rounded-full"
                    aria-label={strings.skipRemove(formatDay(each, { timeZone: 'UTC' }))}
                    onClick={() => onChange(value.filter((other) => other !== each))}
                  >
                    <X aria-hidden />
                  </Button>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    />
  );
}
