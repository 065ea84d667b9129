'use client';

import { useSyncExternalStore } from 'react';
import { frame } from '@/strings/frame';

const KEY =
  'inline-grid h-5 min-w-5 place-items-center rounded border bg-panel px-1 font-sans text-[11px] text-soft uppercase';

/** Keys to press one after another. */
export function Keys({ keys }: { keys: readonly string[] }) {
  return (
    <span className="ml-auto flex shrink-0 gap-1 max-sm:hidden">
      <span className="sr-only">{frame.palette.keys}</span>
      {keys.map((key) => (
        <kbd key={key} className={KEY}>
          {key}
        </kbd>
      ))}
    </span>
  );
}

/** What opens the palette, as this machine's keyboard has it. */
export function PaletteKey() {
  // The server does not know the keyboard.
  const isMac = useSyncExternalStore(
    () => () => undefined,
    () => /^(?:Mac|iP)/.test(navigator.platform),
    () => false,
  );
  return (
    <kbd className="ml-auto font-sans text-xs">
      {isMac ? frame.palette.macKey : frame.palette.key}
    </kbd>
  );
}
