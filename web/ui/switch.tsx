'use client';

import { Switch as Radix } from 'radix-ui';
import type { FieldControl } from './field';

export interface SwitchProps extends Partial<FieldControl> {
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  'aria-label'?: string;
}

export function Switch({ isOn, onChange, ...props }: SwitchProps) {
  return (
    <Radix.Root
      checked={isOn}
      onCheckedChange={onChange}
      className="h-6 w-10 shrink-0 rounded-full border border-transparent bg-soft p-0.5 transition-colors data-[state=checked]:bg-accent"
      {...props}
    >
      <Radix.Thumb className="block size-4.5 rounded-full bg-page transition-transform data-[state=checked]:translate-x-4" />
    </Radix.Root>
  );
}
