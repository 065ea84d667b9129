import type { Metadata } from 'next';
import { OwnAuditPage } from '@/settings/own-audit-page';
import { settings } from '@/strings/settings';

export const metadata: Metadata = { title: settings.nav.activity };

export default function Page() {
  return <OwnAuditPage />;
}
