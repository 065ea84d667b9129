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
import { admin } from '@/strings/admin';
import { frame } from '@/strings/frame';
import { record } from '@/strings/record';
import { schedules } from '@/strings/schedules';
import { search } from '@/strings/search';
import { settings } from '@/strings/settings';

export interface NavEntry {
  href: string;
  label: string;
  icon: LucideIcon;
  /** Pressed after `g`. */
  key: string;
  /** Shown to nobody else. */
  isForAdmins?: true;
}

/** Every area of the page, in the order of the side bar: a new area adds its line here. */
const NAV: readonly NavEntry[] = [
  { href: '/meetings', label: frame.nav.meetings, icon: Video, key: 'm' },
  { href: '/record', label: record.title, icon: Mic, key: 'r' },
  { href: '/schedules', label: schedules.title, icon: CalendarClock, key: 'c' },
  { href: '/search', label: search.title, icon: Search, key: 's' },
  { href: '/settings', label: settings.title, icon: Settings, key: ',' },
  { href: '/admin', label: admin.title, icon: ShieldCheck, key: 'a', isForAdmins: true },
];

/** The areas that whoever is signed in may go to. */
export function useNav(): readonly NavEntry[] {
  const { data: me } = useMe();
  const isAdmin = me?.isAdmin === true;
  return useMemo(() => NAV.filter(({ isForAdmins }) => !isForAdmins || isAdmin), [isAdmin]);
}
