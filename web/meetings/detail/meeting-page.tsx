'use client';

import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@/ui/link';
import { useCallback, useDeferredValue } from 'react';
import type { MeetingEvent } from '../../../domain/events';
import { frame } from '@/strings/frame';
import { meeting as strings } from '@/strings/meeting';
import { Button } from '@/ui/button';
import { Problem } from '@/ui/problem';
import { Skeleton } from '@/ui/skeleton';
import { useMeetingEvents, type FirstEvents } from '../live/use-meeting-events';
import { meetingKeys } from '../keys';
import { useMeeting } from '../queries';
import { OpenMeeting } from './open-meeting';

interface MeetingPageProps {
  meetingId: number;
  /** Null where the browser reads them all. */
  first: FirstEvents | null;
}

export function MeetingPage({ meetingId, first }: MeetingPageProps) {
  const query = useMeeting(meetingId);
  // its words are on their way as well
  const events = useMeetingEvents({ meetingId, first, onEvents: useRefresh(meetingId) });
  // much is drawn of them, bit by bit, so that the page answers meanwhile
  const meeting = useDeferredValue(query.data);
  const live = useDeferredValue(events);
  if (query.isError && query.data === undefined) {
    return (
      <div className="mx-auto w-full max-w-xl p-6">
        <Problem error={query.error} onRetry={() => void query.refetch()} />
        <Button asChild className="mt-4">
          <Link href="/meetings">{frame.notFound.back}</Link>
        </Button>
      </div>
    );
  }
  if (meeting === undefined) return <MeetingSkeleton />;
  return <OpenMeeting meeting={meeting} live={live} isThere={first !== null} />;
}

/** What an event makes old is read again. */
function useRefresh(meetingId: number): (events: MeetingEvent[]) => void {
  const queries = useQueryClient();
  return useCallback(
    (events) => {
      const types = new Set(events.map(({ event }) => event.type));
      const keys: (readonly unknown[])[] = [];
      const changesMeeting = [
        'meeting.status',
        'bot.status',
        'meeting.planned',
        'recording.status',
      ];
      if (changesMeeting.some((type) => types.has(type as MeetingEvent['event']['type']))) {
        keys.push(meetingKeys.one(meetingId), meetingKeys.lists);
      }
      if ([...types].some((type) => type.startsWith('participant.'))) {
        keys.push(meetingKeys.people(meetingId));
      }
      if (types.has('transcript.ready')) keys.push(meetingKeys.people(meetingId));
      if (types.has('analysis.status')) keys.push(meetingKeys.analysis(meetingId));
      for (const queryKey of keys) void queries.invalidateQueries({ queryKey });
    },
    [queries, meetingId],
  );
}

function MeetingSkeleton() {
  return (
    <div role="status" className="flex flex-col gap-3 p-6">
      <span className="sr-only">{strings.loading}</span>
      <Skeleton className="h-3 w-20" />
      <Skeleton className="h-6 w-64" />
      <Skeleton className="h-4 w-48" />
    </div>
  );
}
