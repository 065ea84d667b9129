'use client';

import { useSyncExternalStore } from 'react';
import { time } from '@/strings/time';
import { describeZone, findOwnZone } from './format';

const listenToNothing = () => (): void => undefined;

/** Whose clock the times of a list are by; only the browser knows that. */
export function OwnZone() {
  const zone = useSyncExternalStore(listenToNothing, findOwnZone, () => null);
  return zone === null ? time.zoneUnknown : time.timesOf(describeZone(zone));
}
