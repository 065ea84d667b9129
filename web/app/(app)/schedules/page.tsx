import type { Metadata } from 'next';
import { SchedulesPage } from '@/schedules/schedules-page';
import { schedules } from '@/strings/schedules';

export const metadata: Metadata = { title: schedules.title };

export default function Page() {
  return <SchedulesPage />;
}
