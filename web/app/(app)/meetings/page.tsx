import type { Metadata } from 'next';
import { MeetingsPage } from '@/meetings/list/meetings-page';
import { meetings } from '@/strings/meetings';

export const metadata: Metadata = { title: meetings.title };

export default function Page() {
  return <MeetingsPage />;
}
