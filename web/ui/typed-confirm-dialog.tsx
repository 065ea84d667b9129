'use client';

import { useState, type ReactNode, type SyntheticEvent } from 'react';
import { ui } from '@/strings/ui';
import { Button } from './button';
import { Dialog } from './dialog';
import { Field } from './field';
import { Input } from './input';

export interface TypedConfirmDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  description: string;
  /** What has to be typed, so that nobody does it by mistake. */
  phrase: string;
  /** What the button does, in words. */
  action: string;
  isBusy?: boolean;
  onConfirm: () => void;
  children?: ReactNode;
}

/** Asks for words before something that takes much with it. */
export function TypedConfirmDialog(props: TypedConfirmDialogProps) {
  const { isOpen, onOpenChange, title, description, phrase, action, isBusy, children } = props;
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string>();
  const change = (open: boolean): void => {
    setTyped('');
    setError(undefined);
    onOpenChange(open);
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (typed.trim() === phrase) return props.onConfirm();
    setError(ui.typeMismatch(phrase));
  };
  return (
    <Dialog isOpen={isOpen} onOpenChange={change} title={title} description={description}>
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {children}
        <Field label={ui.typeToConfirm(phrase)} error={error}>
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={() => change(false)}>{ui.cancel}</Button>
          <Button type="submit" look="danger" isBusy={isBusy ?? false}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
