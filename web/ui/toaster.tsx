'use client';

import { useEffect } from 'react';
import { toast, Toaster as SonnerToaster } from 'sonner';
import { showToasts } from './toast';

/** Where toasts appear. */
export function Toaster() {
  useEffect(() => showToasts(({ kind, text, options }) => toast[kind](text, options)), []);
  return (
    <SonnerToaster
      position="bottom-right"
      toastOptions={{
        classNames: {
          toast:
            '!rounded-lg !border-line !bg-raised !text-ink !shadow-float !font-sans !text-[13px]',
          description: '!text-soft',
        },
      }}
    />
  );
}
