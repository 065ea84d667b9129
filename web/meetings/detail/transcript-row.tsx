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
    <div className="py-2">
      <p className="flex items-center gap-2.5 rounded-md border border-dashed border-line-strong px-3 py-2 text-[13px] text-soft">
        <Icon aria-hidden className="size-4 shrink-0" />
        <span className="tabular-nums">{formatClock(entry.startMs)}</span>
        {text}
      </p>
    </div>
  );
});

type SegmentRowProps = TranscriptRowProps & { entry: Extract<Entry, { kind: 'segment' }> };

function SegmentRow({ entry, isTurn, search, currentMatch, isCited, actions }: SegmentRowProps) {
  const { segment, isCorrected } = entry;
  const { speaker } = segment;
  const name = nameSpeaker(speaker);
  const time = formatClock(segment.startMs);
  return (
    <div className={classes(isTurn && 'pt-4')}>
      {isTurn && (
        <div className="flex items-baseline gap-2 px-2 pb-0.5">
          {speaker ? (
            <button
              type="button"
              onClick={() => actions.rename(speaker)}
              title={strings.renameSpeaker(name)}
              className={classes(
                'rounded-sm text-[13px] font-semibold hover:underline',
                speakerColour(speaker),
              )}
            >
              {name}
            </button>
          ) : (
            <span className="text-[13px] font-semibold text-soft">{name}</span>
          )}
          <Time ms={segment.startMs} label={time} play={actions.play} />
        </div>
      )}
      <div
        aria-current={isCited || undefined}
        className={classes(
          'group relative flex gap-2 rounded-md px-2 py-0.5 transition-colors hover:bg-hover',
          isCited && 'bg-accent-soft hover:bg-accent-soft',
        )}
      >
        <p
          dir="auto"
          lang={segment.language ?? undefined}
          className="min-w-0 flex-1 text-[15px] leading-relaxed text-pretty wrap-anywhere"
        >
          <Highlighted text={segment.text} search={search} current={currentMatch} />
          {isCorrected && (
            <span title={strings.corrected} className="ml-1.5 inline-block align-middle text-soft">
              <PencilLine aria-hidden className="size-3" />
              <span className="sr-only">({strings.corrected})</span>
            </span>
          )}
        </p>
        <div className="absolute -top-1 right-1 hidden items-center gap-1 rounded-md border bg-raised px-1 shadow-sm group-focus-within:flex group-hover:flex">
          {!isTurn && <Time ms={segment.startMs} label={time} play={actions.play} />}
          <button
            type="button"
            aria-label={strings.copy}
            title={strings.copy}
            onClick={() => actions.copy(segment)}
            className="grid size-6 place-items-center rounded text-soft hover:text-ink"
          >
            <Copy aria-hidden className="size-3.5" />
          </button>
        </div>
      </div>
    </div>
  );
}

function Time({ ms, label, play }: { ms: number; label: string; play: RowActions['play'] }) {
  const look = 'text-xs text-soft tabular-nums';
  if (play === null) return <span className={look}>{label}</span>;
  return (
    <button
      type="button"
      onClick={() => play(ms)}
      title={strings.jump(label)}
      className={classes(look, 'flex h-6 items-center gap-1 rounded px-1 hover:text-ink')}
    >
      <Play aria-hidden className="size-2.5 fill-current" />
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
