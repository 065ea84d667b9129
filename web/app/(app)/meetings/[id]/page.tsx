import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { MeetingPage } from '@/meetings/detail/meeting-page';
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
  return <MeetingPage meetingId={Number(id)} />;
}
