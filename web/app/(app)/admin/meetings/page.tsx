import type { Metadata } from 'next';
import { AdminMeetingsPage } from '@/admin/meetings-page';
import { admin } from '@/strings/admin';

export const metadata: Metadata = { title: admin.nav.meetings };

export default function Page() {
  return <AdminMeetingsPage />;
}
