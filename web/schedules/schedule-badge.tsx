import { schedules } from '@/strings/schedules';
import { Badge, type BadgeTone } from '@/ui/badge';
import type { Schedule } from './queries';

const TONES: Record<Schedule['status'], BadgeTone> = {
  active: 'good',
  paused: 'warn',
  ended: 'plain',
};

export function ScheduleBadge({ status }: { status: Schedule['status'] }) {
  return <Badge tone={TONES[status]}>{schedules.statuses[status]}</Badge>;
}
