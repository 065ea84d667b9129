import type { Metadata } from 'next';
import { askInTime } from '@/first-view/ask-in-time';
import { Carried } from '@/first-view/carried';
import { carry } from '@/first-view/carry';
import { Moments } from '@/first-view/moments';
import { LIST_PAGE, meetingKeys } from '@/meetings/keys';
import { MeetingsPage } from '@/meetings/list/meetings-page';
import { meetings } from '@/strings/meetings';

export const metadata: Metadata = { title: meetings.title };

export default async function Page() {
  const lists = await Promise.all((['live', 'upcoming', 'past'] as const).map(readList));
  const isThere = lists.every(([, list]) => list !== null);
  if (!isThere) return <MeetingsPage />;
  return (
    <Carried state={carry(lists)}>
      <Moments />
      <MeetingsPage isThere />
    </Carried>
  );
}

async function readList(when: 'live' | 'upcoming' | 'past') {
  const query = { when, limit: LIST_PAGE };
  const page = await askInTime((client) => client.GET('/api/meetings', { params: { query } }));
  const list = page && { pages: [page], pageParams: [''] };
  return [meetingKeys.list({ when }), list] as const;
}
