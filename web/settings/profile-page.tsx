'use client';

import dynamic from 'next/dynamic';
import { useMe } from '@/api/me';
import { settings } from '@/strings/settings';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';

const Waiting = () => <SkeletonList label={settings.loading} />;
const Forms = dynamic(() => import('./profile-forms').then((it) => it.ProfileForms), {
  loading: Waiting,
  ssr: false,
});

export function ProfilePage() {
  const me = useMe();
  if (me.isPending) return <Waiting />;
  if (me.isError) return <Problem error={me.error} onRetry={() => void me.refetch()} />;
  return <Forms me={me.data} />;
}
