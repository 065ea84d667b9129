'use client';

import { setNonce } from 'get-nonce';
import dynamic from 'next/dynamic';
import { useState, useSyncExternalStore, type ReactNode } from 'react';
import { ApiProvider } from '@/api/client';
import { LocalSession } from '@/api/local-session';
import type { Place } from '@/api/place';
import { QueryProvider } from '@/api/query-provider';
import { toastsWaiting } from '@/ui/toast';
import { ClerkRootOnDemand, ClerkSessionOnDemand } from './on-demand';

const Toaster = dynamic(() => import('@/ui/toaster').then((it) => it.Toaster), { ssr: false });

function ToasterWhenNeeded() {
  const { subscribe, read } = toastsWaiting;
  const isNeeded = useSyncExternalStore(subscribe, read, () => false);
  return isNeeded && <Toaster />;
}

interface ProvidersProps {
  place: Place;
  /** Of the document: what dialogs write into its styles has to show it. */
  nonce: string;
  /** Clerk's; null in local mode. */
  publishableKey: string | null;
  children: ReactNode;
}

/** What every signed-in page stands in. */
export function Providers({ place, nonce, publishableKey, children }: ProvidersProps) {
  useState(() => setNonce(nonce));
  const inner = (
    <ApiProvider place={place}>
      <QueryProvider>
        {children}
        <ToasterWhenNeeded />
      </QueryProvider>
    </ApiProvider>
  );
  if (publishableKey === null) return <LocalSession>{inner}</LocalSession>;
  return (
    <ClerkRootOnDemand publishableKey={publishableKey} nonce={nonce}>
      <ClerkSessionOnDemand>{inner}</ClerkSessionOnDemand>
    </ClerkRootOnDemand>
  );
}
