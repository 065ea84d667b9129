import type { ComponentProps } from 'react';
import { classes } from './classes';

const LOOK =
  'input w-full rounded-md border border-line-strong bg-raised px-3 text-ink placeholder:text-soft transition-colors hover:border-soft focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 aria-invalid:border-bad disabled:opacity-60';

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={classes(LOOK, className)} {...props} />;
}

export function TextArea({ className, ...props }: ComponentProps<'textarea'>) {
  return <textarea className={classes('textarea py-2', LOOK, className)} {...props} />;
}
