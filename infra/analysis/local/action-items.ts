import type { AnalysisContent } from '../../../domain/analysis';
import { citeAll, isQuestion, joinTexts, type Sentence } from './sentences';

type ActionItem = AnalysisContent['actionItems'][number];

interface Commitment {
  who: string | null;
  /** Where in the sentence it begins. */
  at: number;
}

const I_WILL =
  /\bI(?: will|'ll| shall| am going to|'m going to| promise to| can take)\s+(?:also |then |just |definitely |try to |go ahead and )*(?=([a-z][a-z ]*))/i;
/** What follows "I will" without being a task. */
const NO_TASK =
  /^(?:be|not|never|see|say|admit|have|think|guess|agree|stop|leave it|tell you|let you|show you|wait|need)\b/i;
const ACCEPTS =
  /^(?:(?:yes|sure|okay|ok|fine|yeah)[,.]? )?I(?: will|'ll| would like to| would love to|'d like to| can)(?: (?:do|take|handle) (?:that|it|this|care of (?:that|it|this)))?[.!]?$/i;
const ADDRESSES =
  /^(?:(?:so|okay|ok|and|then|well|fine|good)[,.]? )?([A-Z][\p{L}'-]+),? (?:please|can you|could you|would you|will you|you will|you should|you need to|you have to|you take)\b/u;
const NAMED =
  /\b([A-Z][\p{L}'-]+) (?:will (?!be\b|have\b)|is going to |needs to |has to |must |should |takes care of |takes over |takes on |handles |is responsible for |agreed to )/u;
const PLEASE = /(?:^|, )please (?!be\b|note\b|welcome\b|let me\b|keep in mind\b)[a-z]+/i;
const SOMEBODY_MUST =
  /\b(?:we|you|someone|somebody)(?: all| still| also| really)? (?:need to|needs to|have to|has to|must)\s+(?!be\b|say\b|admit\b|have\b)[a-z]+/i;
const SOMEBODY_SHOULD = /\b(?:we|you|someone|somebody) should (?!be\b|have\b)[a-z]+/i;
const LET_US =
  /\blet(?:'s| us) (?:ask|send|schedule|call|email|write|check|review|prepare|set up|book|contact|update|fix|create|file|open|test|invite|order|find out|follow up)\b/i;
const MARKED = /^(?:action item|to-?do)\b/i;
const REFERS_BACK = new Set(['it', 'this', 'that', 'them', 'those']);
/** A short sentence that refers back says nothing without the one before it. */
const SHORT_SENTENCE_WORDS = 12;
/** How many sentences later somebody may still say "I will do that". */
const ACCEPT_WITHIN = 4;

/** What somebody took on or was asked to do: who and when only as far as it was said. */
export function findActionItems(sentences: readonly Sentence[]): ActionItem[] {
  const names = new Set(sentences.flatMap(({ speakerName }) => namesOf(speakerName)));
  const items: ActionItem[] = [];
  let latestAt = -Infinity;
  sentences.forEach((sentence, index) => {
    if (ACCEPTS.test(sentence.text)) {
      const latest = items[items.length - 1];
      if (latest && index - latestAt <= ACCEPT_WITHIN) accept(latest, sentence);
      return;
    }
    const commitment = findCommitment(sentence, names);
    if (!commitment) return;
    items.push(makeItem(sentence, commitment));
    latestAt = index;
  });
  return items;
}

function findCommitment(sentence: Sentence, names: ReadonlySet<string>): Commitment | null {
  const { text } = sentence;
  const address = ADDRESSES.exec(text);
  if (address?.[1] && isPerson(address[1], sentence, names)) {
    return { who: address[1], at: address.index };
  }
  if (isQuestion(sentence)) return null;
  const own = I_WILL.exec(text);
  if (own && !NO_TASK.test(own[1] ?? '')) return { who: sentence.speakerName, at: own.index };
  const named = NAMED.exec(text);
  if (named?.[1] && isPerson(named[1], sentence, names)) {
    return { who: named[1], at: named.index };
  }
  const patterns = [PLEASE, SOMEBODY_MUST, LET_US, MARKED];
  if (sentence.dates.length > 0) patterns.push(SOMEBODY_SHOULD);
  const nobody = patterns.map((pattern) => pattern.exec(text)).find((match) => match !== null);
  return nobody ? { who: null, at: nobody.index } : null;
}

/** Somebody in the meeting, or a proper noun that is no date. */
function isPerson(name: string, sentence: Sentence, names: ReadonlySet<string>): boolean {
  if (names.has(name.toLowerCase())) return true;
  const token = sentence.tokens.find(({ text }) => text === name);
  return token?.partOfSpeech === 'PROPN' && !token.isDate;
}

function namesOf(speakerName: string | null): string[] {
  if (speakerName === null) return [];
  const lower = speakerName.toLowerCase();
  return [lower, lower.split(' ')[0] ?? lower];
}

function makeItem(sentence: Sentence, { who, at }: Commitment): ActionItem {
  const { before } = sentence;
  const needsContext = before !== null && !isQuestion(before) && isShortAndRefersBack(sentence);
  const said = needsContext ? [before, sentence] : [sentence];
  return { text: joinTexts(said), who, due: findDue(sentence, at), segmentIds: citeAll(said) };
}

function isShortAndRefersBack({ tokens }: Sentence): boolean {
  const words = tokens.filter(({ partOfSpeech }) => partOfSpeech !== 'PUNCT');
  return (
    words.length <= SHORT_SENTENCE_WORDS &&
    words.some(({ lower, isDate }) => !isDate && REFERS_BACK.has(lower))
  );
}

function findDue({ dates }: Sentence, at: number): string | null {
  const later = dates.filter((date) => date.at >= at);
  const deadline = later.find(({ text }) => /^(?:by|before|until|till)\b/i.test(text));
  return (deadline ?? later[0] ?? dates[0])?.text ?? null;
}

/** "I will do that": the task gets its person, unless it was somebody else's. */
function accept(item: ActionItem, { speakerName, segmentIds }: Sentence): void {
  if (speakerName === null) return;
  if (item.who !== null && !namesOf(speakerName).includes(item.who.toLowerCase())) return;
  item.who = speakerName;
  item.segmentIds = [...new Set([...item.segmentIds, ...segmentIds])];
}
