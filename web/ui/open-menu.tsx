'use client';

import type { LucideIcon } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { classes } from './classes';

export interface MenuItem {
  label: string;
  icon?: LucideIcon;
  isDangerous?: boolean;
  isDisabled?: boolean;
  onSelect: () => void;
}

export interface MenuProps {
  trigger: ReactNode;
  /** Groups are set apart by a line. */
  groups: readonly (readonly MenuItem[])[];
  align?: 'start' | 'end';
  header?: ReactNode;
}

/** A menu that opens as soon as it is drawn. */
export function OpenMenu({ trigger, groups, align = 'end', header }: MenuProps) {
  return (
    <Radix.Root defaultOpen>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="appear z-50 min-w-48 rounded-lg border bg-raised p-1 shadow-float"
        >
          {header}
          {groups.map((items, index) => (
            <Radix.Group key={index}>
              {index > 0 && <Radix.Separator className="-mx-1 my-1 h-px bg-line" />}
              {items.map((item) => (
                <Radix.Item
                  key={item.label}
                  disabled={item.isDisabled ?? false}
                  onSelect={item.onSelect}
                  className={classes(
                    'flex h-8 cursor-pointer items-center gap-2.5 rounded-md px-2 outline-none select-none data-[disabled]:opacity-50 data-[highlighted]:bg-hover',
                    item.isDangerous && 'text-bad',
                  )}
                >
                  {item.icon && <item.icon aria-hidden className="size-4 opacity-80" />}
                  {item.label}
                </Radix.Item>
              ))}
            </Radix.Group>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
