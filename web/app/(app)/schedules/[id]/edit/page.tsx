import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { EditSchedulePage } from '@/schedules/edit-page';
import { schedules } from '@/strings/schedules';

export const metadata: Metadata = { title: schedules.form.editTitle };

interface PageProps {
  params: Promise<{ id: string }>;
}

export default async function Page({ params }: PageProps) {
  const { id } = await params;
  if (!/^[1-9]\d{0,8}$/.test(id)) notFound();
  return <EditSchedulePage id={Number(id)} />;
}
