'use client';

import { RefreshCw, Sparkles } from 'lucide-react';
import { useMemo } from 'react';
import { panels } from '@/strings/meeting-panels';
import { Button } from '@/ui/button';
import { EmptyState } from '@/ui/empty-state';
import { Problem } from '@/ui/problem';
import { Skeleton } from '@/ui/skeleton';
import type { Entry } from '../live/transcript';
import { useAnalyse, useAnalysis } from '../panel-queries';
import type { Analysis, Meeting } from '../queries';
import { formatClock } from '../times';

const words = panels.analysis;

export interface AnalysisPanelProps {
  meeting: Meeting;
  entries: readonly Entry[];
  /** All there is was read, and no words were among it. */
  isSilent: boolean;
  onCite: (segmentId: number) => void;
}

const OVER: readonly Meeting['status'][] = ['completed', 'failed', 'cancelled'];

/** What was made of the meeting, each statement with the words it rests on. */
export function AnalysisPanel({ meeting, entries, isSilent, onCite }: AnalysisPanelProps) {
  const query = useAnalysis(meeting.id);
  const analyse = useAnalyse(meeting.id);
  const isOver = OVER.includes(meeting.status);
  if (query.isPending) return <Waiting label={words.loading} />;
  if (query.isError) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  const analysis = query.data;
  if (analysis?.status === 'running') return <Waiting label={words.running} />;
  if (!analysis) {
    if (!isOver) {
      return <EmptyState icon={Sparkles} title={words.notYet.title} text={words.notYet.text} />;
    }
    if (isSilent) {
      return <EmptyState icon={Sparkles} title={words.noWords.title} text={words.noWords.text} />;
    }
    return (
      <EmptyState
        icon={Sparkles}
        title={words.missing.title}
        text={words.missing.text}
        action={
          <Button look="primary" isBusy={analyse.isPending} onClick={() => analyse.mutate()}>
            {words.missing.action}
          </Button>
        }
      />
    );
  }
  return (
    <div className="flex flex-col gap-5">
      {analysis.status === 'failed' && (
        <p role="alert" className="rounded-lg bg-bad-soft p-3 text-[13px]">
          <span className="font-medium">{words.failed}.</span> {analysis.error}
        </p>
      )}
      {analysis.content && <Content content={analysis.content} entries={entries} onCite={onCite} />}
      <footer className="flex flex-col items-start gap-2 border-t pt-3 text-[13px] text-soft">
        <p>
          {analysis.provider === 'local' || analysis.model === null
            ? words.local
            : words.model(analysis.model)}{' '}
          {analysis.droppedClaims > 0 && words.dropped(analysis.droppedClaims)}
        </p>
        {isOver && (
          <Button size="small" isBusy={analyse.isPending} onClick={() => analyse.mutate()}>
            <RefreshCw aria-hidden />
            {words.again}
          </Button>
        )}
      </footer>
    </div>
  );
}

function Waiting({ label }: { label: string }) {
  return (
    <div role="status" className="flex flex-col gap-3">
      <p className="text-[13px] text-soft">{label}</p>
      <Skeleton className="w-11/12" />
      <Skeleton className="w-4/5" />
      <Skeleton className="w-3/5" />
    </div>
  );
}

interface ContentProps {
  content: NonNullable<Analysis['content']>;
  entries: readonly Entry[];
  onCite: (segmentId: number) => void;
}

const SECTIONS = ['summary', 'decisions', 'actionItems', 'topics', 'openQuestions'] as const;

function Content({ content, entries, onCite }: ContentProps) {
  const startById = useMemo(
    () =>
      new Map(
        entries.flatMap((entry) =>
          entry.kind === 'segment' ? [[entry.segment.id, entry.startMs] as const] : [],
        ),
      ),
    [entries],
  );
  const filled = SECTIONS.filter((name) => content[name].length > 0);
  if (filled.length === 0) return <p className="text-soft">{words.nothing}</p>;
  return filled.map((name) => (
    <section key={name} aria-labelledby={`analysis-${name}`}>
      <h2 id={`analysis-${name}`} className="mb-1.5 text-[13px] font-semibold text-soft">
        {words.sections[name]}
      </h2>
      <ul className="flex flex-col gap-2">
        {content[name].map((claim, index) => (
          <li key={index} className="leading-relaxed text-pretty wrap-anywhere" dir="auto">
            {claim.text}
            {'who' in claim && <Owner who={claim.who} due={claim.due} />}
            <Citations segmentIds={claim.segmentIds} startById={startById} onCite={onCite} />
          </li>
        ))}
      </ul>
    </section>
  ));
}

function Owner({ who, due }: { who: string | null; due: string | null }) {
  const text = [who, due].filter((each) => each !== null).join(', ');
  return text === '' ? null : <span className="text-soft"> ({text})</span>;
}

interface CitationsProps {
  segmentIds: readonly number[];
  startById: ReadonlyMap<number, number>;
  onCite: (segmentId: number) => void;
}

function Citations({ segmentIds, startById, onCite }: CitationsProps) {
  return segmentIds.map((id) => {
    const startMs = startById.get(id);
    if (startMs === undefined) return null;
    const time = formatClock(startMs);
    return (
      <button
        key={id}
        type="button"
        aria-label={words.cite(time)}
        onClick={() => onCite(id)}
        className="ml-1.5 inline-flex h-6 items-center rounded bg-accent-soft px-1.5 align-baseline text-xs font-medium text-accent tabular-nums hover:underline"
      >
        {time}
      </button>
    );
  });
}
