import type { MeetingEvent } from '../../../domain/events';
import type { Segment } from '../../../domain/segment';

export type Gap = Extract<MeetingEvent['event'], { type: 'gap' }>;
export type FailedChunk = Extract<MeetingEvent['event'], { type: 'chunk.failed' }>;

/** One thing of a transcript, in the order of time. */
export type Entry =
  | { kind: 'segment'; key: string; startMs: number; segment: Segment; isCorrected: boolean }
  | { kind: 'gap'; key: string; startMs: number; gap: Gap }
  | { kind: 'failed'; key: string; startMs: number; chunk: FailedChunk };

/** Everything on a meeting's cursor, as far as it came. */
export interface MeetingState {
  seq: number;
  entries: readonly Entry[];
  /** All that is no segment, oldest first. */
  events: readonly MeetingEvent[];
}

export const EMPTY_STATE: MeetingState = { seq: 0, entries: [], events: [] };

/** The state with more events laid over it; what is known already changes nothing. */
export function applyEvents(state: MeetingState, incoming: readonly MeetingEvent[]): MeetingState {
  const fresh = incoming.filter(({ seq }) => seq > state.seq);
  const last = fresh.at(-1);
  if (last === undefined) return state;
  const changed = new Map<string, Entry>();
  const events: MeetingEvent[] = [];
  for (const each of fresh) {
    const entry = toEntry(each);
    if (entry) changed.set(entry.key, entry);
    if (each.event.type !== 'segment' && each.event.type !== 'segment.updated') events.push(each);
  }
  return {
    seq: last.seq,
    entries: merge(state.entries, changed),
    events: events.length === 0 ? state.events : [...state.events, ...events],
  };
}

function toEntry({ seq, event }: MeetingEvent): Entry | null {
  switch (event.type) {
    case 'segment':
    case 'segment.updated':
      return {
        kind: 'segment',
        key: `s${event.segment.id}`,
        startMs: event.segment.startMs,
        segment: event.segment,
        isCorrected: event.type === 'segment.updated',
      };
    case 'gap':
      return {
        kind: 'gap',
        // a gap that is told again has an end by then
        key: `g${event.attempt}-${event.startMs}`,
        startMs: event.startMs,
        gap: event,
      };
    case 'chunk.failed':
      return { kind: 'failed', key: `f${seq}`, startMs: event.startMs, chunk: event };
    default:
      return null;
  }
}

/** New entries mostly come last: those are appended, all others cost one sort. */
function merge(entries: readonly Entry[], changed: Map<string, Entry>): readonly Entry[] {
  if (changed.size === 0) return entries;
  const merged = entries.map((entry) => {
    const newer = changed.get(entry.key);
    if (!newer) return entry;
    changed.delete(entry.key);
    return newer;
  });
  merged.push(...changed.values());
  const isSorted = merged.every((entry, at) => at === 0 || compare(merged[at - 1], entry) <= 0);
  return isSorted ? merged : merged.sort(compare);
}

function compare(before: Entry | undefined, entry: Entry): number {
  if (before === undefined) return 0;
  return before.startMs - entry.startMs || idOf(before) - idOf(entry);
}

function idOf(entry: Entry): number {
  return entry.kind === 'segment' ? entry.segment.id : 0;
}

/** Whether the speaker has to be named before this entry. */
export function startsTurn(entry: Entry, before: Entry | undefined): boolean {
  if (entry.kind !== 'segment' || before?.kind !== 'segment') return true;
  return speakerKey(entry.segment) !== speakerKey(before.segment);
}

function speakerKey({ speaker }: Segment): string {
  return speaker === null ? 'unknown' : String(speaker.id);
}
