import { TriangleAlert } from 'lucide-react';

/** What keeps the recorder from hearing, and what to do about it. */
export function ProblemBox({ title, text }: { title: string; text: string }) {
  return (
    <div role="alert" className="flex items-start gap-3 rounded-xl border bg-bad-soft p-4">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <div>
        <p className="font-medium">{title}</p>
        <p className="text-pretty text-soft">{text}</p>
      </div>
    </div>
  );
}
