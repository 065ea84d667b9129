'use client';

import { useMemo } from 'react';
import { meeting as strings } from '@/strings/meeting';
import { drawLane, LANE_STEPS } from '../live/lane';
import { speakerColour } from '../live/speakers';
import type { Entry } from '../live/transcript';
import { formatClock } from '../times';

const words = strings.player;
/** What an arrow key moves by. */
const STEP_MS = 5_000;

export interface SpeakerLaneProps {
  entries: readonly Entry[];
  durationMs: number;
  ms: number;
  onSeek: (ms: number) => void;
}

/** The length of the recording in its speakers' colours, and where it is: to be moved through. */
export function SpeakerLane({ entries, durationMs, ms, onSeek }: SpeakerLaneProps) {
  return (
    <div className="relative order-1 h-8 min-w-0 flex-1 basis-full xl:order-none xl:basis-0">
      <Lane entries={entries} durationMs={durationMs} />
      <input
        type="range"
        aria-label={words.place}
        aria-valuetext={words.placeOf(formatClock(ms), formatClock(durationMs))}
        className="scrubber absolute inset-0 w-full"
        min={0}
        max={Math.max(1, Math.round(durationMs))}
        step={1}
        value={Math.round(ms)}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -STEP_MS, ArrowRight: STEP_MS }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          onSeek(ms + step);
        }}
        onChange={(event) => onSeek(Number(event.target.value))}
      />
    </div>
  );
}

function Lane({ entries, durationMs }: Pick<SpeakerLaneProps, 'entries' | 'durationMs'>) {
  const lane = useMemo(() => drawLane(entries, durationMs), [entries, durationMs]);
  return (
    <svg
      aria-hidden
      viewBox={`0 0 ${LANE_STEPS} 8`}
      preserveAspectRatio="none"
      className="absolute inset-x-0 top-3 h-2 w-full overflow-hidden rounded-full bg-line"
    >
      {lane.map(({ kind, speakerId, from, to }) => (
        <rect
          key={from}
          x={from}
          width={to - from}
          height={8}
          className={kind === 'gap' ? 'fill-page' : speakerColour(speakerId).mark}
        />
      ))}
    </svg>
  );
}
