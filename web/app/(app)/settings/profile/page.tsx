import type { Metadata } from 'next';
import { ProfilePage } from '@/settings/profile-page';
import { settings } from '@/strings/settings';

export const metadata: Metadata = { title: settings.nav.profile };

export default function Page() {
  return <ProfilePage />;
}
