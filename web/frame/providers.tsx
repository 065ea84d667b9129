'use client';

import { setNonce } from 'get-nonce';
import dynamic from 'next/dynamic';
import { Tooltip } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { Toaster } from 'sonner';
import { ApiProvider } from '@/api/client';
import { LocalSession } from '@/api/local-session';
import type { Place } from '@/api/place';
import { QueryProvider } from '@/api/query-provider';

// Clerk's code is for installations that use it.
const ClerkSession = dynamic(() => import('@/api/clerk-session').then((it) => it.ClerkSession));

interface ProvidersProps {
  place: Place;
  /** Of the document: what dialogs write into its styles has to show it. */
  nonce: string;
  children: ReactNode;
}

/** What every signed-in page stands in. */
export function Providers({ place, nonce, children }: ProvidersProps) {
  useState(() => setNonce(nonce));
  const SessionOfMode = place.authMode === 'local' ? LocalSession : ClerkSession;
  return (
    <SessionOfMode>
      <ApiProvider place={place}>
        <QueryProvider>
          <Tooltip.Provider delayDuration={300}>{children}</Tooltip.Provider>
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
    </SessionOfMode>
  );
}
