import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { findApiOrigin } from '@/api/place';
import { webConfig } from '@/config';
import { askInTime } from '@/first-view/ask-in-time';
import { Carried } from '@/first-view/carried';
import { carry } from '@/first-view/carry';
import { Providers } from '@/frame/providers';
import { Shell } from '@/frame/shell';
import { RecordWorkProvider } from '@/record/record-work-provider';

/** Everything behind the sign-in. */
export default async function AppLayout({ children }: { children: ReactNode }) {
  const { AUTH_MODE, WEB_API_URL, PRACTICE_ROOM_URL, CLERK_PUBLISHABLE_KEY = '' } = webConfig();
  const given = await headers();
  const me = await askInTime((client) => client.GET('/api/me'));
  const place = {
    authMode: AUTH_MODE,
    apiOrigin: findApiOrigin(WEB_API_URL, given.get('host')),
    practiceRoomOrigin: PRACTICE_ROOM_URL ? new URL(PRACTICE_ROOM_URL).origin : null,
  };
  return (
    <Providers
      place={place}
      nonce={given.get('x-nonce') ?? ''}
      publishableKey={AUTH_MODE === 'clerk' ? CLERK_PUBLISHABLE_KEY : null}
    >
      <Carried state={carry([[['me'], me]])}>
        <RecordWorkProvider>
          <Shell>{children}</Shell>
        </RecordWorkProvider>
      </Carried>
    </Providers>
  );
}
