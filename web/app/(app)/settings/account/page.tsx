import type { Metadata } from 'next';
import { AccountPage } from '@/settings/account-page';
import { settings } from '@/strings/settings';

export const metadata: Metadata = { title: settings.nav.account };

export default function Page() {
  return <AccountPage />;
}
