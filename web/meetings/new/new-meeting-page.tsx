'use client';

import dynamic from 'next/dynamic';
import { meetings } from '@/strings/meetings';
import { PageBody, PageHeader } from '@/ui/page-header';
import { SkeletonList } from '@/ui/skeleton';

const words = meetings.new;

const NewMeetingForm = dynamic(() => import('./new-meeting-form').then((it) => it.NewMeetingForm), {
  loading: () => <SkeletonList label={words.loading} />,
  ssr: false,
});

export function NewMeetingPage() {
  return (
    <PageBody>
      <PageHeader title={words.title} text={words.text} />
      <NewMeetingForm />
    </PageBody>
  );
}
