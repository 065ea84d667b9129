import type { Metadata } from 'next';
import { IdentitiesPage } from '@/settings/identities-page';
import { settings } from '@/strings/settings';

export const metadata: Metadata = { title: settings.nav.identities };

export default function Page() {
  return <IdentitiesPage />;
}
