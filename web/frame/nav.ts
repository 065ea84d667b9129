import {
  CalendarClock,
  Mic,
  Search,
  Settings,
  ShieldCheck,
  Video,
  type LucideIcon,
} from 'lucide-react';
import { useMemo } from 'react';
import { useMe } from '@/api/me';
import { frame } from '@/strings/frame';

export interface NavEntry {
  href: string;
  label: string;
  icon: LucideIcon;
  /** Pressed after `g`. */
  key: string;
  /** Shown to nobody else. */
  isForAdmins?: true;
}

/** Every area of the page, in the order of the side bar: a new area adds its line here, and its name to the frame's words. */
const NAV: readonly NavEntry[] = [
  { href: '/meetings', label: frame.nav.meetings, icon: Video, key: 'm' },
  { href: '/record', label: frame.nav.record, icon: Mic, key: 'r' },
  { href: '/schedules', label: frame.nav.schedules, icon: CalendarClock, key: 'c' },
  { href: '/search', label: frame.nav.search, icon: Search, key: 's' },
  { href: '/settings', label: frame.nav.settings, icon: Settings, key: ',' },
  { href: '/admin', label: frame.nav.admin, icon: ShieldCheck, key: 'a', isForAdmins: true },
];

/** The areas that whoever is signed in may go to. */
export function useNav(): readonly NavEntry[] {
  const { data: me } = useMe();
  const isAdmin = me?.isAdmin === true;
  return useMemo(() => NAV.filter(({ isForAdmins }) => !isForAdmins || isAdmin), [isAdmin]);
}
