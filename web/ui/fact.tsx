import type { ReactNode } from 'react';

interface FactProps {
  name: string;
  children: ReactNode;
}

/** What one thing is, in a list of facts. */
export function Fact({ name, children }: FactProps) {
  return (
    <div className="min-w-0">
      <dt className="mb-0.5 text-soft">{name}</dt>
      <dd className="break-words">{children}</dd>
    </div>
  );
}
