'use client';

import dynamic from 'next/dynamic';
import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import type { Segment } from '../../../domain/segment';
import { meeting as strings } from '@/strings/meeting';
import { Badge } from '@/ui/badge';
import { Skeleton } from '@/ui/skeleton';
import { classes } from '@/ui/classes';
import { copyText } from '../copy-text';
import type { FollowState } from '../live/follow-meeting';
import { findEntryAt } from '../live/lane';
import { findMatches } from '../live/matches';
import { nameSpeaker } from '../live/speakers';
import type { LiveMeeting } from '../live/use-meeting-events';
import { nameMeeting } from '../names';
import type { Meeting } from '../queries';
import { formatClock } from '../times';
import { SearchBox } from './search-box';
import type { RowActions } from './transcript-row';
import { TranscriptView } from './transcript-view';

const NoWords = dynamic(() => import('./no-words').then((it) => it.NoWords));
const Player = dynamic(() => import('./player').then((it) => it.Player), {
  // as high as it is, so that nothing moves when it comes
  loading: () => <div className="h-[93px] shrink-0 border-t bg-panel sm:h-[57px]" />,
  ssr: false,
});

const words = strings.transcript;

export interface TranscriptSectionProps {
  meeting: Meeting;
  live: LiveMeeting;
  isOngoing: boolean;
  /** Whether its first words stand in the document. */
  isThere: boolean;
  cited: { segmentId: number; turn: number } | null;
  onRename: RowActions['rename'];
  /** Shows what happened, where no words are. */
  onTimeline: () => void;
}

/** Search, words and sound. */
export function TranscriptSection(props: TranscriptSectionProps) {
  const { meeting, live, isOngoing, isThere, cited, onRename, onTimeline } = props;
  const { entries } = live;
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [turn, setTurn] = useState(0);
  const [jump, setJump] = useState<{ ms: number; turn: number } | null>(null);
  const [heard, setHeard] = useState<number | null>(null);
  const search = useDeferredValue(text);
  const matches = useMemo(() => findMatches(entries, search), [entries, search]);
  const match = matches[at] ?? null;
  const { recordingUrl } = meeting;
  const hasRecording = recordingUrl !== null;
  const play = useCallback(
    (ms: number) => setJump((before) => ({ ms, turn: (before?.turn ?? 0) + 1 })),
    [],
  );
  const copy = useCallback((segment: Segment) => void copyQuote(meeting, segment), [meeting]);
  const actions = useMemo(
    () => ({ rename: onRename, copy, play: hasRecording ? play : null }),
    [onRename, copy, play, hasRecording],
  );
  // many rows are drawn after what is around them; those of a meeting that goes on, at their end
  const hasWords = useDeferredValue(
    entries.length > 0,
    isThere && !isOngoing && entries.length > 0,
  );
  // of a file nobody waits for the next word
  const isSpoken = isOngoing && meeting.source !== 'upload';
  const isEmpty = live.isCaughtUp && entries.length === 0;
  return (
    <section aria-label={words.title} className="flex h-full min-h-0 min-w-0 flex-1 flex-col">
      <div
        className={classes(
          'h-12 shrink-0 items-center gap-3 border-b px-4 sm:px-6',
          isEmpty && !isSpoken ? 'hidden' : 'flex',
        )}
      >
        <SearchBox
          text={text}
          onChange={(next) => {
            setText(next);
            setAt(0);
            setTurn(0);
          }}
          at={matches.length === 0 ? 0 : at + 1}
          count={matches.length}
          onStep={(step) => {
            if (matches.length === 0) return;
            setAt((at + step + matches.length) % matches.length);
            setTurn(turn + 1);
          }}
        />
        {isSpoken && <Connection state={live.connection} />}
      </div>
      {hasWords ? (
        <>
          <Skip to={AFTER} label={words.skip} />
          <div id={BEFORE} tabIndex={-1} className="outline-none" />
          <TranscriptView
            entries={entries}
            isThere={isThere}
            isLive={isOngoing}
            search={search}
            match={match}
            turn={turn}
            cited={cited}
            heard={heard}
            actions={actions}
          />
          <div id={AFTER} tabIndex={-1} className="outline-none" />
          <Skip to={BEFORE} label={words.skipBack} />
        </>
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto">
          {isEmpty ? <NoWords meeting={meeting} onTimeline={onTimeline} /> : <Waiting />}
        </div>
      )}
      {hasRecording ? (
        <Player
          path={recordingUrl}
          jump={jump}
          entries={entries}
          onTime={(ms) => setHeard(findEntryAt(entries, ms))}
        />
      ) : (
        entries.length > 0 && !isOngoing && <NoRecording meeting={meeting} />
      )}
    </section>
  );
}

const BEFORE = 'before-transcript';
const AFTER = 'after-transcript';

/** The way past the rows for who goes by Tab: more are drawn as the focus moves, without an end. */
function Skip({ to, label }: { to: string; label: string }) {
  return (
    <a
      href={`#${to}`}
      onClick={(event) => {
        // the address names what is cited, and stays
        event.preventDefault();
        document.getElementById(to)?.focus();
      }}
      className="sr-only z-10 self-center rounded-md bg-raised px-3 py-2 shadow-float focus:not-sr-only focus:absolute focus:mt-2"
    >
      {label}
    </a>
  );
}

/** Why nothing can be played. */
function NoRecording({ meeting: { recordingStatus, source } }: { meeting: Meeting }) {
  const { none } = strings.player;
  const isNone = recordingStatus === 'none' || recordingStatus === 'ready';
  const reason = source === 'bot' ? none.notKept : none.notMade;
  return (
    <p className="border-t px-4 py-2.5 text-center text-[13px] text-pretty text-soft">
      {isNone ? reason : none[recordingStatus]}
    </p>
  );
}

function Connection({ state }: { state: FollowState }) {
  const isGood = state === 'live' || state === 'polling';
  return (
    <span role="status" className="shrink-0">
      <Badge tone={isGood ? 'good' : 'warn'} isLive={isGood}>
        {words.connection[state]}
      </Badge>
    </span>
  );
}

function Waiting() {
  return (
    <div role="status" className="mx-auto flex max-w-3xl flex-col gap-3 p-6">
      <span className="sr-only">{strings.loading}</span>
      {[9, 11, 7, 10, 8].map((twelfths, index) => (
        <div key={index} className="flex flex-col gap-2">
          {index % 2 === 0 && <Skeleton className="h-3 w-24" />}
          <div style={{ width: `${(twelfths / 12) * 100}%` }}>
            <Skeleton />
          </div>
        </div>
      ))}
    </div>
  );
}

function copyQuote(meeting: Meeting, segment: Segment): Promise<void> {
  const url = new URL(`/meetings/${meeting.id}`, window.location.origin);
  url.hash = `s${segment.id}`;
  return copyText(
    words.citation({
      text: segment.text,
      speaker: nameSpeaker(segment.speaker),
      time: formatClock(segment.startMs),
      title: nameMeeting(meeting),
      url: url.href,
    }),
  );
}
