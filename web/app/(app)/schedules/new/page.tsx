import type { Metadata } from 'next';
import { NewSchedulePage } from '@/schedules/new-page';
import { schedules } from '@/strings/schedules';

export const metadata: Metadata = { title: schedules.form.newTitle };

export default function Page() {
  return <NewSchedulePage />;
}
