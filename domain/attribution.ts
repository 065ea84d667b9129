import type { SoundSpan } from './bot-api';
import type { NewSegment, Word } from './segment';

/**
 * A word is a source's own when at least so much of all sources' time within it is that source's:
 * with one voice over the whole word, another may be heard in at most a quarter of it.
 */
const MAJORITY = 0.8;
/** A source counts as heard in a word from so many milliseconds on, or half of a shorter word. */
const HEARD_MS = 80;
/** Whisper gives some words no length: they are looked at over this time around their middle. */
const SHORTEST_LOOK_MS = 100;
/**
 * Text without word times is one source's when that one is heard in half of its time and all others
 * together in at most a twentieth of what is heard: any of its words may be theirs.
 */
const WHOLE = { covered: 0.5, majority: 0.95 };

/** A stretch of the meeting's clock, in milliseconds. */
interface Stretch {
  startMs: number;
  endMs: number;
}
type Timeline = Map<string, Stretch[]>;

/**
 * Splits segments of mixed sound where the source of the words changes, by who was heard when in
 * their chunk, which begins at `chunkStartMs`. What is not certain has the source null.
 */
export function attributeSegments(
  segments: readonly NewSegment[],
  spans: readonly SoundSpan[],
  chunkStartMs: number,
): NewSegment[] {
  const timeline = makeTimeline(spans, chunkStartMs);
  return segments.flatMap((segment) => attributeSegment(segment, timeline));
}

/** Each source's spans on the meeting's clock, those that touch or overlap joined. */
function makeTimeline(spans: readonly SoundSpan[], chunkStartMs: number): Timeline {
  const timeline: Timeline = new Map();
  for (const span of [...spans].sort((a, b) => a.startMs - b.startMs)) {
    const startMs = chunkStartMs + span.startMs;
    const endMs = chunkStartMs + span.endMs;
    const heard = timeline.get(span.source) ?? [];
    const last = heard.at(-1);
    if (last && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else if (endMs > startMs) heard.push({ startMs, endMs });
    timeline.set(span.source, heard);
  }
  return timeline;
}

function attributeSegment(segment: NewSegment, timeline: Timeline): NewSegment[] {
  if (segment.words.length === 0)
    return [{ ...segment, source: findWholeSource(segment, timeline) }];
  const sources = joinLoneWords(segment.words, timeline);
  const starts = locateWords(segment.text, segment.words);
  if (starts) return split(segment, sources, starts);
  const [first] = sources;
  const isOne = sources.every((source) => source === first);
  return [{ ...segment, source: isOne && first !== undefined ? first : null }];
}

function findWholeSource(segment: Stretch, timeline: Timeline): string | null {
  const { first, total } = measure(segment, timeline);
  const isCovered = first.ms >= WHOLE.covered * (segment.endMs - segment.startMs);
  return first.ms > 0 && isCovered && first.ms >= WHOLE.majority * total ? first.source : null;
}

/**
 * The source of each word. A lone uncertain word between two of the same source is that source's
 * when no other is heard longer in it. That is no guess: either it was silent around that word and
 * nobody else can have said it, or this source spoke on through it and nothing else of that was heard.
 */
function joinLoneWords(words: readonly Word[], timeline: Timeline): (string | null)[] {
  const sources = words.map((word) => findSource(word, timeline));
  return sources.map((source, index) => {
    const before = sources[index - 1];
    if (source !== null || before == null || before !== sources[index + 1]) return source;
    const word = words[index];
    if (!word) return source;
    const { first, times } = measure(toLook(word), timeline);
    return (times.get(before) ?? 0) >= first.ms ? before : null;
  });
}

function findSource(word: Word, timeline: Timeline): string | null {
  const look = toLook(word);
  const { first, total } = measure(look, timeline);
  const isHeard = first.ms >= Math.min(HEARD_MS, (look.endMs - look.startMs) / 2);
  return isHeard && first.ms >= MAJORITY * total ? first.source : null;
}

function toLook({ startMs, endMs }: Stretch): Stretch {
  const missingMs = Math.max(0, SHORTEST_LOOK_MS - (endMs - startMs));
  return { startMs: startMs - missingMs / 2, endMs: endMs + missingMs / 2 };
}

/** How long each source is heard in a stretch, all of them together, and the longest. */
function measure(
  stretch: Stretch,
  timeline: Timeline,
): { times: Map<string, number>; total: number; first: { source: string | null; ms: number } } {
  const times = new Map<string, number>();
  let total = 0;
  let first: { source: string | null; ms: number } = { source: null, ms: 0 };
  for (const [source, heard] of timeline) {
    const ms = heard.reduce((sum, each) => sum + overlap(each, stretch), 0);
    times.set(source, ms);
    total += ms;
    if (ms > first.ms) first = { source, ms };
  }
  return { times, total, first };
}

function overlap(a: Stretch, b: Stretch): number {
  return Math.max(0, Math.min(a.endMs, b.endMs) - Math.max(a.startMs, b.startMs));
}

/**
 * Where each word begins in the text; null when the words are not the text's own, so that it cannot
 * be cut between them. At either edge a word may be missing on one side: word times round, and a
 * word may have gone to the neighbouring segment.
 */
function locateWords(text: string, words: readonly Word[]): number[] | null {
  const starts: number[] = [];
  let cursor = 0;
  for (const [index, word] of words.entries()) {
    const at = text.indexOf(word.text, cursor);
    const isMissing = at === -1;
    if (isMissing && index > 0 && index === words.length - 1) return [...starts, text.length];
    if (isMissing) return null;
    if (index > 0 && /[\p{L}\p{N}]/u.test(text.slice(cursor, at))) return null;
    starts.push(at);
    cursor = at + word.text.length;
  }
  return starts;
}

/** One segment per run of words with the same source; their texts are cuts of the whole text. */
function split(
  segment: NewSegment,
  sources: readonly (string | null)[],
  starts: readonly number[],
): NewSegment[] {
  const cuts = sources.flatMap((source, index) =>
    index > 0 && source !== sources[index - 1] && starts[index] !== segment.text.length
      ? [index]
      : [],
  );
  const bounds = [0, ...cuts, sources.length];
  return bounds.slice(0, -1).map((from, piece) => {
    const to = bounds[piece + 1] ?? sources.length;
    const isLast = to === sources.length;
    const words = segment.words.slice(from, to);
    const text = segment.text.slice(
      from === 0 ? 0 : starts[from],
      isLast ? segment.text.length : starts[to],
    );
    return {
      ...segment,
      startMs: from === 0 ? segment.startMs : (words[0]?.startMs ?? segment.startMs),
      endMs: isLast ? segment.endMs : (words.at(-1)?.endMs ?? segment.endMs),
      text: text.trim(),
      words,
      source: sources[from] ?? null,
    };
  });
}
