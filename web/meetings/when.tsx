'use client';

import { formatMoment } from './times';

/**
 * A moment in the reader's own zone. In a document it is empty until `Moments` fills it: the server
 * knows no zone, and says no time rather than a wrong one.
 */
export function When({ at }: { at: string }) {
  const text = typeof window === 'undefined' ? '' : formatMoment(at);
  return (
    <time
      dateTime={at}
      data-moment
      suppressHydrationWarning
      ref={(element) => {
        if (element && element.textContent !== text) element.textContent = text;
      }}
    >
      {text}
    </time>
  );
}
