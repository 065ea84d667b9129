import type { Metadata } from 'next';
import { AdminAuditPage } from '@/admin/audit-page';
import { admin } from '@/strings/admin';

export const metadata: Metadata = { title: admin.nav.audit };

export default function Page() {
  return <AdminAuditPage />;
}
