import type { Metadata } from 'next';
import { EndpointsPage } from '@/settings/webhooks/endpoints-page';
import { settings } from '@/strings/settings';

export const metadata: Metadata = { title: settings.nav.webhooks };

export default function Page() {
  return <EndpointsPage />;
}
