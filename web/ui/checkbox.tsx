'use client';

import type { ComponentProps, ReactNode } from 'react';
import { classes } from './classes';

export interface CheckboxProps extends Omit<ComponentProps<'input'>, 'type'> {
  label: ReactNode;
  hint?: ReactNode;
}

/** A box to tick, with its words beside it. */
export function Checkbox({ label, hint, className, ...props }: CheckboxProps) {
  return (
    <label className={classes('flex cursor-pointer items-start gap-2.5', className)}>
      <input type="checkbox" className="mt-0.5 size-4 shrink-0 accent-accent" {...props} />
      <span className="min-w-0">
        <span className="block">{label}</span>
        {hint && <span className="block text-[13px] text-soft">{hint}</span>}
      </span>
    </label>
  );
}
