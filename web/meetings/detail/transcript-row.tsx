'use client';

import { Copy, EarOff, FileWarning, PencilLine, Play } from 'lucide-react';
import { memo } from 'react';
import type { Segment } from '../../../domain/segment';
import { meeting } from '@/strings/meeting';
import { classes } from '@/ui/classes';
import { splitByMatch } from '../live/matches';
import { nameSpeaker, speakerColour } from '../live/speakers';
import type { Entry } from '../live/transcript';
import { formatClock } from '../times';
import { SpeakerMark } from './speaker-mark';

const strings = meeting.transcript;

export interface RowActions {
  rename: (speaker: NonNullable<Segment['speaker']>) => void;
  copy: (segment: Segment) => void;
  /** Null while there is no recording. */
  play: ((ms: number) => void) | null;
}

export interface TranscriptRowProps {
  entry: Entry;
  isTurn: boolean;
  search: string;
  /** Which occurrence of the search is the one at hand; null for none here. */
  currentMatch: number | null;
  isCited: boolean;
  /** Whether the recording is here right now. */
  isHeard: boolean;
  actions: RowActions;
}

export const TranscriptRow = memo(function TranscriptRow(props: TranscriptRowProps) {
  const { entry } = props;
  if (entry.kind === 'segment') return <SegmentRow {...props} entry={entry} />;
  const isGap = entry.kind === 'gap';
  const Icon = isGap ? EarOff : FileWarning;
  const text = isGap
    ? strings.gap(entry.gap.startMs, entry.gap.endMs, entry.gap.reason)
    : strings.failed(entry.chunk.startMs, entry.chunk.endMs);
  return (
    <div className="pt-4 pb-1">
      <div className="flex items-start gap-3 rounded-lg border border-dashed border-line-strong px-2.5 py-2 text-[13px] text-soft">
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
        <p className="min-w-0 flex-1 text-pretty">{text}</p>
        <span className="tabular-nums">{formatClock(entry.startMs)}</span>
      </div>
    </div>
  );
});

type SegmentRowProps = TranscriptRowProps & { entry: Extract<Entry, { kind: 'segment' }> };

function SegmentRow(props: SegmentRowProps) {
  const { entry, isTurn, search, currentMatch, isCited, isHeard, actions } = props;
  const { segment, isCorrected } = entry;
  const { speaker } = segment;
  const time = formatClock(segment.startMs);
  return (
    <div className={classes(isTurn && 'pt-5')}>
      {isTurn && (
        <div className="flex h-7 items-center gap-2 px-2">
          <SpeakerMark speaker={speaker} />
          <SpeakerName speaker={speaker} onRename={actions.rename} />
          <Time ms={segment.startMs} label={time} play={actions.play} />
        </div>
      )}
      <div
        aria-current={isCited || (isHeard ? 'time' : undefined)}
        className={classes(
          'group relative flex rounded-md py-0.5 pr-2 pl-11 transition-colors',
          isHeard && 'shadow-[inset_2px_0_0_var(--accent)]',
          isCited ? 'bg-accent-soft' : isHeard ? 'bg-hover' : 'hover:bg-hover',
        )}
      >
        {!isTurn && (
          <span className="absolute top-0.5 left-1 hidden w-9 justify-end group-focus-within:flex group-hover:flex">
            <Time ms={segment.startMs} label={time} play={actions.play} isBare />
          </span>
        )}
        <p
          dir="auto"
          lang={segment.language ?? undefined}
          className="min-w-0 flex-1 text-[15px] leading-relaxed wrap-anywhere"
        >
          <Highlighted text={segment.text} search={search} current={currentMatch} />
          {isCorrected && (
            <span title={strings.corrected} className="ml-1.5 inline-block align-middle text-soft">
              <PencilLine aria-hidden className="size-3" />
              <span className="sr-only">({strings.corrected})</span>
            </span>
          )}
        </p>
        <button
          type="button"
          aria-label={strings.copy}
          title={strings.copy}
          onClick={() => actions.copy(segment)}
          className="absolute top-0 right-1 grid size-7 place-items-center rounded-md border bg-raised text-soft opacity-0 shadow-sm group-hover:opacity-100 hover:text-ink focus-visible:opacity-100"
        >
          <Copy aria-hidden className="size-3.5" />
        </button>
      </div>
    </div>
  );
}

interface SpeakerNameProps {
  speaker: Segment['speaker'];
  onRename: RowActions['rename'];
}

function SpeakerName({ speaker, onRename }: SpeakerNameProps) {
  const name = nameSpeaker(speaker);
  const look = classes(
    'truncate text-[13px] font-semibold',
    speakerColour(speaker?.id ?? null).text,
  );
  if (!speaker) return <span className={look}>{name}</span>;
  return (
    <button
      type="button"
      onClick={() => onRename(speaker)}
      title={strings.renameSpeaker(name)}
      className={classes(look, 'h-6 min-w-0 rounded-sm hover:underline')}
    >
      {name}
    </button>
  );
}

interface TimeProps {
  ms: number;
  label: string;
  play: RowActions['play'];
  /** Without the sign that it can be played. */
  isBare?: boolean;
}

function Time({ ms, label, play, isBare = false }: TimeProps) {
  const look = classes(
    'flex h-6 items-center rounded text-soft tabular-nums',
    isBare ? 'text-[11px]' : 'text-xs',
  );
  if (play === null) return <span className={look}>{label}</span>;
  return (
    <button
      type="button"
      onClick={() => play(ms)}
      aria-label={strings.jump(label)}
      title={strings.jump(label)}
      className={classes(look, 'gap-1 hover:text-ink', !isBare && 'px-1')}
    >
      {!isBare && <Play aria-hidden className="size-2.5 fill-current" />}
      {label}
    </button>
  );
}

interface HighlightedProps {
  text: string;
  search: string;
  current: number | null;
}

function Highlighted({ text, search, current }: HighlightedProps) {
  if (search === '') return text;
  let nth = -1;
  return splitByMatch(text, search).map((part, index) => {
    if (!part.isMatch) return part.text;
    nth += 1;
    return (
      <mark
        key={index}
        className={classes(
          'rounded-xs bg-mark text-ink',
          nth === current && 'outline-2 outline-accent',
        )}
      >
        {part.text}
      </mark>
    );
  });
}
