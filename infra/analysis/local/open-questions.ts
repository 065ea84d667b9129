import type { AnalysisContent } from '../../../domain/analysis';
import { citeAll, isQuestion, joinTexts, type Sentence } from './sentences';

type OpenQuestion = AnalysisContent['openQuestions'][number];

const SAYS_OPEN =
  /\b(?:open question|still open|not clear|unclear|to be decided|not (?:been )?decided yet|have(?:n't| not) decided|need to find out|remains to be seen)\b/i;
const DOES_NOT_KNOW =
  /\b(?:(?:do not|don't) know|not sure|no idea|good question|(?:will|'ll) (?:have to )?(?:see|check|find out|get back)|ask the|cannot say|can't say|have to (?:check|ask))\b/i;
const SMALL_TALK =
  /\b(?:anything else|any (?:other )?questions|hear me|see my screen|how are you|shall we (?:start|begin)|ready\?|right\?|okay\?|ok\?)/i;
/** "One open question." stands before the question itself. */
const ANNOUNCEMENT_WORDS = 6;
/** How many sentences an answer may take to begin. */
const ANSWER_WITHIN = 2;

/** Questions nobody answered, and what was called open. */
export function findOpenQuestions(sentences: readonly Sentence[]): OpenQuestion[] {
  const questions: OpenQuestion[] = [];
  sentences.forEach((sentence, index) => {
    if (SAYS_OPEN.test(sentence.text) && !isQuestion(sentence)) {
      if (!isAnnouncement(sentence)) questions.push(cite([sentence]));
      return;
    }
    if (!isQuestion(sentence) || SMALL_TALK.test(sentence.text)) return;
    const announced = sentence.before && isAnnouncement(sentence.before) ? [sentence.before] : [];
    const later = sentences.slice(index + 1);
    const replies = later.filter((reply) => isByAnother(reply, sentence)).slice(0, ANSWER_WITHIN);
    const unsure = replies.find(({ text }) => DOES_NOT_KNOW.test(text));
    if (announced.length > 0 || unsure || replies.length === 0) {
      questions.push(cite([...announced, sentence]));
    }
  });
  return questions;
}

function isAnnouncement({ text, tokens, after }: Sentence): boolean {
  return (
    SAYS_OPEN.test(text) &&
    tokens.length <= ANNOUNCEMENT_WORDS &&
    after !== null &&
    isQuestion(after)
  );
}

function isByAnother(reply: Sentence, question: Sentence): boolean {
  return reply.speakerId === null || reply.speakerId !== question.speakerId;
}

function cite(said: Sentence[]): OpenQuestion {
  return { text: joinTexts(said), segmentIds: citeAll(said) };
}
