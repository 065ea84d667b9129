import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { MeetingEvent } from '../../../../../domain/events';
import { askInTime } from '@/first-view/ask-in-time';
import { Carried } from '@/first-view/carried';
import { carry } from '@/first-view/carry';
import { Moments } from '@/first-view/moments';
import { MeetingPage } from '@/meetings/detail/meeting-page';
import { FIRST_EVENTS, meetingKeys } from '@/meetings/keys';
import type { FirstEvents } from '@/meetings/live/use-meeting-events';
import { meetings } from '@/strings/meetings';

interface PageProps {
  params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: meetings.untitled(Number((await params).id)) };
}

export default async function Page({ params }: PageProps) {
  const { id } = await params;
  if (!/^[1-9]\d{0,9}$/.test(id)) notFound();
  const meetingId = Number(id);
  // in this order: what changes a meeting after its events were read is told by a later event
  const first = await readFirstEvents(meetingId);
  const meeting = first && (await readMeeting(meetingId));
  if (!meeting) return <MeetingPage meetingId={meetingId} first={null} />;
  return (
    <Carried state={carry([[meetingKeys.one(meetingId), meeting]])}>
      <Moments />
      <MeetingPage meetingId={meetingId} first={first} />
    </Carried>
  );
}

function readMeeting(id: number) {
  return askInTime((client) => client.GET('/api/meetings/{id}', { params: { path: { id } } }));
}

async function readFirstEvents(id: number): Promise<FirstEvents | null> {
  const params = { path: { id }, query: { after: 0, limit: FIRST_EVENTS, wait: 0 } };
  const page = await askInTime((client) => client.GET('/api/meetings/{id}/events', { params }));
  return page && { events: (page.events as MeetingEvent[]).map(leaveOut), hasMore: page.hasMore };
}

/** Without the times of single words, which nobody looks at and which are most of an event. */
function leaveOut({ event, ...rest }: MeetingEvent): MeetingEvent {
  if (event.type !== 'segment' && event.type !== 'segment.updated') return { ...rest, event };
  const { words: _, ...segment } = event.segment;
  return { ...rest, event: { ...event, segment } };
}
