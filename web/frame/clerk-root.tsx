'use client';

import { ClerkProvider } from '@clerk/nextjs';
import type { ReactNode } from 'react';

export interface ClerkRootProps {
  publishableKey: string;
  nonce: string;
  children: ReactNode;
}

/** Clerk around a part of the page. Loaded only where Clerk signs people in. */
export function ClerkRoot({ publishableKey, nonce, children }: ClerkRootProps) {
  return (
    <ClerkProvider
      publishableKey={publishableKey}
      nonce={nonce}
      signInUrl="/sign-in"
      signUpUrl="/sign-up"
      afterSignOutUrl="/sign-in"
    >
      {children}
    </ClerkProvider>
  );
}
