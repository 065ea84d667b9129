'use client';

import type { SearchResult } from '../../domain/search';
import { Link } from '@/ui/link';
import type { KeyboardEvent } from 'react';
import { nameMeeting } from '@/meetings/names';
import { meetings } from '@/strings/meetings';
import { search } from '@/strings/search';
import { formatDay, formatPlace } from '@/time/format';
import { makeSnippet } from './snippet';

/** Where a meeting opens at what was said. */
function linkToSegment({ meeting, segmentId }: SearchResult): string {
  return `/meetings/${meeting.id}#s${segmentId}`;
}

/** What was found, best first; the arrow keys go through it. */
export function ResultList({ results }: { results: readonly SearchResult[] }) {
  return (
    <ol aria-label={search.results} className="flex flex-col gap-2" onKeyDown={moveByArrows}>
      {results.map((result) => (
        <li key={result.segmentId}>
          <ResultLink result={result} />
        </li>
      ))}
    </ol>
  );
}

function ResultLink({ result }: { result: SearchResult }) {
  const { meeting, speaker, at, startMs } = result;
  const title = nameMeeting(meeting);
  const moment = at ?? meeting.startedAt;
  return (
    <Link
      href={linkToSegment(result)}
      className="block rounded-lg border bg-raised px-4 py-3 transition-colors hover:border-line-strong hover:bg-hover"
    >
      <span className="flex flex-wrap items-baseline gap-x-2 text-[13px] text-soft">
        <span className="max-w-full truncate font-medium text-ink">{title}</span>
        <span>{meetings.platform[meeting.platform]}</span>
        {moment && <time dateTime={moment}>{formatDay(moment)}</time>}
        <span className="ml-auto font-medium text-accent tabular-nums">{formatPlace(startMs)}</span>
      </span>
      <span className="mt-1 block text-pretty break-words">
        <span className="font-medium">{speaker?.name ?? search.somebody}: </span>
        {makeSnippet(result.parts).map((part, index) =>
          part.isMatch ? (
            <mark key={index} className="rounded-sm bg-mark px-0.5 text-ink">
              {part.text}
            </mark>
          ) : (
            <span key={index}>{part.text}</span>
          ),
        )}
      </span>
    </Link>
  );
}

function moveByArrows(event: KeyboardEvent<HTMLOListElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const next = links[links.findIndex((link) => link === document.activeElement) + step];
  event.preventDefault();
  if (next) return next.focus();
  if (step < 0) document.querySelector<HTMLInputElement>('input[type=search]')?.focus();
}
