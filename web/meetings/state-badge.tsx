import type { Schemas } from 'meetings-client';
import { Badge, type BadgeTone } from '@/ui/badge';
import { isUnderWay, nameState } from './states';

type Meeting = Schemas['Meeting'];

const TONES: Record<Meeting['status'], BadgeTone> = {
  created: 'plain',
  scheduled: 'accent',
  joining: 'warn',
  live: 'good',
  processing: 'accent',
  completed: 'plain',
  failed: 'bad',
  cancelled: 'plain',
};

interface StateBadgeProps {
  status: Meeting['status'];
  source?: Meeting['source'];
}

/** A meeting's state; a dot pulses while something goes on. */
export function StateBadge({ status, source = 'bot' }: StateBadgeProps) {
  const isLive = isUnderWay({ status, source });
  const tone = status === 'created' && isLive ? 'accent' : TONES[status];
  return (
    <Badge tone={tone} isLive={isLive}>
      {nameState({ status, source })}
    </Badge>
  );
}
