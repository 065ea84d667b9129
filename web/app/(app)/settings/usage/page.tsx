import type { Metadata } from 'next';
import { OwnUsagePage } from '@/settings/own-usage-page';
import { settings } from '@/strings/settings';

export const metadata: Metadata = { title: settings.nav.usage };

export default function Page() {
  return <OwnUsagePage />;
}
