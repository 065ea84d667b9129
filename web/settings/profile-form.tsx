'use client';

import { useForm } from 'react-hook-form';
import { showProblems } from '@/api/form-problems';
import { useUpdateMe } from '@/api/me';
import { settings } from '@/strings/settings';
import { ui } from '@/strings/ui';
import { Button } from '@/ui/button';
import { Card } from '@/ui/card';
import { Field } from '@/ui/field';
import { FormProblem } from '@/ui/form-problem';
import { Input } from '@/ui/input';
import { toast } from '@/ui/toast';

const strings = settings.profile;

type Me = { fullName: string | null; email: string | null };

/** The name that bots introduce themselves with. */
export function ProfileForm({ me }: { me: Me }) {
  const update = useUpdateMe();
  const { register, handleSubmit, setError, reset, formState } = useForm({
    defaultValues: { fullName: me.fullName ?? '' },
  });
  const { errors, isDirty } = formState;
  const save = handleSubmit(async (values) => {
    const fullName = values.fullName.trim() || null;
    await update.mutateAsync({ fullName }).then(
      () => {
        reset({ fullName: fullName ?? '' });
        toast.success(settings.saved);
      },
      (error: unknown) => showProblems({ error, setError, fields: ['fullName'] }),
    );
  });
  return (
    <Card title={strings.title} text={strings.text}>
      <form noValidate onSubmit={(event) => void save(event)} className="flex flex-col gap-5">
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label={strings.name} error={errors.fullName?.message}>
            {(control) => (
              <Input {...control} {...register('fullName')} autoComplete="name" maxLength={200} />
            )}
          </Field>
          <Field label={strings.email} hint={strings.emailHint}>
            {(control) => <Input {...control} value={me.email ?? strings.noEmail} readOnly />}
          </Field>
        </div>
        <FormProblem message={errors.root?.message} />
        <div>
          <Button type="submit" look="primary" isBusy={update.isPending} disabled={!isDirty}>
            {ui.save}
          </Button>
        </div>
      </form>
    </Card>
  );
}
