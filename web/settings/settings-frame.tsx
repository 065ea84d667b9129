'use client';

import type { ReactNode } from 'react';
import { settings } from '@/strings/settings';
import { SectionedBody } from '@/ui/sectioned-body';
import { SECTIONS } from './sections';

/** Around every page of the settings. */
export function SettingsFrame({ children }: { children: ReactNode }) {
  return (
    <SectionedBody title={settings.title} label={settings.sections} sections={SECTIONS}>
      {children}
    </SectionedBody>
  );
}
