import { AudioLines, FileAudio, Mic, type LucideIcon } from 'lucide-react';
import { Link } from '@/ui/link';
import { meetings } from '@/strings/meetings';
import { nameMeeting } from '../names';
import type { Meeting } from '../queries';
import { StateBadge } from '../state-badge';
import { findReason } from '../states';
import { formatDuration } from '../times';
import { When } from '../when';

const ICONS: Record<Meeting['source'], LucideIcon> = {
  bot: AudioLines,
  recorder: Mic,
  upload: FileAudio,
};

/** A meeting in a list: what, when, and how it stands, in words where it went wrong. */
export function MeetingRow({ meeting }: { meeting: Meeting }) {
  const Icon = ICONS[meeting.source];
  const reason = findReason(meeting);
  const { actualStart, scheduledStart, createdAt } = meeting;
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
            <span className="block truncate sm:inline">
              <When at={actualStart ?? scheduledStart ?? createdAt} />
              {describe(meeting)}
            </span>
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

/** Where it was, and how long. */
function describe({ actualStart, actualEnd, source, platform }: Meeting): string {
  const where = source === 'bot' ? meetings.platform[platform] : meetings.list.sources[source];
  if (actualStart === null || actualEnd === null) return ` · ${where}`;
  return ` · ${where} · ${formatDuration(Date.parse(actualEnd) - Date.parse(actualStart))}`;
}
