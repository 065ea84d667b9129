'use client';

import {
  ArrowLeft,
  Ellipsis,
  ExternalLink,
  Link2,
  Pencil,
  RotateCcw,
  Share2,
  Trash2,
  Upload,
} from 'lucide-react';
import { Link } from '@/ui/link';
import { meeting as strings } from '@/strings/meeting';
import { meetings } from '@/strings/meetings';
import { Button } from '@/ui/button';
import { Menu } from '@/ui/menu';
import type { MenuItem } from '@/ui/open-menu';
import { copyText } from '../copy-text';
import { nameMeeting } from '../names';
import { useRetryTranscription, useUpload, type Meeting } from '../queries';
import { StateBadge } from '../state-badge';
import { describeState } from '../states';
import { formatDuration } from '../times';
import { summariseUpload } from '../upload-state';
import { When } from '../when';
import { SourceButton } from './source-button';

const words = strings.actions;

export type MeetingDialogName = 'export' | 'share' | 'rename' | 'delete';

export interface MeetingHeaderProps {
  meeting: Meeting;
  hasFailedSound: boolean;
  onDialog: (name: MeetingDialogName) => void;
}

/** What the meeting is, where it stands, and what can be done with it. */
export function MeetingHeader({ meeting, hasFailedSound, onDialog }: MeetingHeaderProps) {
  const retry = useRetryTranscription(meeting.id);
  const upload = useUpload(meeting);
  const { meetingUrl, actualStart, scheduledStart, createdAt } = meeting;
  const ofLink: MenuItem[] =
    meetingUrl === null
      ? []
      : [
          {
            label: words.open,
            icon: ExternalLink,
            onSelect: () => window.open(meetingUrl, '_blank', 'noreferrer'),
          },
          { label: words.copyLink, icon: Link2, onSelect: () => void copyText(meetingUrl) },
        ];
  const groups: MenuItem[][] = [
    [
      { label: words.rename, icon: Pencil, onSelect: () => onDialog('rename') },
      ...(hasFailedSound
        ? [{ label: words.retry, icon: RotateCcw, onSelect: () => retry.mutate() }]
        : []),
    ],
    ofLink,
    [
      {
        label: words.delete,
        icon: Trash2,
        isDangerous: true,
        onSelect: () => onDialog('delete'),
      },
    ],
  ];
  return (
    <header className="border-b px-4 pt-3 pb-3 sm:px-6">
      <Link
        href="/meetings"
        className="mb-1 -ml-1 inline-flex h-6 items-center gap-1 rounded px-1 text-[13px] text-soft hover:text-ink"
      >
        <ArrowLeft aria-hidden className="size-3.5" />
        {strings.back}
      </Link>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1
          dir="auto"
          className="min-w-0 max-w-full flex-[1_1_12rem] truncate text-xl font-semibold tracking-tight"
        >
          {nameMeeting(meeting)}
        </h1>
        <div className="flex items-center gap-2">
          <SourceButton meeting={meeting} />
          <Button onClick={() => onDialog('share')}>
            <Share2 aria-hidden />
            {words.share}
          </Button>
          <Button className="max-sm:w-9 max-sm:px-0" onClick={() => onDialog('export')}>
            <Upload aria-hidden />
            <span className="max-sm:sr-only">{words.export}</span>
          </Button>
          <Menu
            trigger={
              <Button look="quiet" size="icon" aria-label={words.more}>
                <Ellipsis aria-hidden />
              </Button>
            }
            groups={groups.filter((items) => items.length > 0)}
          />
        </div>
      </div>
      <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-[13px] text-soft">
        <StateBadge status={meeting.status} source={meeting.source} />
        <span>
          {meeting.source === 'bot'
            ? meetings.platform[meeting.platform]
            : meetings.list.sources[meeting.source]}
        </span>
        <span>
          <When at={actualStart ?? scheduledStart ?? createdAt} />
          {describeDuration(meeting)}
        </span>
        <span className="text-ink">
          {upload ? summariseUpload(upload) : describeState(meeting)}
        </span>
      </div>
    </header>
  );
}

function describeDuration({ actualStart, actualEnd }: Meeting): string {
  if (actualStart === null || actualEnd === null) return '';
  return ` · ${formatDuration(Date.parse(actualEnd) - Date.parse(actualStart))}`;
}
