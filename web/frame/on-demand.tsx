'use client';

import dynamic from 'next/dynamic';

// Clerk's code is for installations that use it: loaded when one of these is drawn.

export const ClerkRootOnDemand = dynamic(() => import('./clerk-root').then((it) => it.ClerkRoot));
export const ClerkFormOnDemand = dynamic(() => import('./clerk-form').then((it) => it.ClerkForm));
export const ClerkSessionOnDemand = dynamic(() =>
  import('@/api/clerk-session').then((it) => it.ClerkSession),
);
