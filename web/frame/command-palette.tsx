'use client';

import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import {
  ArrowRight,
  LogOut,
  Plus,
  Search,
  SunMoon,
  TextSearch,
  Video,
  type LucideIcon,
} from 'lucide-react';
import { useTheme } from 'next-themes';
import { useRouter } from 'next/navigation';
import { Dialog } from 'radix-ui';
import { useDeferredValue, useState } from 'react';
import { take, useApi } from '@/api/client';
import { useSession } from '@/api/session';
import { nameMeeting } from '@/meetings/names';
import { looksLikeLink } from '@/meetings/platforms';
import { useStartLink } from '@/meetings/use-start-link';
import { frame } from '@/strings/frame';
import { toast } from '@/ui/toast';
import { Keys } from './keys';
import { useNav } from './nav';
import { GO_KEY } from './shortcuts';

/** Go anywhere, find a meeting by its title, or paste a link: opened by Ctrl/Cmd-K. */
export function CommandPalette({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const { theme, setTheme } = useTheme();
  const nav = useNav();
  const { signOut } = useSession();
  const [text, setText] = useState('');
  const meetings = useFoundMeetings(text);
  const isLink = looksLikeLink(text);
  const start = useStartLink((problem) => toast.error(problem));
  const run = (action: () => void) => () => {
    onClose();
    action();
  };
  const go = (href: string) => run(() => router.push(href));
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="appear fixed top-[8vh] left-1/2 z-50 w-[min(36rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-xl border bg-raised shadow-float outline-none md:top-[14vh]"
        >
          <Dialog.Title className="sr-only">{frame.palette.label}</Dialog.Title>
          <Command label={frame.palette.label} shouldFilter={!isLink} loop>
            <div className="flex items-center gap-3 border-b px-4">
              <Search aria-hidden className="size-4 shrink-0 text-soft" />
              <Command.Input
                autoFocus
                value={text}
                onValueChange={setText}
                placeholder={frame.palette.placeholder}
                className="h-12 w-full bg-transparent text-[15px] outline-none placeholder:text-soft"
              />
            </div>
            <Command.List className="max-h-[min(24rem,60vh)] overflow-y-auto p-1.5 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-soft">
              <Command.Empty className="px-2.5 py-6 text-center text-soft">
                {frame.palette.empty}
              </Command.Empty>
              {isLink ? (
                <Entry
                  icon={ArrowRight}
                  label={frame.palette.startBot(text.trim())}
                  onSelect={run(() => start.mutate(text.trim()))}
                />
              ) : (
                <>
                  <Command.Group heading={frame.palette.goTo}>
                    {nav.map(({ href, label, icon, key }) => (
                      <Entry
                        key={href}
                        icon={icon}
                        label={label}
                        keys={[GO_KEY, key]}
                        onSelect={go(href)}
                      />
                    ))}
                  </Command.Group>
                  {meetings.length > 0 && (
                    <Command.Group heading={frame.palette.meetings}>
                      {meetings.map((meeting) => (
                        <Entry
                          key={meeting.id}
                          icon={Video}
                          label={nameMeeting(meeting)}
                          value={`${nameMeeting(meeting)} ${meeting.id}`}
                          onSelect={go(`/meetings/${meeting.id}`)}
                        />
                      ))}
                    </Command.Group>
                  )}
                  <Command.Group heading={frame.palette.do}>
                    {text.trim() !== '' && (
                      <Entry
                        icon={TextSearch}
                        label={frame.palette.searchFor(text.trim())}
                        onSelect={go(`/search?q=${encodeURIComponent(text.trim())}`)}
                      />
                    )}
                    <Entry
                      icon={Plus}
                      label={frame.palette.newMeeting}
                      onSelect={go('/meetings/new')}
                    />
                    <Entry
                      icon={SunMoon}
                      label={frame.theme.change(
                        theme === 'dark' ? frame.theme.light : frame.theme.dark,
                      )}
                      onSelect={run(() => setTheme(theme === 'dark' ? 'light' : 'dark'))}
                    />
                    <Entry
                      icon={LogOut}
                      label={frame.palette.signOut}
                      onSelect={run(() => void signOut())}
                    />
                  </Command.Group>
                </>
              )}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function useFoundMeetings(text: string) {
  const { client } = useApi();
  const q = useDeferredValue(text.trim());
  const { data } = useQuery({
    queryKey: ['meetings', 'palette', q],
    queryFn: async ({ signal }) =>
      take(
        await client.GET('/api/meetings', {
          params: { query: { limit: 6, ...(q ? { q } : {}) } },
          signal,
        }),
      ),
    placeholderData: (before) => before,
  });
  return data?.meetings ?? [];
}

interface EntryProps {
  icon: LucideIcon;
  label: string;
  value?: string;
  /** What does the same from anywhere, pressed one after another. */
  keys?: readonly string[];
  onSelect: () => void;
}

function Entry({ icon: Icon, label, value, keys, onSelect }: EntryProps) {
  return (
    <Command.Item
      value={value ?? label}
      onSelect={onSelect}
      className="flex h-9 cursor-pointer items-center gap-3 rounded-md px-2.5 select-none data-[selected=true]:bg-hover"
    >
      <Icon aria-hidden className="size-4 shrink-0 text-soft" />
      <span className="truncate">{label}</span>
      {keys && <Keys keys={keys} />}
    </Command.Item>
  );
}
