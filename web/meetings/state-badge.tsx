import type { Schemas } from 'meetings-client';
import { meetings } from '@/strings/meetings';
import { Badge, type BadgeTone } from '@/ui/badge';

type Status = Schemas['Meeting']['status'];

const TONES: Record<Status, BadgeTone> = {
  created: 'plain',
  scheduled: 'accent',
  joining: 'warn',
  live: 'good',
  processing: 'accent',
  completed: 'plain',
  failed: 'bad',
  cancelled: 'plain',
};

const ONGOING: readonly Status[] = ['joining', 'live', 'processing'];

/** A meeting's state; a dot pulses while something goes on. */
export function StateBadge({ status }: { status: Status }) {
  return (
    <Badge tone={TONES[status]} isLive={ONGOING.includes(status)}>
      {meetings.status[status]}
    </Badge>
  );
}
