import { AudioLines, FileAudio, Mic, type LucideIcon } from 'lucide-react';
import { Link } from '@/ui/link';
import { meetings } from '@/strings/meetings';
import { nameMeeting } from '../names';
import type { Meeting } from '../queries';
import { StateBadge } from '../state-badge';
import { findReason } from '../states';
import { formatDuration, formatMoment } from '../times';

const ICONS: Record<Meeting['source'], LucideIcon> = {
  bot: AudioLines,
  recorder: Mic,
  upload: FileAudio,
};

/** A meeting in a list: what, when, and how it stands, in words where it went wrong. */
export function MeetingRow({ meeting }: { meeting: Meeting }) {
  const Icon = ICONS[meeting.source];
  const reason = findReason(meeting);
  return (
    <li className="border-b last:border-b-0">
      <Link
        href={`/meetings/${meeting.id}`}
        className="flex items-center gap-3 px-3 py-3 transition-colors hover:bg-hover focus-visible:-outline-offset-2"
      >
        <span className="grid size-9 shrink-0 place-items-center rounded-lg bg-accent-soft text-accent">
          <Icon aria-hidden className="size-4" />
        </span>
        <span className="min-w-0 flex-1">
          <span dir="auto" className="block truncate font-medium">
            {nameMeeting(meeting)}
          </span>
          <span className="block text-[13px] text-soft sm:truncate">
            <span className="block truncate sm:inline">{describe(meeting)}</span>
            {reason !== null && (
              <span className="block text-pretty text-ink sm:inline">
                <span aria-hidden className="max-sm:hidden">
                  {' · '}
                </span>
                {reason}
              </span>
            )}
          </span>
        </span>
        <StateBadge status={meeting.status} source={meeting.source} />
      </Link>
    </li>
  );
}

function describe(meeting: Meeting): string {
  const { actualStart, actualEnd, scheduledStart, createdAt, source, platform } = meeting;
  const where = source === 'bot' ? meetings.platform[platform] : meetings.list.sources[source];
  const parts = [formatMoment(actualStart ?? scheduledStart ?? createdAt), where];
  if (actualStart !== null && actualEnd !== null) {
    parts.push(formatDuration(Date.parse(actualEnd) - Date.parse(actualStart)));
  }
  return parts.join(' · ');
}
