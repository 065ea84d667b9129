'use client';

import { PencilLine } from 'lucide-react';
import type { Schemas } from 'meetings-client';
import { meeting as strings } from '@/strings/meeting';
import { panels } from '@/strings/meeting-panels';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { classes } from '@/ui/classes';
import { Problem } from '@/ui/problem';
import { Skeleton } from '@/ui/skeleton';
import { speakerColour } from '../live/speakers';
import { usePeople } from '../panel-queries';
import type { Meeting } from '../queries';
import { formatDuration } from '../times';
import { SpeakerMark } from './speaker-mark';

const words = panels.people;

type Person = Schemas['Participant'];

export interface PeoplePanelProps {
  meeting: Meeting;
  isLive: boolean;
  onRename: (speaker: { id: number; name: string | null }) => void;
}

/** Who was there, and how long each spoke. */
export function PeoplePanel({ meeting, isLive, onRename }: PeoplePanelProps) {
  const query = usePeople(meeting.id, isLive);
  if (query.isPending) {
    return (
      <div role="status" className="flex flex-col gap-3">
        <span className="sr-only">{words.loading}</span>
        <Skeleton className="w-1/2" />
        <Skeleton className="w-2/3" />
      </div>
    );
  }
  if (query.isError) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  const { participants, unknown } = query.data;
  const allMs = participants.reduce((sum, each) => sum + each.talkMs, unknown.talkMs);
  if (participants.length === 0) {
    return <p className="text-soft">{meeting.source === 'bot' ? words.empty : words.noCall}</p>;
  }
  return (
    <ul className="flex flex-col gap-4">
      {participants.map((person) => (
        <li key={person.id}>
          <div className="flex min-h-7 items-center gap-2.5">
            <SpeakerMark speaker={person} isBot={person.role === 'bot'} />
            <span className="truncate font-medium">
              {person.name ?? strings.transcript.unknownSpeaker}
            </span>
            <Role person={person} />
            {person.role !== 'bot' && (
              <Button
                look="quiet"
                size="small-icon"
                className="ml-auto"
                aria-label={strings.transcript.renameSpeaker(
                  person.name ?? strings.transcript.unknownSpeaker,
                )}
                onClick={() => onRename(person)}
              >
                <PencilLine aria-hidden />
              </Button>
            )}
          </div>
          <TalkBar talkMs={person.talkMs} allMs={allMs} fill={speakerColour(person.id).fill} />
        </li>
      ))}
      {unknown.talkMs > 0 && (
        <li>
          <span className="text-soft">{words.unknown}</span>
          <TalkBar talkMs={unknown.talkMs} allMs={allMs} fill="bg-soft" />
        </li>
      )}
    </ul>
  );
}

function Role({ person }: { person: Person }) {
  if (person.role === 'bot') return <Badge>{words.bot}</Badge>;
  return (
    <>
      {person.role === 'host' && <Badge>{words.host}</Badge>}
      {person.leftAt !== null && <span className="text-[13px] text-soft">{words.left}</span>}
    </>
  );
}

function TalkBar({ talkMs, allMs, fill }: { talkMs: number; allMs: number; fill: string }) {
  const share = allMs === 0 ? 0 : Math.round((talkMs / allMs) * 100);
  return (
    <>
      <div aria-hidden className="my-1 h-1.5 overflow-hidden rounded-full bg-hover">
        <div className={classes('h-full rounded-full', fill)} style={{ width: `${share}%` }} />
      </div>
      <p className="text-[13px] text-soft">
        {talkMs === 0 ? words.silent : words.talked(formatDuration(talkMs), share)}
      </p>
    </>
  );
}
