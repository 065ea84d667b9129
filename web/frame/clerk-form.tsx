'use client';

import { SignIn, SignUp } from '@clerk/nextjs';
import { ClerkRoot } from './clerk-root';

export interface ClerkFormProps {
  kind: 'sign-in' | 'sign-up';
  /** Where to go afterwards. */
  target: string;
  publishableKey: string;
  nonce: string;
}

/** Clerk's own form. */
export function ClerkForm({ kind, target, ...root }: ClerkFormProps) {
  return (
    <ClerkRoot {...root}>
      {kind === 'sign-in' ? (
        <SignIn fallbackRedirectUrl={target} />
      ) : (
        <SignUp fallbackRedirectUrl={target} />
      )}
    </ClerkRoot>
  );
}
