'use client';

import { CalendarArrowUp, CalendarX, ExternalLink, MoreHorizontal, Undo2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { summariseProblem } from '@/api/problems';
import { schedules } from '@/strings/schedules';
import { formatDay, formatMoment, formatTime } from '@/time/format';
import { Badge, type BadgeTone } from '@/ui/badge';
import { OwnZone } from '@/time/own-zone';
import { Button } from '@/ui/button';
import { Card } from '@/ui/card';
import { classes } from '@/ui/classes';
import { Menu } from '@/ui/menu';
import { toast } from '@/ui/toast';
import { useChangeOccurrence, type Occurrence, type ScheduleDetail } from './queries';

const MoveDialog = dynamic(() => import('./move-dialog').then((it) => it.MoveDialog));

const strings = schedules.detail.next;

const TONES: Record<Occurrence['state'], BadgeTone> = {
  planned: 'accent',
  upcoming: 'plain',
  skipped: 'warn',
  cancelled: 'warn',
};

/** What comes next, each of which may be skipped or moved by itself. */
export function NextOccurrences({ schedule }: { schedule: ScheduleDetail }) {
  const { nextOccurrences, status } = schedule;
  return (
    <Card title={strings.title} text={<OwnZone />} className="p-0">
      {nextOccurrences.length === 0 ? (
        <p className="px-5 py-5 text-soft">
          {status === 'paused' ? strings.nonePaused : strings.none}
        </p>
      ) : (
        <ul aria-label={strings.label} className="divide-y">
          {nextOccurrences.map((occurrence) => (
            <OccurrenceRow
              key={occurrence.occurrenceStart}
              scheduleId={schedule.id}
              occurrence={occurrence}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}

interface OccurrenceRowProps {
  scheduleId: number;
  occurrence: Occurrence;
}

function OccurrenceRow({ scheduleId, occurrence }: OccurrenceRowProps) {
  const { occurrenceStart, scheduledStart, state } = occurrence;
  const isOff = state === 'skipped' || state === 'cancelled';
  const isMoved = scheduledStart !== occurrenceStart;
  return (
    <li className="flex items-center gap-3 px-5 py-2.5">
      <time
        dateTime={scheduledStart}
        className={classes('min-w-0 flex-1 tabular-nums', isOff && 'text-soft line-through')}
      >
        <span className="inline-block w-36">{formatDay(scheduledStart)}</span>{' '}
        {formatTime(scheduledStart)}
      </time>
      {isMoved && (
        <span className="hidden text-[13px] text-soft sm:inline">
          {strings.moved(formatMoment(occurrenceStart, { isShort: true }))}
        </span>
      )}
      <Badge tone={TONES[state]}>{schedules.states[state]}</Badge>
      <OccurrenceMenu scheduleId={scheduleId} occurrence={occurrence} />
    </li>
  );
}

function OccurrenceMenu({ scheduleId, occurrence }: OccurrenceRowProps) {
  const { occurrenceStart, scheduledStart, state, meetingId } = occurrence;
  const router = useRouter();
  const [isMoving, setIsMoving] = useState(false);
  const change = useChangeOccurrence(scheduleId);
  const alter = (kind: 'skip' | 'restore'): void =>
    change.mutate(
      { change: kind, occurrenceStart },
      { onError: (error) => toast.error(summariseProblem(error)) },
    );
  const isOff = state === 'skipped' || state === 'cancelled';
  const isChanged = isOff || scheduledStart !== occurrenceStart;
  const items = [
    ...(isOff ? [] : [{ label: strings.skip, icon: CalendarX, onSelect: () => alter('skip') }]),
    { label: strings.move, icon: CalendarArrowUp, onSelect: () => setIsMoving(true) },
    ...(isChanged
      ? [{ label: strings.restore, icon: Undo2, onSelect: () => alter('restore') }]
      : []),
  ];
  const open = {
    label: strings.open,
    icon: ExternalLink,
    onSelect: () => router.push(`/meetings/${meetingId}`),
  };
  return (
    <>
      <Menu
        trigger={
          <Button
            look="quiet"
            size="icon"
            isBusy={change.isPending}
            aria-label={strings.actions(formatMoment(scheduledStart))}
          >
            {!change.isPending && <MoreHorizontal aria-hidden />}
          </Button>
        }
        groups={meetingId === null ? [items] : [items, [open]]}
      />
      {isMoving && (
        <MoveDialog
          scheduleId={scheduleId}
          occurrence={occurrence}
          onClose={() => setIsMoving(false)}
        />
      )}
    </>
  );
}
