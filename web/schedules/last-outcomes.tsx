'use client';

import { Link } from '@/ui/link';
import { StateBadge } from '@/meetings/state-badge';
import { schedules } from '@/strings/schedules';
import { formatDay, formatTime } from '@/time/format';
import { Card } from '@/ui/card';
import type { Outcome } from './queries';

const strings = schedules.detail.last;

/** What became of the last ones, with the reason where one did not come about. */
export function LastOutcomes({ outcomes }: { outcomes: readonly Outcome[] }) {
  return (
    <Card title={strings.title} className="p-0">
      {outcomes.length === 0 ? (
        <p className="px-5 py-5 text-soft">{strings.none}</p>
      ) : (
        <ul aria-label={strings.label} className="divide-y">
          {outcomes.map((outcome) => (
            <OutcomeRow key={outcome.meetingId} outcome={outcome} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function OutcomeRow({ outcome }: { outcome: Outcome }) {
  const { meetingId, occurrenceStart, scheduledStart, status, message } = outcome;
  const at = scheduledStart ?? occurrenceStart;
  return (
    <li>
      <Link
        href={`/meetings/${meetingId}`}
        className="flex items-center gap-3 px-5 py-3 hover:bg-hover"
      >
        <span className="min-w-0 flex-1">
          <span className="block tabular-nums">
            {at === null ? strings.between : `${formatDay(at)}, ${formatTime(at)}`}
          </span>
          {message && <span className="block text-[13px] text-soft">{message}</span>}
        </span>
        <StateBadge status={status} />
      </Link>
    </li>
  );
}
