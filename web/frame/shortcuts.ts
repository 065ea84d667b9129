'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useRef } from 'react';
import { useNav } from './nav';

/** Pressed before an area’s key. */
export const GO_KEY = 'g';
/** The second key of `g m` counts within this time. */
const SEQUENCE_MS = 1_200;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Keys that work everywhere: Ctrl/Cmd-K, and `g` with an area's key. */
export function useShortcuts({ openPalette }: { openPalette: () => void }): void {
  const router = useRouter();
  const nav = useNav();
  const open = useRef(openPalette);
  open.current = openPalette;
  useEffect(() => {
    let goPressedAtMs = 0;
    const listen = (event: KeyboardEvent): void => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        open.current();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (event.key === GO_KEY) {
        goPressedAtMs = Date.now();
        return;
      }
      const entry = nav.find(({ key }) => key === event.key);
      if (entry && Date.now() - goPressedAtMs < SEQUENCE_MS) router.push(entry.href);
      goPressedAtMs = 0;
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [router, nav]);
}
