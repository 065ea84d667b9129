import type { AnalysisContent } from '../../../domain/analysis';
import type { Token } from './language';
import { citeAll, type Sentence } from './sentences';

type Topic = AnalysisContent['topics'][number];

const NAMED_TOPICS = [
  /\btopic(?: for today| today| now)? is (.+)$/i,
  /\blet(?:'s| us) (?:talk|speak) about (.+)$/i,
  /\bmoving on to (.+)$/i,
  /\bon (?:the|our|today's) agenda (?:is|are) (.+)$/i,
];
const GENERAL = new Set(
  'thing one everything something anything question topic time day week month year way lot idea bit people meeting today morning good thank thanks'.split(
    ' ',
  ),
);
const MAX_TOPICS = 6;

interface Phrase {
  text: string;
  stems: string[];
  sentences: Sentence[];
}

/** Topics that were named as such, then the noun phrases the meeting was most about. */
export function findTopics(sentences: readonly Sentence[]): Topic[] {
  const speakers = new Set(
    sentences.flatMap(({ speakerName }) => speakerName?.toLowerCase().split(' ') ?? []),
  );
  const topics = findNamedTopics(sentences);
  for (const phrase of rankPhrases(sentences, speakers)) {
    if (topics.length >= MAX_TOPICS) break;
    const isKnown = topics.some(({ text }) => overlaps(text.toLowerCase(), phrase.text));
    if (!isKnown) topics.push({ text: phrase.text, segmentIds: citeAll(phrase.sentences) });
  }
  return topics;
}

function findNamedTopics(sentences: readonly Sentence[]): Topic[] {
  return sentences.flatMap((sentence) => {
    const matches = NAMED_TOPICS.map((pattern) => pattern.exec(sentence.text)?.[1]);
    const named = matches.find((text) => text !== undefined);
    const text = named?.replace(/[.!?]+$/, '').replace(/^(?:the|our|a|an) /i, '');
    return text ? [{ text, segmentIds: sentence.segmentIds }] : [];
  });
}

function rankPhrases(sentences: readonly Sentence[], speakers: ReadonlySet<string>): Phrase[] {
  const counts = new Map<string, number>();
  const phrases = new Map<string, Phrase>();
  for (const sentence of sentences) {
    for (const run of findNounPhrases(sentence.tokens, speakers)) {
      for (const { stem } of run) counts.set(stem, (counts.get(stem) ?? 0) + 1);
      const key = run.map(({ stem }) => stem).join(' ');
      const text = run.map(({ lower }) => lower).join(' ');
      const phrase = phrases.get(key) ?? { text, stems: key.split(' '), sentences: [] };
      phrase.sentences.push(sentence);
      phrases.set(key, phrase);
    }
  }
  const score = ({ stems, sentences: said }: Phrase): number =>
    stems.reduce((sum, stem) => sum + (counts.get(stem) ?? 0), 0) * said.length;
  return [...phrases.values()]
    .filter(({ stems, sentences: said }) => stems.length > 1 || said.length > 1)
    .sort((a, b) => score(b) - score(a));
}

/** Runs of adjectives and nouns that end in a noun. */
function findNounPhrases(tokens: readonly Token[], speakers: ReadonlySet<string>): Token[][] {
  const runs: Token[][] = [];
  let run: Token[] = [];
  const close = (): void => {
    while (run.length > 0 && run[run.length - 1]?.partOfSpeech === 'ADJ') run.pop();
    if (run.length > 0 && run.length <= 3) runs.push(run);
    run = [];
  };
  for (const token of tokens) {
    const isPart = ['NOUN', 'PROPN', 'ADJ'].includes(token.partOfSpeech);
    const isUseful = !token.isStopWord && !token.isDate && !GENERAL.has(token.lower);
    if (isPart && isUseful && !speakers.has(token.lower)) run.push(token);
    else close();
  }
  close();
  return runs;
}

function overlaps(known: string, text: string): boolean {
  return known.includes(text) || text.includes(known);
}
