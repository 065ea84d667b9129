import type { ComponentProps } from 'react';
import { classes } from './classes';

/** A table that scrolls sideways in itself where the screen is narrow. */
export function Table({ className, ...props }: ComponentProps<'table'>) {
  return (
    <div tabIndex={0} role="group" className="overflow-x-auto rounded-lg border">
      <table className={classes('w-full border-collapse text-left', className)} {...props} />
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

export function Cell({ className, ...props }: ComponentProps<'td'>) {
  return <td className={classes('border-b px-3 py-2.5 align-middle', className)} {...props} />;
}
