import type { Metadata } from 'next';
import { MeetingsPage } from '@/meetings/list/meetings-page';
import { meetings } from '@/strings/meetings';

export const metadata: Metadata = { title: meetings.title };

interface PageProps {
  searchParams: Promise<{ link?: string }>;
}

export default async function Page({ searchParams }: PageProps) {
  const { link } = await searchParams;
  return <MeetingsPage link={link ?? ''} />;
}
