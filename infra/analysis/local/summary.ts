import type { AnalysisContent } from '../../../domain/analysis';
import { isQuestion, type Sentence } from './sentences';

const SENTENCES_PER_LINE = 5;
const MAX_LINES = 10;
/** Fewer words of substance than this and a sentence says nothing by itself. */
const MIN_WORDS = 3;
/** A sentence that an action item or decision rests on counts this much more. */
const CITED_BONUS = 1.5;

/** The sentences that carry most of the meeting's words, in the order they were said. */
export function summarise(
  sentences: readonly Sentence[],
  citedIds: ReadonlySet<number>,
): AnalysisContent['summary'] {
  const counts = new Map<string, number>();
  for (const stem of sentences.flatMap(stemsOf)) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  const score = (sentence: Sentence): number => {
    const stems = stemsOf(sentence);
    const weight = stems.reduce((sum, stem) => sum + Math.log2(1 + (counts.get(stem) ?? 0)), 0);
    const isCited = sentence.segmentIds.some((id) => citedIds.has(id));
    // The root keeps long sentences from winning by length alone.
    return (weight / Math.sqrt(stems.length)) * (isCited ? CITED_BONUS : 1);
  };
  const lines = Math.min(MAX_LINES, Math.ceil(sentences.length / SENTENCES_PER_LINE));
  const telling = sentences.filter(
    (sentence) => !isQuestion(sentence) && stemsOf(sentence).length >= MIN_WORDS,
  );
  return (telling.length > 0 ? telling : sentences.slice(0, 1))
    .map((sentence) => ({ sentence, score: score(sentence) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, lines)
    .sort((a, b) => a.sentence.startMs - b.sentence.startMs)
    .map(({ sentence: { speakerName, text, segmentIds } }) => ({
      text: speakerName === null ? text : `${speakerName}: ${text}`,
      segmentIds,
    }));
}

function stemsOf({ tokens }: Sentence): string[] {
  return tokens
    .filter(({ isStopWord, partOfSpeech }) => !isStopWord && partOfSpeech !== 'PUNCT')
    .map(({ stem }) => stem);
}
