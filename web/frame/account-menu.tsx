'use client';

import { useQuery } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { take, useApi } from '@/api/client';
import { useSession } from '@/api/session';
import { frame } from '@/strings/frame';
import { Menu } from '@/ui/menu';

export function AccountMenu() {
  const { client } = useApi();
  const { signOut } = useSession();
  const { data: me } = useQuery({
    queryKey: ['me'],
    queryFn: async () => take(await client.GET('/api/me')),
    staleTime: 300_000,
  });
  const name = me?.fullName ?? me?.email ?? frame.account.unnamed;
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={`${frame.account.menu}: ${name}`}
          className="flex h-9 min-w-0 flex-1 items-center gap-2 rounded-md px-2 text-left hover:bg-hover"
        >
          <span
            aria-hidden
            data-letter={me ? name.slice(0, 1) : ''}
            className="grid size-6 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent uppercase before:content-[attr(data-letter)]"
          />
          <span className="truncate text-[13px]">{me ? name : ''}</span>
        </button>
      }
      header={me?.email && <p className="truncate px-2 py-1.5 text-[13px] text-soft">{me.email}</p>}
      groups={[[{ label: frame.account.signOut, icon: LogOut, onSelect: () => void signOut() }]]}
    />
  );
}
