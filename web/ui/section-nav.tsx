'use client';

import type { LucideIcon } from 'lucide-react';
import { Link } from '@/ui/link';
import { usePathname } from 'next/navigation';
import { useEffect, useRef } from 'react';
import { classes } from './classes';

export interface Section {
  href: string;
  label: string;
  icon: LucideIcon;
}

/** The parts of an area: beside its pages, above them where the screen is narrow. */
export function SectionNav({ label, sections }: { label: string; sections: readonly Section[] }) {
  const pathname = usePathname();
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    const here = list.current?.querySelector('[aria-current]');
    here?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [pathname]);
  return (
    <nav
      ref={list}
      aria-label={label}
      className="-mx-4 flex gap-1 overflow-x-auto border-b px-4 pb-2 sm:-mx-8 sm:px-8 lg:sticky lg:top-8 lg:mx-0 lg:w-44 lg:shrink-0 lg:flex-col lg:gap-0.5 lg:self-start lg:overflow-visible lg:border-b-0 lg:p-0"
    >
      {sections.map(({ href, label: name, icon: Icon }) => {
        const isHere = pathname === href || pathname.startsWith(`${href}/`);
        return (
          <Link
            key={href}
            href={href}
            aria-current={isHere ? 'page' : undefined}
            className={classes(
              'flex h-8 shrink-0 items-center gap-2 rounded-md px-2.5 whitespace-nowrap transition-colors',
              isHere ? 'bg-hover font-medium text-ink' : 'text-soft hover:bg-hover hover:text-ink',
            )}
          >
            <Icon aria-hidden className="size-4" />
            {name}
          </Link>
        );
      })}
    </nav>
  );
}
