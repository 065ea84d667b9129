'use client';

import { Check, ChevronDown } from 'lucide-react';
import { Select as Radix } from 'radix-ui';
import { classes } from './classes';

export interface SelectOption<Value extends string> {
  value: Value;
  label: string;
}

export interface SelectProps<Value extends string> {
  value: Value;
  onChange: (value: Value) => void;
  options: readonly SelectOption<Value>[];
  className?: string;
  disabled?: boolean;
  id?: string;
  'aria-label'?: string;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: true | undefined;
}

/** One of a few. Values must not be empty texts. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const { value, onChange, options, className, disabled, ...rest } = props;
  return (
    <Radix.Root
      value={value}
      disabled={disabled ?? false}
      onValueChange={(next) => {
        const option = options.find((each) => each.value === next);
        if (option) onChange(option.value);
      }}
    >
      <Radix.Trigger
        {...rest}
        className={classes(
          'inline-flex h-9 w-full items-center justify-between gap-2 rounded-md border border-line-strong bg-raised px-3 text-left hover:border-soft disabled:opacity-60',
          className,
        )}
      >
        <span className="truncate">
          <Radix.Value />
        </span>
        <Radix.Icon>
          <ChevronDown aria-hidden className="size-4 text-soft" />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          className="appear z-50 max-h-[min(20rem,var(--radix-select-content-available-height))] min-w-[var(--radix-select-trigger-width)] overflow-y-auto rounded-lg border bg-raised p-1 shadow-float"
        >
          {options.map((option) => (
            <Radix.Item
              key={option.value}
              value={option.value}
              className="flex h-8 cursor-pointer items-center gap-2 rounded-md pr-3 pl-2 outline-none select-none data-[highlighted]:bg-hover"
            >
              <span className="size-4">
                <Radix.ItemIndicator>
                  <Check aria-hidden className="size-4" />
                </Radix.ItemIndicator>
              </span>
              <Radix.ItemText>{option.label}</Radix.ItemText>
            </Radix.Item>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
