'use client';

import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { classes } from './classes';

export interface Tab {
  value: string;
  label: string;
  /** A number or mark behind the label. */
  badge?: ReactNode;
  content: ReactNode;
  /** Stays as it is while another tab is looked at: what was typed, where it was scrolled to. */
  isKept?: boolean;
}

export interface TabsProps {
  label: string;
  tabs: readonly Tab[];
  value?: string;
  onChange?: (value: string) => void;
  className?: string;
  contentClassName?: string;
}

export function Tabs({ label, tabs, value, onChange, className, contentClassName }: TabsProps) {
  return (
    <Radix.Root
      {...(value === undefined ? { defaultValue: tabs[0]?.value ?? '' } : { value })}
      {...(onChange ? { onValueChange: onChange } : {})}
      className={classes('flex min-h-0 flex-col', className)}
    >
      <Radix.List aria-label={label} className="flex gap-1 overflow-x-auto border-b">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="-mb-px flex h-10 items-center gap-1.5 border-b-2 border-transparent px-2.5 font-medium whitespace-nowrap text-soft transition-colors hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {tab.label}
            {tab.badge}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content
          key={tab.value}
          value={tab.value}
          {...(tab.isKept ? { forceMount: true } : {})}
          className={classes('min-h-0 outline-none data-[state=inactive]:hidden', contentClassName)}
        >
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
