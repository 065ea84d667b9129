'use client';

import { useState, type SyntheticEvent } from 'react';
import { meetings } from '@/strings/meetings';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { useRecognition } from '../use-recognition';
import { useStartLink } from '../use-start-link';

const strings = meetings.start;

/** A link, and the bot is on its way. */
export function StartBox() {
  const [text, setText] = useState('');
  const [error, setError] = useState<string>();
  const start = useStartLink(setError);
  const hint = useRecognition(text.trim());
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (text.trim() === '') return setError(strings.missing);
    setError(undefined);
    start.mutate(text.trim());
  };
  return (
    <form noValidate onSubmit={submit} className="mb-8 rounded-xl border bg-panel p-3 sm:p-4">
      <div className="flex flex-col gap-2 sm:flex-row sm:items-start">
        <Field
          label={strings.label}
          isLabelHidden
          error={error}
          hint={<span aria-live="polite">{hint ?? meetings.text}</span>}
          className="min-w-0 flex-1"
        >
          {(control) => (
            <Input
              {...control}
              className="h-11 text-[15px]"
              placeholder={strings.placeholder}
              inputMode="url"
              autoComplete="off"
              spellCheck={false}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setError(undefined);
              }}
            />
          )}
        </Field>
        <Button type="submit" look="primary" size="large" isBusy={start.isPending}>
          {strings.submit}
        </Button>
      </div>
    </form>
  );
}
