'use client';

import { Monitor, Moon, Sun } from 'lucide-react';
import { useTheme } from 'next-themes';
import { useEffect, useState } from 'react';
import { frame } from '@/strings/frame';
import { Button } from '@/ui/button';
import { Menu } from '@/ui/menu';

const THEMES = [
  { name: 'light', label: frame.theme.light, icon: Sun },
  { name: 'dark', label: frame.theme.dark, icon: Moon },
  { name: 'system', label: frame.theme.system, icon: Monitor },
] as const;

export function ThemeMenu() {
  const { theme, setTheme } = useTheme();
  // The server does not know the choice.
  const [isKnown, setIsKnown] = useState(false);
  useEffect(() => setIsKnown(true), []);
  const current = THEMES.find(({ name }) => isKnown && name === theme) ?? THEMES[2];
  const items = THEMES.map(({ name, label, icon }) => ({
    label,
    icon,
    onSelect: () => setTheme(name),
  }));
  return (
    <Menu
      trigger={
        <Button look="quiet" size="icon" aria-label={frame.theme.change(current.label)}>
          <current.icon aria-hidden />
        </Button>
      }
      groups={[items]}
    />
  );
}
