'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Controller, useForm, type Control } from 'react-hook-form';
import type { Scope } from '../../domain/scopes';
import { take, useApi } from '@/api/client';
import { showProblems } from '@/api/form-problems';
import { keys } from '@/strings/keys';
import { Button } from '@/ui/button';
import { Checkbox } from '@/ui/checkbox';
import { CopyField } from '@/ui/copy-field';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { FormActions } from '@/ui/form-actions';
import { FormProblem } from '@/ui/form-problem';
import { Input } from '@/ui/input';
import { Select } from '@/ui/select';

const strings = keys.form;
const DAY_MS = 86_400_000;
const SCOPES = Object.keys(keys.scopes) as Scope[];

type Expiry = keyof typeof strings.expiries;
const EXPIRIES = (['30', '90', '365', 'never'] as const).map((value: Expiry) => ({
  value,
  label: strings.expiries[value],
}));

interface Values {
  name: string;
  scopes: Scope[];
  expiresAt: Expiry;
}

/** Makes a key, and shows it this once. */
export function KeyDialog({ onClose }: { onClose: () => void }) {
  const [key, setKey] = useState<string>();
  if (key !== undefined) return <MadeKey value={key} onClose={onClose} />;
  return (
    <Dialog isOpen onOpenChange={onClose} title={strings.title} description={strings.text}>
      <KeyForm onMade={setKey} onClose={onClose} />
    </Dialog>
  );
}

interface KeyFormProps {
  onMade: (key: string) => void;
  onClose: () => void;
}

function KeyForm({ onMade, onClose }: KeyFormProps) {
  const { register, control, handleSubmit, setError, formState } = useForm<Values>({
    defaultValues: { name: '', scopes: ['meetings:read', 'transcripts:read'], expiresAt: '90' },
  });
  const { errors } = formState;
  const create = useCreateKey();
  const submit = handleSubmit(({ name, scopes, expiresAt }) => {
    const days = Number(expiresAt);
    const expiry = days ? new Date(Date.now() + days * DAY_MS).toISOString() : null;
    create.mutate(
      { name: name.trim(), scopes, expiresAt: expiry },
      {
        onSuccess: (made) => onMade(made.key),
        onError: (error) =>
          showProblems({ error, setError, fields: ['name', 'scopes', 'expiresAt'] }),
      },
    );
  });
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-5">
      <Field label={strings.name} hint={strings.nameHint} error={errors.name?.message}>
        {(field) => (
          <Input
            {...field}
            {...register('name', { validate: (text) => text.trim() !== '' || strings.nameMissing })}
            autoComplete="off"
            maxLength={100}
          />
        )}
      </Field>
      <ScopeBoxes control={control} />
      <Field label={strings.expires} error={errors.expiresAt?.message}>
        {(field) => (
          <Controller
            control={control}
            name="expiresAt"
            render={({ field: { value, onChange } }) => (
              <Select {...field} value={value} onChange={onChange} options={EXPIRIES} />
            )}
          />
        )}
      </Field>
      <FormProblem message={errors.root?.message} />
      <FormActions action={strings.submit} isBusy={create.isPending} onCancel={onClose} />
    </form>
  );
}

function ScopeBoxes({ control }: { control: Control<Values> }) {
  return (
    <Controller
      control={control}
      name="scopes"
      rules={{ validate: (scopes) => scopes.length > 0 || strings.scopesMissing }}
      render={({ field: { value, onChange }, fieldState }) => (
        <fieldset className="flex flex-col gap-3">
          <legend className="mb-2 text-[13px] font-medium">{strings.scopes}</legend>
          {SCOPES.map((scope) => (
            <Checkbox
              key={scope}
              label={keys.scopes[scope].name}
              hint={keys.scopes[scope].text}
              checked={value.includes(scope)}
              onChange={({ target }) =>
                onChange(
                  target.checked ? [...value, scope] : value.filter((each) => each !== scope),
                )
              }
            />
          ))}
          <FormProblem message={fieldState.error?.message} />
        </fieldset>
      )}
    />
  );
}

function useCreateKey() {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: { name: string; scopes: Scope[]; expiresAt: string | null }) =>
      take(await client.POST('/api/api-keys', { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['api-keys'] }),
  });
}

function MadeKey({ value, onClose }: { value: string; onClose: () => void }) {
  const { url } = useApi();
  const address = new URL(url('/api/meetings'), window.location.origin);
  return (
    <Dialog isOpen onOpenChange={onClose} title={keys.made.title} description={keys.made.text}>
      <div className="flex flex-col gap-4">
        <CopyField label={keys.made.label} text={value} />
        <div>
          <p className="mb-1.5 text-[13px] font-medium">{keys.made.try}</p>
          <CopyField
            label={keys.made.tryLabel}
            text={`curl -H "X-API-Key: ${value}" ${address.href}`}
          />
        </div>
        <div className="flex justify-end">
          <Button look="primary" onClick={onClose}>
            {keys.made.done}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
