'use client';

import { setNonce } from 'get-nonce';
import { useState, type ReactNode } from 'react';
import { Toaster } from 'sonner';
import { ApiProvider } from '@/api/client';
import { LocalSession } from '@/api/local-session';
import type { Place } from '@/api/place';
import { QueryProvider } from '@/api/query-provider';
import { ClerkRootOnDemand, ClerkSessionOnDemand } from './on-demand';

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
        <Toaster
          position="bottom-right"
          toastOptions={{
            classNames: {
              toast:
                '!rounded-lg !border-line !bg-raised !text-ink !shadow-float !font-sans !text-[13px]',
              description: '!text-soft',
            },
          }}
        />
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
