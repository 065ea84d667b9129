import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { webConfig } from '@/config';

/** Clerk around a part of the page where Clerk signs people in; nothing in local mode. */
export async function ClerkFrame({ children }: { children: ReactNode }) {
  const { AUTH_MODE, CLERK_PUBLISHABLE_KEY = '' } = webConfig();
  if (AUTH_MODE === 'local') return children;
  const { ClerkProvider } = await import('@clerk/nextjs');
  const nonce = (await headers()).get('x-nonce') ?? '';
  return (
    <ClerkProvider
      publishableKey={CLERK_PUBLISHABLE_KEY}
      nonce={nonce}
      signInUrl="/sign-in"
      signUpUrl="/sign-up"
      afterSignOutUrl="/sign-in"
    >
      {children}
    </ClerkProvider>
  );
}
