import { Video, type LucideIcon } from 'lucide-react';
import { frame } from '@/strings/frame';

export interface NavEntry {
  href: string;
  label: string;
  icon: LucideIcon;
  /** Pressed after `g`. */
  key: string;
}

/** Every area of the page, in the order of the side bar: a new area adds its line here. */
export const NAV: readonly NavEntry[] = [
  { href: '/meetings', label: frame.nav.meetings, icon: Video, key: 'm' },
];
