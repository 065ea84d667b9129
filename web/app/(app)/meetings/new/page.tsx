import type { Metadata } from 'next';
import { NewMeetingPage } from '@/meetings/new/new-meeting-page';
import { meetings } from '@/strings/meetings';

export const metadata: Metadata = { title: meetings.new.title };

export default function Page() {
  return <NewMeetingPage />;
}
