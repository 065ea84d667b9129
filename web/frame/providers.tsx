'use client';

import dynamic from 'next/dynamic';
import { Tooltip } from 'radix-ui';
import type { ReactNode } from 'react';
import { Toaster } from 'sonner';
import { ApiProvider } from '@/api/client';
import { LocalSession } from '@/api/local-session';
import type { Place } from '@/api/place';
import { QueryProvider } from '@/api/query-provider';

// Clerk's code is for installations that use it.
const ClerkSession = dynamic(() => import('@/api/clerk-session').then((it) => it.ClerkSession));

/** What every signed-in page stands in. */
export function Providers({ place, children }: { place: Place; children: ReactNode }) {
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
