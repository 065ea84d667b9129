import type { AnalysisSegment } from '../../../domain/analysis';
import { parseSentence, splitIntoSentences } from './language';
import type { ParsedSentence } from './language';

/** One sentence of one speaker and the segments it was said in. */
export interface Sentence extends ParsedSentence {
  text: string;
  segmentIds: number[];
  speakerId: number | null;
  speakerName: string | null;
  startMs: number;
  /** The sentences around it in the same turn. */
  before: Sentence | null;
  after: Sentence | null;
}

/** What one speaker said without a longer pause, also while others spoke. */
interface Turn {
  segments: AnalysisSegment[];
}

/** A pause within a turn; the bot cuts chunks at shorter ones. */
const PAUSE_IN_TURN_MS = 2_000;
/** A pause within an unfinished sentence: thinking takes longer than breathing. */
const PAUSE_IN_SENTENCE_MS = 8_000;
/** Whisper ends what it hears with a full stop, also where the chunk was cut in mid-sentence. */
const CUT_IN_MIDDLE =
  /\b(by|on|the|a|an|to|and|or|of|for|in|with|until|before|our|my|your|next|this)[.…]*$/i;

/** The sentences of a transcript in the order they were begun. */
export function findSentences(segments: readonly AnalysisSegment[]): Sentence[] {
  return findTurns(segments)
    .flatMap(splitTurn)
    .sort((a, b) => a.startMs - b.startMs);
}

function findTurns(segments: readonly AnalysisSegment[]): Turn[] {
  const turns: Turn[] = [];
  const latest = new Map<number, Turn>();
  let unknown: Turn | undefined;
  for (const segment of segments) {
    if (segment.text.trim() === '') continue;
    const open = segment.speakerId === null ? unknown : latest.get(segment.speakerId);
    const turn = open && goesOn(open, segment) ? open : { segments: [] };
    if (turn !== open) turns.push(turn);
    turn.segments.push(segment);
    // Unknown speech around somebody else's may be two people: it is one turn only in a row.
    unknown = segment.speakerId === null ? turn : undefined;
    if (segment.speakerId !== null) latest.set(segment.speakerId, turn);
  }
  return turns;
}

function goesOn({ segments }: Turn, next: AnalysisSegment): boolean {
  const last = segments[segments.length - 1];
  if (!last) return true;
  const text = last.text.trim();
  const isFinished = /[.!?]["')]*$/.test(text) && !CUT_IN_MIDDLE.test(text);
  return next.startMs - last.endMs <= (isFinished ? PAUSE_IN_TURN_MS : PAUSE_IN_SENTENCE_MS);
}

function splitTurn({ segments }: Turn): Sentence[] {
  let text = '';
  const spans = segments.map((segment) => {
    text = text.replace(CUT_IN_MIDDLE, '$1');
    if (text !== '') text += ' ';
    const from = text.length;
    text += segment.text.trim().replace(/\s+/g, ' ');
    return { segment, from, to: text.length };
  });
  let at = 0;
  const sentences: Sentence[] = [];
  for (const sentence of splitIntoSentences(text)) {
    const from = Math.max(at, text.indexOf(sentence, at));
    at = from + sentence.length;
    const said = spans.filter((span) => span.from < at && span.to > from).map((s) => s.segment);
    const [first] = said;
    if (!first) continue;
    const before = sentences[sentences.length - 1] ?? null;
    const made: Sentence = {
      ...parseSentence(sentence),
      text: sentence,
      segmentIds: said.map(({ id }) => id),
      speakerId: first.speakerId,
      speakerName: first.speakerName,
      startMs: first.startMs,
      before,
      after: null,
    };
    if (before) before.after = made;
    sentences.push(made);
  }
  return sentences;
}

/** Whether a sentence ends with a question mark, also within quotes or brackets. */
export function isQuestion({ text }: Sentence): boolean {
  return /\?["')]*$/.test(text);
}

/** Ids of several sentences, each once, in order. */
export function citeAll(sentences: readonly Sentence[]): number[] {
  return [...new Set(sentences.flatMap(({ segmentIds }) => segmentIds))];
}

/** Several sentences as one text. */
export function joinTexts(sentences: readonly Sentence[]): string {
  return sentences.map(({ text }) => text).join(' ');
}
