import type { Metadata } from 'next';
import { AdminUsagePage } from '@/admin/usage-page';
import { admin } from '@/strings/admin';

export const metadata: Metadata = { title: admin.nav.usage };

export default function Page() {
  return <AdminUsagePage />;
}
