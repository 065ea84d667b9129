import type { Metadata } from 'next';
import { RecordPage } from '@/record/record-page';
import { record } from '@/strings/record';

export const metadata: Metadata = { title: record.title };

export default function Page() {
  return <RecordPage />;
}
