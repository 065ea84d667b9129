'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Schemas } from 'meetings-client';
import { useForm } from 'react-hook-form';
import { take, useApi } from '@/api/client';
import { showProblems } from '@/api/form-problems';
import { settings } from '@/strings/settings';
import { ui } from '@/strings/ui';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { FormActions } from '@/ui/form-actions';
import { FormProblem } from '@/ui/form-problem';
import { Input } from '@/ui/input';

const strings = settings.identities;

interface RenameDialogProps {
  identity: Schemas['Identity'];
  onClose: () => void;
}

export function RenameDialog({ identity: { id, name }, onClose }: RenameDialogProps) {
  const { client } = useApi();
  const queries = useQueryClient();
  const { register, handleSubmit, setError, formState } = useForm({ defaultValues: { name } });
  const rename = useMutation({
    mutationFn: async (body: { name: string }) =>
      take(await client.PATCH('/api/identities/{id}', { params: { path: { id } }, body })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['identities'] });
      onClose();
    },
    onError: (error) => showProblems({ error, setError, fields: ['name'] }),
  });
  const save = handleSubmit((values) => rename.mutate({ name: values.name.trim() }));
  return (
    <Dialog isOpen onOpenChange={onClose} title={strings.rename}>
      <form noValidate onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
        <Field label={strings.name} error={formState.errors.name?.message}>
          {(control) => (
            <Input
              {...control}
              {...register('name', {
                validate: (text) => text.trim() !== '' || strings.nameMissing,
              })}
              autoComplete="off"
              maxLength={100}
            />
          )}
        </Field>
        <FormProblem message={formState.errors.root?.message} />
        <FormActions action={ui.save} isBusy={rename.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
