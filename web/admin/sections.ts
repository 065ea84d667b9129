import { ChartColumn, Radio, ScrollText, Users } from 'lucide-react';
import { admin } from '@/strings/admin';
import type { Section } from '@/ui/section-nav';

export const SECTIONS: readonly Section[] = [
  { href: '/admin/users', label: admin.nav.users, icon: Users },
  { href: '/admin/meetings', label: admin.nav.meetings, icon: Radio },
  { href: '/admin/usage', label: admin.nav.usage, icon: ChartColumn },
  { href: '/admin/audit', label: admin.nav.audit, icon: ScrollText },
];
