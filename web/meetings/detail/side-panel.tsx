'use client';

import dynamic from 'next/dynamic';
import type { ReactNode } from 'react';
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

const PANELS = ['analysis', 'people', 'timeline', 'talk', 'notes'] as const;
export type PanelName = (typeof PANELS)[number];

export interface SidePanelProps {
  meeting: Meeting;
  live: LiveMeeting;
  isOngoing: boolean;
  panel: PanelName;
  onPanel: (panel: PanelName) => void;
  onRename: (speaker: { id: number; name: string | null }) => void;
  onCite: (segmentId: number) => void;
}

/** What is about the words: summary, people, timeline, chat, notes. */
export function SidePanel(props: SidePanelProps) {
  const { meeting, live, isOngoing, panel, onPanel, onRename, onCite } = props;
  const words = strings.panel;
  const contents: Record<PanelName, ReactNode> = {
    analysis: (
      <AnalysisPanel
        meeting={meeting}
        entries={live.entries}
        isSilent={live.isCaughtUp && live.entries.length === 0}
        onCite={onCite}
      />
    ),
    people: <PeoplePanel meeting={meeting} isLive={isOngoing} onRename={onRename} />,
    timeline: <TimelinePanel meeting={meeting} events={live.events} />,
    talk: (
      <TalkPanel
        meetingId={meeting.id}
        events={live.events}
        canTalk={meeting.botStatus === 'in_meeting'}
      />
    ),
    notes: <NotesPanel meetingId={meeting.id} />,
  };
  // without a bot there is no call to write into
  const shown = PANELS.filter((name) => name !== 'talk' || meeting.source === 'bot');
  return (
    <Tabs
      label={words.label}
      className="h-full"
      contentClassName="flex-1 overflow-y-auto p-4"
      value={panel}
      onChange={(name) => onPanel(PANELS.find((each) => each === name) ?? 'analysis')}
      tabs={shown.map((value) => ({ value, label: words[value], content: contents[value] }))}
    />
  );
}
