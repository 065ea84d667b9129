import type { Analysis, AnalysisContent } from './analysis';
import type { GapReason } from './events';

/** One thing of a transcript as people read it, in the order of time. */
export type TranscriptEntry =
  | {
      kind: 'segment';
      id: number;
      startMs: number;
      endMs: number;
      text: string;
      /** Null when nobody knows who spoke, or the person has no name. */
      speaker: string | null;
      language: string | null;
    }
  /** A stretch that could not be heard. */
  | { kind: 'gap'; startMs: number; endMs: number | null; reason: GapReason };

/** A meeting to be read: what it is, what was made of it, and what was said, page by page. */
export interface ReadableMeeting {
  id: number;
  title: string | null;
  startedAt: Date | null;
  endedAt: Date | null;
  /** Only one that is done. */
  analysis: (Analysis & { content: AnalysisContent }) | null;
  /** Reads the transcript anew each time. */
  readPages(): AsyncIterable<TranscriptEntry[]>;
}

/** `01:02:03`. */
export function formatTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** A gap as a sentence; times are left out on wish. */
export function describeGap(
  gap: { startMs: number; endMs: number | null },
  { times }: { times: boolean },
): string {
  if (!times) return 'Not heard for a while';
  if (gap.endMs === null) return `Not heard from ${formatTime(gap.startMs)} on`;
  return `Not heard from ${formatTime(gap.startMs)} to ${formatTime(gap.endMs)}`;
}

/** What a meeting is called where it has no title. */
export function nameMeeting({ id, title }: { id: number; title: string | null }): string {
  return title ?? `Meeting ${id}`;
}

/** `1 January 2026, 09:00 UTC`: in one time for everybody, since nobody's place is known. */
export function formatDay(moment: Date): string {
  const date = { day: 'numeric', month: 'long', year: 'numeric' } as const;
  const day = moment.toLocaleDateString('en-GB', { ...date, timeZone: 'UTC' });
  return `${day}, ${moment.toISOString().slice(11, 16)} UTC`;
}

/** A statement of an analysis as one line, with the segments that it rests on. */
interface AnalysisLine {
  text: string;
  segmentIds: readonly number[];
}

export interface AnalysisSection {
  title: string;
  lines: AnalysisLine[];
}

/** What an analysis says, in sections; those without a statement are left out. */
export function listAnalysisSections(content: AnalysisContent): AnalysisSection[] {
  const items = content.actionItems.map(({ text, who, due, segmentIds }) => {
    const more = [who, due].filter((part) => part !== null).join(', ');
    return { text: more === '' ? text : `${text} (${more})`, segmentIds };
  });
  return [
    { title: 'Summary', lines: content.summary },
    { title: 'Decisions', lines: content.decisions },
    { title: 'Action items', lines: items },
    { title: 'Topics', lines: content.topics },
    { title: 'Open questions', lines: content.openQuestions },
  ].filter(({ lines }) => lines.length > 0);
}

/** Whether a speaker's name has to be said before this entry, given the one before. */
export function startsTurn(entry: TranscriptEntry, before: TranscriptEntry | null): boolean {
  if (entry.kind === 'gap' || before?.kind !== 'segment') return true;
  return entry.speaker !== before.speaker;
}

/** How a speaker is called. */
export function nameSpeaker(speaker: string | null): string {
  return speaker ?? 'Unknown speaker';
}
