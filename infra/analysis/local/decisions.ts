import type { AnalysisContent } from '../../../domain/analysis';
import { citeAll, isQuestion, joinTexts, type Sentence } from './sentences';

const DECIDED = [
  /\b(?:we|they|the team|everyone|everybody)(?:'ve| have| had| all| just| both| finally)* (?:decided|agreed|approved?|settled on|chose|chosen|resolved|concluded|committed to)\b/i,
  /\bwe(?:'ll| will| are going to|'re going to) go (?:ahead )?with\b/i,
  /\blet(?:'s| us) go (?:ahead )?with\b/i,
  /\bthe (?:final )?decision (?:is|was)\b/i,
];
/** Says that something is decided; what it is stands in the sentence after or before. */
const POINTS_AT_DECISION =
  /\b(?:it|that)(?:'s| is| was| has been) (?:then )?(?:decided|agreed|settled)\b/i;
const NOT_DECIDED =
  /(?:\bnot|n't|\bnever|\bbefore|\bif|\bwhen|\bonce|\buntil)\b[^,]*\b(?:decided|agreed|approved?|settled|chosen)\b/i;

/** Sentences that say that something was decided. */
export function findDecisions(sentences: readonly Sentence[]): AnalysisContent['decisions'] {
  return sentences.flatMap((sentence) => {
    if (isQuestion(sentence) || NOT_DECIDED.test(sentence.text)) return [];
    const said = findDecision(sentence);
    return said ? [{ text: joinTexts(said), segmentIds: citeAll(said) }] : [];
  });
}

function findDecision(sentence: Sentence): Sentence[] | null {
  if (DECIDED.some((pattern) => pattern.test(sentence.text))) return [sentence];
  if (!POINTS_AT_DECISION.test(sentence.text)) return null;
  if (sentence.after) return [sentence, sentence.after];
  return sentence.before ? [sentence.before, sentence] : [sentence];
}
