import model from 'wink-eng-lite-web-model';
import winkNLP, {
  type Document,
  type ItemEntity,
  type ItemToken,
  type ItsFunction,
  type WinkMethods,
} from 'wink-nlp';

/** A word of a sentence with what the language model knows of it. */
export interface Token {
  text: string;
  lower: string;
  /** Universal part of speech: NOUN, VERB, PROPN, PUNCT and so on. */
  partOfSpeech: string;
  stem: string;
  isStopWord: boolean;
  isDate: boolean;
}

/** When something is to happen, in the words that were said. */
export interface DateMention {
  text: string;
  /** Index of its first character in the sentence. */
  at: number;
}

export interface ParsedSentence {
  tokens: Token[];
  dates: DateMention[];
}

const LEADS_TO_DATE = new Set([
  'by',
  'before',
  'until',
  'till',
  'on',
  'at',
  'in',
  'within',
  'this',
]);
let loaded: WinkMethods | undefined;

/** Loading takes a fifth of a second and 60 MB, so only those pay who analyse here. */
function language(): WinkMethods {
  loaded ??= winkNLP(model);
  return loaded;
}

/** Splits English prose into sentences. */
export function splitIntoSentences(text: string): string[] {
  return language().readDoc(text).sentences().out();
}

/** Words and dates of one sentence. */
export function parseSentence(text: string): ParsedSentence {
  const document = language().readDoc(text);
  const spans = findDateSpans(document);
  const tokens: Token[] = [];
  const starts: number[] = [];
  let at = 0;
  document.tokens().each((token: ItemToken, index: number) => {
    const parsed = parseToken(
      token,
      spans.some(([from, to]) => index >= from && index <= to),
    );
    const found = text.indexOf(parsed.text, at);
    starts.push(found === -1 ? at : found);
    if (found !== -1) at = found + parsed.text.length;
    tokens.push(parsed);
  });
  const dates = spans.flatMap(([first, last]) => {
    const from = growLeft(tokens, first);
    const start = starts[from];
    const end = (starts[last] ?? 0) + (tokens[last]?.text.length ?? 0);
    return start === undefined ? [] : [{ text: text.slice(start, end), at: start }];
  });
  return { tokens, dates };
}

function parseToken(token: ItemToken, isDate: boolean): Token {
  const { its } = language();
  const text = token.out();
  return {
    text,
    lower: text.toLowerCase(),
    partOfSpeech: token.out(its.pos),
    // The package's types give this one a wrong signature.
    stem: token.out(its.stem as unknown as ItsFunction<string>),
    isStopWord: token.out(its.stopWordFlag) as unknown as boolean,
    isDate,
  };
}

/** Spans of tokens that name a moment; what follows directly belongs to it, as in "March 3rd". */
function findDateSpans(document: Document): [number, number][] {
  const { its } = language();
  const words = document
    .tokens()
    .out()
    .map((word) => word.toLowerCase());
  const spans: [number, number][] = [];
  document.entities().each((entity: ItemEntity) => {
    const [from, to] = entity.out(its.span) as unknown as [number, number];
    const type = entity.out(its.type);
    const latest = spans[spans.length - 1];
    if (latest?.[1] === from - 1 && ['DATE', 'TIME', 'ORDINAL', 'CARDINAL'].includes(type)) {
      latest[1] = to;
    } else if (type === 'DATE' || type === 'TIME' || isDeadline(type, words, from)) {
      spans.push([from, to]);
    }
  });
  return spans;
}

/** "in two weeks" and "until Friday" say when, "for two weeks" does not. */
function isDeadline(type: string, words: readonly string[], from: number): boolean {
  if (type !== 'DURATION') return false;
  return (
    ['in', 'within'].includes(words[from - 1] ?? '') ||
    ['until', 'till'].includes(words[from] ?? '')
  );
}

/** Takes "by", "on", "before the" and the like into the phrase. */
function growLeft(tokens: Token[], first: number): number {
  let from = first;
  if (tokens[from - 1]?.lower === 'the') from -= 1;
  if (LEADS_TO_DATE.has(tokens[from - 1]?.lower ?? '')) from -= 1;
  return from;
}
