'use client';

import dynamic from 'next/dynamic';
import { meeting as strings } from '@/strings/meeting';
import { Skeleton } from '@/ui/skeleton';
import { Tabs } from '@/ui/tabs';
import type { LiveMeeting } from '../live/use-meeting-events';
import type { Meeting } from '../queries';
import { AnalysisPanel } from './analysis-panel';

const loading = () => <Skeleton className="h-24 w-full" />;
const PeoplePanel = dynamic(() => import('./people-panel').then((it) => it.PeoplePanel), {
  loading,
});
const TimelinePanel = dynamic(() => import('./timeline-panel').then((it) => it.TimelinePanel), {
  loading,
});
const TalkPanel = dynamic(() => import('./talk-panel').then((it) => it.TalkPanel), { loading });
const NotesPanel = dynamic(() => import('./notes-panel').then((it) => it.NotesPanel), { loading });

export interface SidePanelProps {
  meeting: Meeting;
  live: LiveMeeting;
  isOngoing: boolean;
  onRename: (speaker: { id: number; name: string | null }) => void;
  onCite: (segmentId: number) => void;
}

/** What is about the words: summary, people, timeline, chat, notes. */
export function SidePanel({ meeting, live, isOngoing, onRename, onCite }: SidePanelProps) {
  const words = strings.panel;
  const canTalk = meeting.botStatus === 'in_meeting';
  return (
    <Tabs
      label={words.label}
      className="h-full"
      contentClassName="flex-1 overflow-y-auto p-4"
      tabs={[
        {
          value: 'analysis',
          label: words.analysis,
          content: (
            <AnalysisPanel
              meeting={meeting}
              entries={live.entries}
              isSilent={live.isCaughtUp && live.entries.length === 0}
              onCite={onCite}
            />
          ),
        },
        {
          value: 'people',
          label: words.people,
          content: <PeoplePanel meetingId={meeting.id} isLive={isOngoing} onRename={onRename} />,
        },
        {
          value: 'timeline',
          label: words.timeline,
          content: <TimelinePanel meetingId={meeting.id} events={live.events} />,
        },
        {
          value: 'talk',
          label: words.talk,
          content: <TalkPanel meetingId={meeting.id} events={live.events} canTalk={canTalk} />,
        },
        { value: 'notes', label: words.notes, content: <NotesPanel meetingId={meeting.id} /> },
      ]}
    />
  );
}
