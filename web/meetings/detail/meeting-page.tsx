'use client';

import dynamic from 'next/dynamic';
import Link from 'next/link';
import { frame } from '@/strings/frame';
import { meeting as strings } from '@/strings/meeting';
import { Button } from '@/ui/button';
import { Problem } from '@/ui/problem';
import { Skeleton } from '@/ui/skeleton';
import { useMeeting } from '../queries';

const load = () => import('./open-meeting');
const OpenMeeting = dynamic(() => load().then((it) => it.OpenMeeting), {
  loading: () => <MeetingSkeleton />,
  ssr: false,
});
// on its way while the API is asked
if (typeof window !== 'undefined') void load();

export function MeetingPage({ meetingId }: { meetingId: number }) {
  const query = useMeeting(meetingId);
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
  if (query.data === undefined) return <MeetingSkeleton />;
  return <OpenMeeting meeting={query.data} />;
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
