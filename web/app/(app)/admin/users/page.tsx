import type { Metadata } from 'next';
import { UsersPage } from '@/admin/users-page';
import { admin } from '@/strings/admin';

export const metadata: Metadata = { title: admin.nav.users };

export default function Page() {
  return <UsersPage />;
}
