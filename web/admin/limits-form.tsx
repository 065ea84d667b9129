'use client';

import { useForm } from 'react-hook-form';
import { showProblems } from '@/api/form-problems';
import { admin } from '@/strings/admin';
import { ui } from '@/strings/ui';
import { Button } from '@/ui/button';
import { Card } from '@/ui/card';
import { Field } from '@/ui/field';
import { FormProblem } from '@/ui/form-problem';
import { Input } from '@/ui/input';
import { toast } from '@/ui/toast';
import { useChangeUser, type User } from './users';

const strings = admin.user.limits;
const FIELDS = [
  { name: 'maxConcurrentBots', label: strings.bots },
  { name: 'maxBotMinutesPerMonth', label: strings.minutes },
] as const;

const toText = (limit: number | null): string => (limit === null ? '' : String(limit));
const toLimit = (text: string): number | null => (text.trim() === '' ? null : Number(text));

/** What one user may use, where it differs from the installation. */
export function LimitsForm({ user }: { user: User }) {
  const change = useChangeUser(user.id);
  const { register, handleSubmit, setError, reset, formState } = useForm({
    defaultValues: {
      maxConcurrentBots: toText(user.maxConcurrentBots),
      maxBotMinutesPerMonth: toText(user.maxBotMinutesPerMonth),
    },
  });
  const save = handleSubmit((values) =>
    change.mutate(
      {
        maxConcurrentBots: toLimit(values.maxConcurrentBots),
        maxBotMinutesPerMonth: toLimit(values.maxBotMinutesPerMonth),
      },
      {
        onSuccess: () => {
          reset(values);
          toast.success(strings.saved);
        },
        onError: (error) =>
          showProblems({ error, setError, fields: FIELDS.map(({ name }) => name) }),
      },
    ),
  );
  return (
    <Card title={strings.title} text={strings.text}>
      <form noValidate onSubmit={(event) => void save(event)} className="flex flex-col gap-5">
        <div className="grid gap-5 sm:grid-cols-2">
          {FIELDS.map(({ name, label }) => (
            <Field key={name} label={label} error={formState.errors[name]?.message}>
              {(control) => (
                <Input
                  {...control}
                  {...register(name, {
                    validate: (text) => /^\s*\d{0,9}\s*$/.test(text) || strings.notANumber,
                  })}
                  inputMode="numeric"
                  autoComplete="off"
                  placeholder={strings.usual}
                />
              )}
            </Field>
          ))}
        </div>
        <FormProblem message={formState.errors.root?.message} />
        <div>
          <Button
            type="submit"
            look="primary"
            isBusy={change.isPending}
            disabled={!formState.isDirty}
          >
            {ui.save}
          </Button>
        </div>
      </form>
    </Card>
  );
}
