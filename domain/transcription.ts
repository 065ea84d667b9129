import type { NewSegment, Word } from './segment';

/** A stretch of text as Whisper hears it; times in seconds from the start of the audio it was given. */
export interface HeardSegment {
  startSeconds: number;
  endSeconds: number;
  text: string;
  /** Mean log probability of the text's tokens; null when the worker does not say. */
  avgLogprob: number | null;
  /** Length of the decoded window's text over its length when zipped: high means repetition. */
  compressionRatio: number | null;
  noSpeechProb: number | null;
}

export interface HeardWord {
  startSeconds: number;
  endSeconds: number;
  text: string;
  probability: number | null;
}

/** What Whisper made of one piece of audio. */
export interface Heard {
  language: string | null;
  segments: HeardSegment[];
  /** Empty when the worker gives no word times. */
  words: HeardWord[];
}

/** Why a heard segment is not kept. */
export type DropCause = 'empty' | 'outside' | 'silence' | 'repetition';
export type DropCounts = Partial<Record<DropCause, number>>;

/** Where a chunk lies on the meeting's clock, in milliseconds. */
export interface ChunkSpan {
  startMs: number;
  endMs: number;
}

/**
 * Whisper's own thresholds (`transcribe()` in openai/whisper): above the first and below the second
 * a window holds no speech; above the third its decoding counts as failed by repetition.
 */
const NO_SPEECH_THRESHOLD = 0.6;
const LOGPROB_THRESHOLD = -1.0;
const COMPRESSION_RATIO_THRESHOLD = 2.4;

/**
 * A phrase said this often in a row, over at least so many words, is a decoder caught in a loop:
 * people say "no no no", hardly "no" eight times. Our own judgement; counted, so it can be checked.
 */
const LOOP = { repeats: 4, words: 8 };
/** In a window whose decoding failed by repetition, less is proof enough. */
const SUSPECTED_LOOP = { repeats: 3, words: 4 };
const LONGEST_PHRASE_WORDS = 10;
/** The same sentence in so many segments in a row is a loop too; its first one is kept. */
const EQUAL_SEGMENTS = 3;

/**
 * Puts what Whisper heard in a chunk on the meeting's clock: clipped to the chunk's span, in time
 * order, without empty text, silence and repeated-phrase hallucinations, which are counted by cause.
 */
export function toSegments(
  heard: Heard,
  span: ChunkSpan,
): { segments: NewSegment[]; dropped: DropCounts } {
  const dropped: DropCounts = {};
  const loops = findLoops(heard.segments);
  const segments: NewSegment[] = [];
  for (const segment of heard.segments) {
    const cause = loops.has(segment) ? 'repetition' : findDropCause(segment, span);
    if (cause) dropped[cause] = (dropped[cause] ?? 0) + 1;
    else segments.push(toSegment(segment, heard, span));
  }
  segments.sort((a, b) => a.startMs - b.startMs);
  return { segments, dropped };
}

function findDropCause(segment: HeardSegment, span: ChunkSpan): DropCause | null {
  if (splitWords(segment.text).length === 0) return 'empty';
  if (span.startMs + segment.startSeconds * 1000 >= span.endMs || segment.endSeconds < 0) {
    return 'outside';
  }
  const isSilent =
    (segment.noSpeechProb ?? 0) > NO_SPEECH_THRESHOLD &&
    (segment.avgLogprob ?? 0) < LOGPROB_THRESHOLD;
  return isSilent ? 'silence' : null;
}

function toSegment(segment: HeardSegment, heard: Heard, span: ChunkSpan): NewSegment {
  return {
    ...clip(segment, span),
    text: cleanText(segment.text),
    language: heard.language,
    confidence: segment.avgLogprob === null ? null : toProbability(Math.exp(segment.avgLogprob)),
    words: heard.words
      .filter((word) => isWordOf(word, segment, heard.segments))
      .map((word): Word => ({
        text: cleanText(word.text),
        ...clip(word, span),
        confidence: word.probability === null ? null : toProbability(word.probability),
      })),
  };
}

/** A word belongs to the first segment that holds its middle. */
function isWordOf(word: HeardWord, segment: HeardSegment, all: HeardSegment[]): boolean {
  const middle = (word.startSeconds + word.endSeconds) / 2;
  const owner = all.find(({ startSeconds, endSeconds }) => {
    return middle >= startSeconds && middle <= endSeconds;
  });
  return owner === segment && cleanText(word.text) !== '';
}

interface Timed {
  startSeconds: number;
  endSeconds: number;
}

/** Whole milliseconds on the meeting's clock, inside the span, never ending before they start. */
function clip({ startSeconds, endSeconds }: Timed, span: ChunkSpan): ChunkSpan {
  const place = (seconds: number): number =>
    Math.min(Math.max(Math.round(span.startMs + seconds * 1000), span.startMs), span.endMs);
  const startMs = place(startSeconds);
  return { startMs, endMs: Math.max(startMs, place(endSeconds)) };
}

/** Without control characters and halves of characters, which no database takes as text. */
function cleanText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]+/gu, ' ').trim();
}

function toProbability(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}

function splitWords(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu) ?? [];
}

/** The segments that are a decoder's loop rather than speech. */
function findLoops(segments: HeardSegment[]): Set<HeardSegment> {
  const loops = new Set<HeardSegment>();
  for (const window of splitWindows(segments)) {
    const isSuspect = (window[0]?.compressionRatio ?? 0) > COMPRESSION_RATIO_THRESHOLD;
    const pinned = [
      ...window.filter(({ text }) => isLoop(splitWords(text), isSuspect ? SUSPECTED_LOOP : LOOP)),
      ...findEqualRuns(window, isSuspect ? EQUAL_SEGMENTS - 1 : EQUAL_SEGMENTS),
    ];
    // The ratio is the whole window's: when no segment stands out, all of it is in doubt.
    for (const segment of isSuspect && pinned.length === 0 ? window : pinned) loops.add(segment);
  }
  return loops;
}

/** Segments that were decoded together: Whisper gives them the same numbers. */
function splitWindows(segments: HeardSegment[]): HeardSegment[][] {
  const windows: HeardSegment[][] = [];
  for (const segment of segments) {
    const window = windows.at(-1);
    const last = window?.at(-1);
    const isSame =
      last?.compressionRatio === segment.compressionRatio && last.avgLogprob === segment.avgLogprob;
    if (window && isSame) window.push(segment);
    else windows.push([segment]);
  }
  return windows;
}

/** Whether some phrase is said over and over, one right after the other. */
function isLoop(words: string[], limit: { repeats: number; words: number }): boolean {
  for (let length = 1; length <= Math.min(LONGEST_PHRASE_WORDS, words.length / 2); length += 1) {
    let matching = 0;
    for (let index = length; index < words.length; index += 1) {
      matching = words[index] === words[index - length] ? matching + 1 : 0;
      const said = matching + length;
      if (said >= limit.words && said >= limit.repeats * length) return true;
    }
  }
  return false;
}

/** All but the first of each run of at least `minimum` segments with the same words. */
function findEqualRuns(segments: HeardSegment[], minimum: number): HeardSegment[] {
  const found: HeardSegment[] = [];
  let run: HeardSegment[] = [];
  let runWords = '';
  const close = (): void => {
    if (run.length >= minimum) found.push(...run.slice(1));
  };
  for (const segment of segments) {
    const words = splitWords(segment.text).join(' ');
    if (words === runWords) {
      run.push(segment);
      continue;
    }
    close();
    run = [segment];
    runWords = words;
  }
  close();
  return found;
}
