'use client';

import { Menu as MenuIcon, Search, X } from 'lucide-react';
import dynamic from 'next/dynamic';
import { Link } from '@/ui/link';
import { usePathname } from 'next/navigation';
import { useEffect, useState, type ReactNode } from 'react';
import { RecordMark } from '@/record/record-mark';
import { frame } from '@/strings/frame';
import { ui } from '@/strings/ui';
import { Button } from '@/ui/button';
import { classes } from '@/ui/classes';
import { AccountMenu } from './account-menu';
import { Brand } from './brand';
import { useNav } from './nav';
import { PaletteKey } from './keys';
import { OfflineBanner } from './offline-banner';
import { useShortcuts } from './shortcuts';
import { ThemeMenu } from './theme-menu';

const CommandPalette = dynamic(() => import('./command-palette').then((it) => it.CommandPalette), {
  ssr: false,
});

/** Side bar, palette and banner around every page behind the sign-in. */
export function Shell({ children }: { children: ReactNode }) {
  const [isPaletteOpen, setIsPaletteOpen] = useState(false);
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const pathname = usePathname();
  const nav = useNav();
  useEffect(() => setIsMenuOpen(false), [pathname]);
  useShortcuts({ openPalette: () => setIsPaletteOpen(true) });
  const openPalette = (): void => setIsPaletteOpen(true);
  return (
    <div className="flex h-dvh flex-col overflow-hidden md:flex-row">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-raised px-3 py-2 shadow-float focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {frame.skipToContent}
      </a>
      <header className="z-20 flex h-13 shrink-0 items-center gap-1 border-b bg-page px-3 md:hidden">
        <Link href="/meetings" className="mr-auto rounded-md px-1">
          <Brand />
        </Link>
        <RecordMark />
        <Button look="quiet" size="icon" aria-label={frame.palette.open} onClick={openPalette}>
          <Search aria-hidden />
        </Button>
        <Button
          look="quiet"
          size="icon"
          aria-label={isMenuOpen ? ui.close : frame.openMenu}
          aria-expanded={isMenuOpen}
          aria-controls="side"
          onClick={() => setIsMenuOpen((isOpen) => !isOpen)}
        >
          {isMenuOpen ? <X aria-hidden /> : <MenuIcon aria-hidden />}
        </Button>
      </header>
      <aside
        id="side"
        className={classes(
          'flex-col gap-1 border-b bg-panel p-3 md:flex md:h-dvh md:w-56 md:shrink-0 md:border-r md:border-b-0',
          isMenuOpen ? 'flex' : 'hidden',
        )}
      >
        <Link href="/meetings" className="mb-3 hidden rounded-md px-2 py-1 md:block">
          <Brand />
        </Link>
        <button
          type="button"
          onClick={openPalette}
          className="mb-2 hidden h-8 items-center gap-2 rounded-md border bg-raised px-2 text-[13px] text-soft hover:border-line-strong md:flex"
        >
          <Search aria-hidden className="size-3.5" />
          {frame.palette.open}
          <PaletteKey />
        </button>
        <nav aria-label={frame.navigation} className="flex flex-col gap-0.5">
          {nav.map(({ href, label, icon: Icon }) => {
            const isHere = pathname === href || pathname.startsWith(`${href}/`);
            return (
              <Link
                key={href}
                href={href}
                aria-current={isHere ? 'page' : undefined}
                className={classes(
                  'flex h-8 items-center gap-2.5 rounded-md px-2 font-medium transition-colors',
                  isHere ? 'bg-hover text-ink' : 'text-soft hover:bg-hover hover:text-ink',
                )}
              >
                <Icon aria-hidden className="size-4" />
                {label}
              </Link>
            );
          })}
        </nav>
        <div className="hidden px-1 pt-2 md:block">
          <RecordMark />
        </div>
        <div className="mt-3 flex items-center gap-1 md:mt-auto">
          <AccountMenu />
          <ThemeMenu />
        </div>
      </aside>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <OfflineBanner />
        <main
          id="content"
          tabIndex={-1}
          className="min-h-0 min-w-0 flex-1 overflow-y-auto outline-none"
        >
          {children}
        </main>
      </div>
      {isPaletteOpen && <CommandPalette onClose={() => setIsPaletteOpen(false)} />}
    </div>
  );
}
