import type { ReactNode } from 'react';
import { SectionNav, type Section } from './section-nav';

interface SectionedBodyProps {
  title: string;
  label: string;
  sections: readonly Section[];
  children: ReactNode;
}

/** The column of an area with parts: its name, the way to its parts, and one of them. */
export function SectionedBody({ title, label, sections, children }: SectionedBodyProps) {
  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-8 sm:py-8">
      <h1 className="mb-4 text-xl font-semibold tracking-tight lg:mb-6">{title}</h1>
      <div className="flex flex-col gap-6 lg:flex-row lg:gap-10">
        <SectionNav label={label} sections={sections} />
        <div className="flex min-w-0 flex-1 flex-col gap-6">{children}</div>
      </div>
    </div>
  );
}
