'use client';

import { RotateCw, TriangleAlert } from 'lucide-react';
import { describeProblem, type ProblemText } from '@/api/problems';
import { ui } from '@/strings/ui';
import { Button } from './button';

interface ProblemProps {
  error: unknown;
  /** Where more is known than the error tells. */
  words?: ProblemText;
  onRetry?: () => void;
}

/** What went wrong, in words, with the way out. */
export function Problem({ error, words = describeProblem(error), onRetry }: ProblemProps) {
  const { title, text } = words;
  return (
    <div
      role="alert"
      className="flex items-start gap-3 rounded-lg border border-line bg-bad-soft p-4 text-ink"
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{title}</p>
        <p className="text-soft">{text}</p>
      </div>
      {onRetry && (
        <Button size="small" onClick={onRetry}>
          <RotateCw aria-hidden />
          {ui.tryAgain}
        </Button>
      )}
    </div>
  );
}
