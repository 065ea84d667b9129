import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { findApiOrigin } from '@/api/place';
import { webConfig } from '@/config';
import { ClerkFrame } from '@/frame/clerk-frame';
import { Providers } from '@/frame/providers';
import { Shell } from '@/frame/shell';

/** Everything behind the sign-in. */
export default async function AppLayout({ children }: { children: ReactNode }) {
  const { AUTH_MODE, WEB_API_URL, PRACTICE_ROOM_URL } = webConfig();
  const given = await headers();
  const host = given.get('host');
  const place = {
    authMode: AUTH_MODE,
    apiOrigin: findApiOrigin(WEB_API_URL, host),
    practiceRoomOrigin: PRACTICE_ROOM_URL ? new URL(PRACTICE_ROOM_URL).origin : null,
  };
  return (
    <ClerkFrame>
      <Providers place={place} nonce={given.get('x-nonce') ?? ''}>
        <Shell>{children}</Shell>
      </Providers>
    </ClerkFrame>
  );
}
