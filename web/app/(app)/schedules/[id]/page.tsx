import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { SchedulePage } from '@/schedules/schedule-page';
import { schedules } from '@/strings/schedules';

export const metadata: Metadata = { title: schedules.title };

interface PageProps {
  params: Promise<{ id: string }>;
}

export default async function Page({ params }: PageProps) {
  const { id } = await params;
  if (!/^[1-9]\d{0,8}$/.test(id)) notFound();
  return <SchedulePage id={Number(id)} />;
}
