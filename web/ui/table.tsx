import type { ComponentProps } from 'react';
import { classes } from './classes';

/** A table; where there is no room for its columns, each row is a card with their names. */
export function Table({ className, ...props }: ComponentProps<'table'>) {
  return (
    <div tabIndex={0} role="group" className="@container overflow-x-auto rounded-lg border">
      <table
        className={classes('stacking w-full border-collapse text-left', className)}
        {...props}
      />
    </div>
  );
}

export function HeadCell({ className, ...props }: ComponentProps<'th'>) {
  return (
    <th
      scope="col"
      className={classes(
        'h-9 border-b bg-panel px-3 text-[13px] font-medium whitespace-nowrap text-soft',
        className,
      )}
      {...props}
    />
  );
}

export interface CellProps extends ComponentProps<'td'> {
  /** Of its column. */
  name: string;
}

export function Cell({ name, className, ...props }: CellProps) {
  return (
    <td
      data-name={name}
      className={classes('border-b px-3 py-2.5 align-middle', className)}
      {...props}
    />
  );
}
