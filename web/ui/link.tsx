'use client';

import NextLink from 'next/link';
import { useState, type ComponentProps } from 'react';

type LinkProps = Omit<ComponentProps<typeof NextLink>, 'prefetch' | 'onPointerEnter' | 'onFocus'>;

/** A link whose page is on its way once somebody comes near: of a long list they open one. */
export function Link(props: LinkProps) {
  const [isNear, setIsNear] = useState(false);
  const come = (): void => setIsNear(true);
  return (
    <NextLink {...props} prefetch={isNear ? null : false} onPointerEnter={come} onFocus={come} />
  );
}
