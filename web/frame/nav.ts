import { Mic, Search, Settings, Video, type LucideIcon } from 'lucide-react';
import { frame } from '@/strings/frame';
import { record } from '@/strings/record';
import { search } from '@/strings/search';
import { settings } from '@/strings/settings';

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
  { href: '/record', label: record.title, icon: Mic, key: 'r' },
  { href: '/search', label: search.title, icon: Search, key: 's' },
  { href: '/settings', label: settings.title, icon: Settings, key: ',' },
];
