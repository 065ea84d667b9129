'use client';

import { FormProvider, useForm } from 'react-hook-form';
import type { BotDefaults } from '../../domain/bot-defaults';
import { showProblems } from '@/api/form-problems';
import { useUpdateMe } from '@/api/me';
import { BotFields, LeavePolicyFields } from '@/bots/bot-fields';
import { BOT_FIELDS, toBotForm, toBotWishes, type BotFormValues } from '@/bots/bot-form';
import { settings } from '@/strings/settings';
import { ui } from '@/strings/ui';
import { Button } from '@/ui/button';
import { Card } from '@/ui/card';
import { FormProblem } from '@/ui/form-problem';
import { toast } from '@/ui/toast';

const strings = settings.defaults;

/** What new meetings take where they say nothing. */
export function DefaultsForm({ defaults }: { defaults: BotDefaults }) {
  const update = useUpdateMe();
  const form = useForm<BotFormValues>({ defaultValues: toBotForm(defaults) });
  const { handleSubmit, setError, reset, formState } = form;
  const save = handleSubmit(async (values) => {
    const botDefaults = toBotWishes(values);
    await update.mutateAsync({ botDefaults }).then(
      () => {
        reset(toBotForm(botDefaults));
        toast.success(settings.saved);
      },
      (error: unknown) =>
        showProblems({ error, setError, fields: BOT_FIELDS, prefix: 'botDefaults.' }),
    );
  });
  const clear = (): void => {
    reset(toBotForm({}), { keepDefaultValues: true });
    toast.success(strings.resetDone);
  };
  return (
    <Card title={strings.title} text={strings.text}>
      <FormProvider {...form}>
        <form noValidate onSubmit={(event) => void save(event)} className="flex flex-col gap-6">
          <BotFields />
          <LeavePolicyFields />
          <FormProblem message={formState.errors.root?.message} />
          <div className="flex gap-2">
            <Button
              type="submit"
              look="primary"
              isBusy={update.isPending}
              disabled={!formState.isDirty}
            >
              {ui.save}
            </Button>
            <Button look="quiet" onClick={clear}>
              {strings.reset}
            </Button>
          </div>
        </form>
      </FormProvider>
    </Card>
  );
}
