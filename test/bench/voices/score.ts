import type { Segment } from '../../../domain/segment';
import { measureWordErrorRate } from '../../../temporal-dev/demo/word-error-rate';
import type { ScriptLine } from './script';

export interface Score {
  /** Of all words heard, in shares of 1: under the right name, under none, under a wrong one. */
  right: number;
  unattributed: number;
  wrong: number;
  /** Word error rate of everything said, whoever it is attributed to. */
  words: number;
  /** Word error rate per speaker, of what stands under their name, averaged by words said. */
  wordsByName: number;
}

/** A word's place may be off by this much, as Whisper tells it. */
const PLACE_TOLERANCE_MS = 400;

/** Compares a transcript with what was said; `startMs` is the script's beginning on its clock. */
export function scoreTranscript(
  script: readonly ScriptLine[],
  segments: readonly Segment[],
  startMs: number,
): Score {
  const spoken = script.map(({ person, atMs, fromMs, toMs, text }) => ({
    person,
    text,
    startMs: startMs + atMs,
    endMs: startMs + atMs + toMs - fromMs,
  }));
  const words = segments.flatMap((segment) =>
    (segment.words ?? []).map((word) => ({ ...word, name: segment.speaker?.name ?? null })),
  );
  const speakersAt = (fromMs: number, toMs: number): string[] =>
    spoken
      .filter(
        (line) =>
          line.startMs - PLACE_TOLERANCE_MS < toMs && line.endMs + PLACE_TOLERANCE_MS > fromMs,
      )
      .map((line) => line.person);
  const named = words.filter(({ name }) => name !== null);
  const right = named.filter(({ name, startMs: from, endMs: to }) =>
    speakersAt(from, to).includes(name ?? ''),
  );
  const names = [...new Set(spoken.map((line) => line.person))];
  const total = countWords(spoken.map((line) => line.text).join(' '));
  const byName = names.map((name) => {
    const said = spoken
      .filter((line) => line.person === name)
      .map((line) => line.text)
      .join(' ');
    const heard = segments.filter((one) => one.speaker?.name === name).map((one) => one.text);
    return measureWordErrorRate(said, heard.join(' ')) * countWords(said);
  });
  const inOrder = spoken.toSorted((a, b) => a.startMs - b.startMs);
  return {
    right: right.length / words.length,
    unattributed: (words.length - named.length) / words.length,
    wrong: (named.length - right.length) / words.length,
    words: measureWordErrorRate(
      inOrder.map((line) => line.text).join(' '),
      segments.map((one) => one.text).join(' '),
    ),
    wordsByName: byName.reduce((sum, each) => sum + each, 0) / total,
  };
}

function countWords(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}
