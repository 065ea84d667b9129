'use client';

import { describeZone, findOwnZone, formatDistance, formatMoment } from './format';

interface MomentProps {
  at: string;
  /** Says how long ago it was instead of when. */
  isDistance?: boolean;
  className?: string;
}

/** A moment in the reader's own zone; the whole of it shows under the pointer. */
export function Moment({ at, isDistance = false, className }: MomentProps) {
  return (
    <time
      dateTime={at}
      title={`${formatMoment(at)}, ${describeZone(findOwnZone(), new Date(at))}`}
      className={className}
    >
      {isDistance ? formatDistance(at) : formatMoment(at, { isShort: true })}
    </time>
  );
}
