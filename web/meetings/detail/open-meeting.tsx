'use client';

import { Trash2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import { Link } from '@/ui/link';
import { memo, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { UnreachableProblem } from '@/api/problems';
import { meeting as strings } from '@/strings/meeting';
import { frame } from '@/strings/frame';
import { Button } from '@/ui/button';
import { classes } from '@/ui/classes';
import { EmptyState } from '@/ui/empty-state';
import { Problem } from '@/ui/problem';
import { Skeleton } from '@/ui/skeleton';
import type { LiveMeeting } from '../live/use-meeting-events';
import { useStartRefusal, type Meeting } from '../queries';
import { isUnderWay } from '../states';
import { MeetingHeader, type MeetingDialogName } from './meeting-header';
import type { PanelName } from './side-panel';
import { TranscriptSection } from './transcript-section';

const SidePanel = dynamic(() => import('./side-panel').then((it) => it.SidePanel), {
  loading: () => <Skeleton className="m-4 h-24" />,
  ssr: false,
});
const ExportDialog = dynamic(() => import('./export-dialog').then((it) => it.ExportDialog));
const ShareDialog = dynamic(() => import('./share-dialog').then((it) => it.ShareDialog));
const RenameMeeting = dynamic(() => import('./rename-dialogs').then((it) => it.RenameMeeting));
const RenameSpeaker = dynamic(() => import('./rename-dialogs').then((it) => it.RenameSpeaker));
const DeleteMeeting = dynamic(() => import('./delete-meeting').then((it) => it.DeleteMeeting));

type Speaker = { id: number; name: string | null };

interface OpenMeetingProps {
  meeting: Meeting;
  live: LiveMeeting;
  /** Whether its first words stand in the document. */
  isThere: boolean;
}

/** A meeting whose state is known: its words, and what is about them. */
export const OpenMeeting = memo(function OpenMeeting(props: OpenMeetingProps) {
  const { meeting, live, isThere } = props;
  const [view, setView] = useState<'transcript' | 'details'>('transcript');
  const [panel, setPanel] = useState<PanelName>('analysis');
  const [dialog, setDialog] = useState<MeetingDialogName | null>(null);
  const [speaker, setSpeaker] = useState<Speaker | null>(null);
  const [cited, cite] = useCitation(live.isCaughtUp);
  const hasDetails = useHasBeen(useIsWide() || view === 'details');
  const isOngoing = isUnderWay(meeting);
  const close = (): void => setDialog(null);
  if (live.isDeleted) return <Deleted />;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <MeetingHeader
        meeting={meeting}
        hasFailedSound={live.entries.some(({ kind }) => kind === 'failed')}
        onDialog={setDialog}
      />
      <StartRefusal meeting={meeting} />
      <ViewSwitch view={view} onChange={setView} />
      <div className="flex min-h-0 flex-1">
        <div
          className={classes(
            // the rest is kept free while the document is still being read
            'min-h-0 min-w-0 flex-1 lg:block lg:max-w-[calc(100%-25rem)]',
            view === 'transcript' ? 'block' : 'hidden',
          )}
        >
          <TranscriptSection
            meeting={meeting}
            live={live}
            isOngoing={isOngoing}
            isThere={isThere}
            cited={cited}
            onRename={setSpeaker}
            onTimeline={() => {
              setView('details');
              setPanel('timeline');
            }}
          />
        </div>
        <div
          className={classes(
            'min-h-0 w-full bg-panel lg:block lg:w-100 lg:shrink-0 lg:border-l',
            view === 'details' ? 'block' : 'hidden',
          )}
        >
          {hasDetails && (
            <SidePanel
              meeting={meeting}
              live={live}
              isOngoing={isOngoing}
              panel={panel}
              onPanel={setPanel}
              onRename={setSpeaker}
              onCite={(segmentId) => {
                setView('transcript');
                cite(segmentId);
              }}
            />
          )}
        </div>
      </div>
      {dialog === 'export' && <ExportDialog meetingId={meeting.id} isOpen onOpenChange={close} />}
      {dialog === 'share' && <ShareDialog meetingId={meeting.id} isOpen onOpenChange={close} />}
      {dialog === 'rename' && <RenameMeeting meeting={meeting} onClose={close} />}
      {dialog === 'delete' && <DeleteMeeting meetingId={meeting.id} onClose={close} />}
      {speaker && (
        <RenameSpeaker meetingId={meeting.id} speaker={speaker} onClose={() => setSpeaker(null)} />
      )}
    </div>
  );
});

/** Why the bot that somebody asked for is not there; gone once one is. */
function StartRefusal({ meeting: { id, status } }: { meeting: Meeting }) {
  const refusal = useStartRefusal(id);
  if (refusal === null || isUnderWay({ source: 'bot', status })) return null;
  const isUnheard = refusal instanceof UnreachableProblem;
  return (
    <div className="border-b px-4 py-3 sm:px-6">
      <Problem error={refusal} {...(isUnheard ? { words: strings.unheardStart } : {})} />
    </div>
  );
}

/** As wide as `lg:` begins, where words and what is about them stand side by side. */
const WIDE = '(min-width: 64rem)';

function useIsWide(): boolean {
  return useSyncExternalStore(
    (onChange) => {
      const wide = window.matchMedia(WIDE);
      wide.addEventListener('change', onChange);
      return () => wide.removeEventListener('change', onChange);
    },
    () => window.matchMedia(WIDE).matches,
    () => false,
  );
}

/** Whether something is so, or was at any time before. */
function useHasBeen(isSo: boolean): boolean {
  const [hasBeen, setHasBeen] = useState(isSo);
  if (isSo && !hasBeen) setHasBeen(true);
  return hasBeen || isSo;
}

type Citation = { segmentId: number; turn: number };

/** The segment to show: one that was clicked on, or that the address names. */
function useCitation(isCaughtUp: boolean): [Citation | null, (segmentId: number) => void] {
  const [cited, setCited] = useState<Citation | null>(null);
  const cite = useCallback(
    (segmentId: number) => setCited((before) => ({ segmentId, turn: (before?.turn ?? 0) + 1 })),
    [],
  );
  useEffect(() => {
    if (!isCaughtUp) return;
    const read = (): void => {
      const id = /^#s(\d+)$/.exec(window.location.hash)?.[1];
      if (id !== undefined) cite(Number(id));
    };
    read();
    window.addEventListener('hashchange', read);
    return () => window.removeEventListener('hashchange', read);
  }, [isCaughtUp, cite]);
  return [cited, cite];
}

interface ViewSwitchProps {
  view: 'transcript' | 'details';
  onChange: (view: 'transcript' | 'details') => void;
}

/** On narrow screens words and what is about them take turns. */
function ViewSwitch({ view, onChange }: ViewSwitchProps) {
  return (
    <div
      role="group"
      aria-label={strings.view.label}
      className="flex gap-1 border-b px-4 py-2 lg:hidden"
    >
      {(['transcript', 'details'] as const).map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={view === name}
          onClick={() => onChange(name)}
          className={classes(
            'h-8 flex-1 rounded-md font-medium',
            view === name ? 'bg-hover text-ink' : 'text-soft',
          )}
        >
          {strings.view[name]}
        </button>
      ))}
    </div>
  );
}

function Deleted() {
  return (
    <EmptyState
      icon={Trash2}
      title={strings.deleted.title}
      text={strings.deleted.text}
      action={
        <Button asChild look="primary">
          <Link href="/meetings">{frame.notFound.back}</Link>
        </Button>
      }
    />
  );
}
