'use client';

import { Slot } from 'radix-ui';
import { lazy, Suspense, useState } from 'react';
import type { MenuProps } from './open-menu';

const load = () => import('./open-menu');
const OpenMenu = lazy(() => load().then((it) => ({ default: it.OpenMenu })));

/** What can be done, behind one button. What it takes to open is loaded when somebody comes near. */
export function Menu(props: MenuProps) {
  const [isWanted, setIsWanted] = useState(false);
  const trigger = (
    <Slot.Root
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={() => setIsWanted(true)}
    >
      {props.trigger}
    </Slot.Root>
  );
  if (!isWanted) return trigger;
  return (
    <Suspense fallback={trigger}>
      <OpenMenu {...props} />
    </Suspense>
  );
}
