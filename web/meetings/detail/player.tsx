'use client';

import { Pause, Play, RotateCcw, RotateCw } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useApi } from '@/api/client';
import { meeting as strings } from '@/strings/meeting';
import { Button } from '@/ui/button';
import type { Entry } from '../live/transcript';
import { formatClock } from '../times';
import { SpeakerLane } from './speaker-lane';

const words = strings.player;
const SKIP_SECONDS = 10;
const SPEEDS = [1, 1.25, 1.5, 1.75, 2] as const;

export interface PlayerProps {
  path: string;
  /** Where to play from, and which time it was asked for. */
  jump: { ms: number; turn: number } | null;
  entries: readonly Entry[];
  /** Told where it is as it plays. */
  onTime: (ms: number) => void;
}

/** The recording, with who speaks when. It loads by itself, let in by the session's cookie. */
export function Player({ path, jump, entries, onTime }: PlayerProps) {
  const { url } = useApi();
  const element = useRef<HTMLAudioElement>(null);
  const [isMissing, setIsMissing] = useState(false);
  const [isPlaying, setIsPlaying] = useState(false);
  const [ms, setMs] = useState(0);
  const [soundMs, setSoundMs] = useState(0);
  const [speed, setSpeed] = useState<number>(1);
  const durationMs = soundMs > 0 ? soundMs : endOf(entries);
  const play = (): void =>
    void element.current?.play().catch((error: unknown) => setIsMissing(!isAbort(error)));
  const seek = (to: number): void => {
    const audio = element.current;
    if (!audio) return;
    audio.currentTime = Math.min(Math.max(0, to), durationMs) / 1000;
    setMs(audio.currentTime * 1000);
    onTime(audio.currentTime * 1000);
  };
  useEffect(() => {
    const audio = element.current;
    if (!audio || !jump) return;
    audio.currentTime = jump.ms / 1000;
    void audio.play().catch((error: unknown) => setIsMissing(!isAbort(error)));
  }, [jump]);
  const changeSpeed = (): void => {
    const next = SPEEDS[(SPEEDS.findIndex((each) => each === speed) + 1) % SPEEDS.length] ?? 1;
    setSpeed(next);
    if (element.current) element.current.playbackRate = next;
  };
  return (
    <div role="group" aria-label={words.label} className="shrink-0 border-t bg-panel px-4 sm:px-6">
      <div className="mx-auto flex max-w-3xl flex-wrap items-center gap-x-3 gap-y-1 py-2.5">
        {isMissing && (
          <p role="alert" className="w-full text-[13px] text-bad">
            {words.missing}
          </p>
        )}
        <div className="order-2 flex items-center xl:order-none">
          <Skip label={words.back} onClick={() => seek(ms - SKIP_SECONDS * 1000)}>
            <RotateCcw aria-hidden />
          </Skip>
          <Button
            look="primary"
            size="icon"
            className="mx-1 rounded-full"
            aria-label={isPlaying ? words.pause : words.play}
            onClick={() => (isPlaying ? element.current?.pause() : play())}
          >
            {isPlaying ? (
              <Pause aria-hidden className="fill-current" />
            ) : (
              <Play aria-hidden className="translate-x-px fill-current" />
            )}
          </Button>
          <Skip label={words.ahead} onClick={() => seek(ms + SKIP_SECONDS * 1000)}>
            <RotateCw aria-hidden />
          </Skip>
        </div>
        <SpeakerLane entries={entries} durationMs={durationMs} ms={ms} onSeek={seek} />
        <span className="order-2 text-[13px] whitespace-nowrap text-soft tabular-nums max-xl:ml-auto xl:order-none">
          <span className="text-ink">{formatClock(ms)}</span> / {formatClock(durationMs)}
        </span>
        <Button
          look="quiet"
          size="small"
          className="order-2 w-13 tabular-nums xl:order-none"
          aria-label={words.speed(speed)}
          title={words.speed(speed)}
          onClick={changeSpeed}
        >
          {speed}×
        </Button>
      </div>
      <audio
        ref={element}
        preload="metadata"
        src={url(path)}
        onPlay={() => setIsPlaying(true)}
        onPause={() => setIsPlaying(false)}
        onLoadedMetadata={({ currentTarget: { duration } }) =>
          setSoundMs(Number.isFinite(duration) ? duration * 1000 : 0)
        }
        onTimeUpdate={({ currentTarget }) => {
          setMs(currentTarget.currentTime * 1000);
          onTime(currentTarget.currentTime * 1000);
        }}
        onError={() => setIsMissing(true)}
      />
    </div>
  );
}

function Skip({
  label,
  onClick,
  children,
}: {
  label: string;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <Button look="quiet" size="icon" aria-label={label} title={label} onClick={onClick}>
      {children}
    </Button>
  );
}

/** Playing was asked for again, or stopped, before it had begun. */
function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** As long as what was said, until the sound itself tells. */
function endOf(entries: readonly Entry[]): number {
  const last = entries.at(-1);
  if (!last) return 0;
  return last.kind === 'segment' ? last.segment.endMs : last.startMs;
}
