'use client';

import { useId, type ReactNode } from 'react';
import { classes } from './classes';
import { Switch } from './switch';

export interface SwitchFieldProps {
  label: string;
  hint?: ReactNode;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  className?: string;
}

/** A switch with its words before it. */
export function SwitchField({ label, hint, isOn, onChange, className }: SwitchFieldProps) {
  const id = useId();
  return (
    <div className={classes('flex items-start justify-between gap-4', className)}>
      <div className="min-w-0">
        <label htmlFor={id} className="text-[13px] font-medium">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-[13px] text-soft">
            {hint}
          </p>
        )}
      </div>
      <Switch
        id={id}
        isOn={isOn}
        onChange={onChange}
        {...(hint ? { 'aria-describedby': `${id}-hint` } : {})}
      />
    </div>
  );
}
