import {
  Bot,
  ChartColumn,
  KeyRound,
  ScrollText,
  ShieldUser,
  UserRound,
  Webhook,
} from 'lucide-react';
import { settings } from '@/strings/settings';
import type { Section } from '@/ui/section-nav';

export const SECTIONS: readonly Section[] = [
  { href: '/settings/profile', label: settings.nav.profile, icon: Bot },
  { href: '/settings/api-keys', label: settings.nav.keys, icon: KeyRound },
  { href: '/settings/webhooks', label: settings.nav.webhooks, icon: Webhook },
  { href: '/settings/identities', label: settings.nav.identities, icon: ShieldUser },
  { href: '/settings/usage', label: settings.nav.usage, icon: ChartColumn },
  { href: '/settings/audit', label: settings.nav.activity, icon: ScrollText },
  { href: '/settings/account', label: settings.nav.account, icon: UserRound },
];
