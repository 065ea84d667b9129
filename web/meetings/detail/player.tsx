'use client';

import { useEffect, useRef, useState } from 'react';
import { useApi } from '@/api/client';
import { meeting as strings } from '@/strings/meeting';

export interface PlayerProps {
  path: string;
  /** Where to play from, and which time it was asked for. */
  jump: { ms: number; turn: number } | null;
}

/** The recording. It loads by itself, let in by the session's cookie. */
export function Player({ path, jump }: PlayerProps) {
  const { url } = useApi();
  const element = useRef<HTMLAudioElement>(null);
  const [isMissing, setIsMissing] = useState(false);
  useEffect(() => {
    const audio = element.current;
    if (!audio || !jump) return;
    audio.currentTime = jump.ms / 1000;
    void audio.play().catch(() => setIsMissing(true));
  }, [jump]);
  return (
    <div className="border-t px-4 py-2">
      {isMissing && (
        <p role="alert" className="pb-1 text-[13px] text-bad">
          {strings.player.missing}
        </p>
      )}
      <audio
        ref={element}
        controls
        preload="metadata"
        aria-label={strings.player.label}
        src={url(path)}
        onError={() => setIsMissing(true)}
        className="mx-auto block h-10 w-full max-w-3xl"
      />
    </div>
  );
}
