import { CircleAlert } from 'lucide-react';

/** What is wrong with a form as a whole. */
export function FormProblem({ message }: { message: string | undefined }) {
  if (!message) return null;
  return (
    <p
      role="alert"
      className="flex items-start gap-2 rounded-md bg-bad-soft px-3 py-2 text-[13px] text-bad"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>{message}</span>
    </p>
  );
}
