'use client';

import { useState, type SyntheticEvent } from 'react';
import { frame } from '@/strings/frame';
import { problems } from '@/strings/problems';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';

const strings = frame.signIn;

async function signIn(email: string, name: string): Promise<string | null> {
  const response = await fetch('/auth/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, ...(name ? { name } : {}) }),
  }).catch(() => null);
  if (response === null || response.status === 503) return problems.unreachable.text;
  if (response.status === 422) return strings.emailMissing;
  return response.ok ? null : strings.failed;
}

/** The form of local mode. */
export function LocalSignIn({ target }: { target: string }) {
  const [error, setError] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const submit = async (event: SyntheticEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const email = String(fields.get('email')).trim();
    if (!/^\S+@\S+\.\S+$/.test(email)) return setError(strings.emailMissing);
    setIsBusy(true);
    const problem = await signIn(email, String(fields.get('name')).trim());
    if (problem === null) return window.location.assign(target);
    setError(problem);
    setIsBusy(false);
  };
  return (
    <form
      method="post"
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => void submit(event)}
    >
      <Field label={strings.email} error={error}>
        {(control) => (
          <Input {...control} name="email" type="email" autoComplete="email" autoFocus required />
        )}
      </Field>
      <Field label={strings.name} hint={strings.nameHint}>
        {(control) => <Input {...control} name="name" autoComplete="name" maxLength={200} />}
      </Field>
      <Button type="submit" look="primary" isBusy={isBusy} className="mt-1">
        {strings.submit}
      </Button>
    </form>
  );
}
