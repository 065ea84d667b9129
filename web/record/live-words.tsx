'use client';

import { useEffect, useState } from 'react';
import { take, useApi, type Api, type Schemas } from '@/api/client';
import { record } from '@/strings/record';

type Segment = Schemas['Segment'];

const WAIT_SECONDS = 20;
const RETRY_MS = 2_000;
/** What fits into a page without slowing it down; the meeting has all. */
const MOST_SHOWN = 200;

/** The newest words of a meeting as they come. */
export function LiveWords({ meetingId, isOver }: { meetingId: number; isOver: boolean }) {
  const segments = useSegments(meetingId);
  if (isOver && segments.length === 0) return null;
  return (
    <section aria-label={record.recorder.words} className="rounded-xl border p-4 sm:p-6">
      <h2 className="text-[13px] font-semibold text-soft">{record.recorder.words}</h2>
      {segments.length === 0 && (
        <p className="mt-2 text-[15px] text-soft">{record.recorder.noWords}</p>
      )}
      <ol aria-live="polite" className="mt-2 flex flex-col gap-1.5 text-[15px]">
        {segments.map(({ id, text }) => (
          <li key={id}>{text}</li>
        ))}
      </ol>
    </section>
  );
}

function useSegments(meetingId: number): Segment[] {
  const api = useApi();
  const [segments, setSegments] = useState<Segment[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    setSegments([]);
    void follow(api, { meetingId, signal: abort.signal }, (fresh) =>
      setSegments((before) => merge(before, fresh)),
    );
    return () => abort.abort();
  }, [api, meetingId]);
  return segments;
}

async function follow(
  { client }: Api,
  { meetingId, signal }: { meetingId: number; signal: AbortSignal },
  onSegments: (segments: Segment[]) => void,
): Promise<void> {
  let after = 0;
  while (!signal.aborted) {
    try {
      const params = { path: { id: meetingId }, query: { after, wait: WAIT_SECONDS } };
      const page = take(await client.GET('/api/meetings/{id}/transcription', { params, signal }));
      after = page.nextAfter;
      if (page.segments.length > 0) onSegments(page.segments);
    } catch {
      if (signal.aborted) return;
      // the banner tells of a lost connection; this goes on by itself
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** A segment that comes again replaces the one it corrects. */
function merge(before: readonly Segment[], fresh: readonly Segment[]): Segment[] {
  const byId = new Map([...before, ...fresh].map((segment) => [segment.id, segment]));
  return [...byId.values()].sort((one, other) => one.startMs - other.startMs).slice(-MOST_SHOWN);
}
