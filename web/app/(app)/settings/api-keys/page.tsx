import type { Metadata } from 'next';
import { KeysPage } from '@/settings/keys-page';
import { settings } from '@/strings/settings';

export const metadata: Metadata = { title: settings.nav.keys };

export default function Page() {
  return <KeysPage />;
}
