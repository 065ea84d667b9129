'use client';

import { useState, type ReactNode, type SyntheticEvent } from 'react';
import { ui } from '@/strings/ui';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';

export interface NameDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  description?: string;
  label: string;
  hint?: string;
  first: string;
  maxLength: number;
  error: string | undefined;
  isBusy: boolean;
  onSave: (name: string) => void;
  /** Beside the button. */
  extra?: ReactNode;
}

/** Asks for one line. */
export function NameDialog({ first, onSave, ...props }: NameDialogProps) {
  const [name, setName] = useState(first);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    onSave(name.trim());
  };
  return (
    <Dialog
      isOpen={props.isOpen}
      onOpenChange={props.onOpenChange}
      title={props.title}
      description={props.description}
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field label={props.label} hint={props.hint} error={props.error}>
          {(control) => (
            <Input
              {...control}
              autoFocus
              value={name}
              maxLength={props.maxLength}
              onChange={(event) => setName(event.target.value)}
              onFocus={(event) => event.target.select()}
            />
          )}
        </Field>
        <div className="flex flex-wrap justify-end gap-2">
          {props.extra}
          <Button type="submit" look="primary" isBusy={props.isBusy}>
            {ui.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
