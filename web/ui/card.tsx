import type { ReactNode } from 'react';
import { classes } from './classes';

export interface CardProps {
  title: string;
  text?: ReactNode;
  /** What can be done, beside the title. */
  actions?: ReactNode;
  className?: string;
  children?: ReactNode;
}

/** A part of a page with a name of its own. */
export function Card({ title, text, actions, className, children }: CardProps) {
  return (
    <section className="rounded-xl border bg-raised">
      <header className="flex flex-wrap items-start gap-x-4 gap-y-3 px-5 pt-4 pb-3.5">
        <div className="min-w-0 flex-1 basis-56">
          <h2 className="text-[15px] font-semibold">{title}</h2>
          {text && <p className="mt-0.5 text-[13px] text-pretty text-soft">{text}</p>}
        </div>
        {actions && <div className="flex gap-2">{actions}</div>}
      </header>
      {children && <div className={classes('card-body border-t', className)}>{children}</div>}
    </section>
  );
}
