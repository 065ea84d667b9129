'use client';

import { WifiOff } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { useIsConnectionLost } from '@/api/connection';
import { frame } from '@/strings/frame';

function subscribe(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

/** Says that what is seen may be old, and goes away by itself. */
export function OfflineBanner() {
  const isLost = useIsConnectionLost();
  const isOffline = useSyncExternalStore(
    subscribe,
    () => !navigator.onLine,
    () => false,
  );
  return (
    <div role="status" aria-live="polite">
      {(isLost || isOffline) && (
        <p className="flex items-center gap-2 border-b bg-warn-soft px-4 py-2 text-[13px] text-warn">
          <WifiOff aria-hidden className="size-4 shrink-0" />
          {isOffline ? frame.offline.noNetwork : frame.offline.lost}
        </p>
      )}
    </div>
  );
}
