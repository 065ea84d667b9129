import type { ComponentType, ReactNode } from 'react';

export interface EmptyStateProps {
  icon: ComponentType<{ className: string; 'aria-hidden': true }>;
  title: string;
  /** The first step, in words. */
  text: ReactNode;
  action?: ReactNode;
}

/** What stands where nothing is yet: why, and what to do first. */
export function EmptyState({ icon: Icon, title, text, action }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      <div className="mb-1 grid size-11 place-items-center rounded-xl border bg-panel">
        <Icon aria-hidden className="size-5 text-soft" />
      </div>
      <h2 className="text-[15px] font-semibold">{title}</h2>
      <p className="max-w-sm text-pretty text-soft">{text}</p>
      {action && <div className="mt-3 flex gap-2">{action}</div>}
    </div>
  );
}
