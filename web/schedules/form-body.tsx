import type { ReactNode } from 'react';
import { PageHeader } from '@/ui/page-header';

/** The column of the schedule's form, with room for the preview beside it. */
export function FormBody({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="mx-auto w-full max-w-5xl px-4 py-6 sm:px-8 sm:py-8">
      <PageHeader title={title} />
      {children}
    </div>
  );
}
