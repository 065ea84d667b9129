import {
  EMPTY_ANALYSIS,
  type AnalysisContent,
  type AnalysisSegment,
} from '../../../domain/analysis';
import { AnalyserError, type Analyser, type AnalysisTask } from '../analyser';
import { askForAnalysis, TooLongForModelError, type Part } from './ask-for-analysis';
import { createChatModel, type ChatModel, type ChatModelConfig } from './chat-model';
import { estimateTokens, makeNotesPrompt, makeTranscriptPrompt, splitTranscript } from './prompt';

export interface OpenAiAnalyserConfig extends ChatModelConfig {
  /** How many tokens the model takes in one request, question and answer together. */
  contextTokens: number;
}

/** Part of the context that is left to the instructions and the answer. */
const RESERVED = 0.4;

/** Analyses through a language model; a meeting longer than its context in parts. */
export function createOpenAiAnalyser(config: OpenAiAnalyserConfig): Analyser {
  const model = createChatModel(config);
  const budget = Math.floor(config.contextTokens * (1 - RESERVED));
  return {
    provider: model.host,
    model: model.name,
    async analyse(task) {
      const whole = await analyseSegments({ model, budget, task }, task.segments);
      const content = clearUnsaid(whole.content, task.segments);
      return { content, droppedClaims: whole.dropped };
    },
  };
}

interface Work {
  model: ChatModel;
  /** Tokens of data in one request. */
  budget: number;
  task: AnalysisTask;
}

async function analyseSegments(work: Work, segments: readonly AnalysisSegment[]): Promise<Part> {
  const parts: Part[] = [];
  for (const part of splitTranscript(segments, work.budget)) {
    parts.push(await analysePart(work, part));
  }
  return joinParts(work, parts);
}

async function analysePart(work: Work, segments: AnalysisSegment[]): Promise<Part> {
  try {
    return await askForAnalysis(work.model, work.task, {
      prompt: makeTranscriptPrompt(segments),
      known: new Set(segments.map(({ id }) => id)),
    });
  } catch (error) {
    if (!(error instanceof TooLongForModelError)) throw error;
    if (segments.length < 2) throw tooShortContext();
    const middle = Math.ceil(segments.length / 2);
    return joinParts(work, [
      await analysePart(work, segments.slice(0, middle)),
      await analysePart(work, segments.slice(middle)),
    ]);
  }
}

function tooShortContext(): AnalyserError {
  return new AnalyserError(
    'misconfigured',
    'The language model’s context is too short even for one segment: check OPENAI_MODEL.',
  );
}

/** Joins the parts' analyses in rounds until one is left; each round at least halves them. */
async function joinParts(work: Work, parts: Part[]): Promise<Part> {
  let left = parts;
  while (left.length > 1) {
    const joined: Part[] = [];
    for (const group of groupParts(left, work.budget)) joined.push(await joinGroup(work, group));
    left = joined;
  }
  return left[0] ?? { content: EMPTY_ANALYSIS, dropped: 0 };
}

function groupParts(parts: readonly Part[], budget: number): Part[][] {
  const groups: Part[][] = [];
  let left = 0;
  for (const part of parts) {
    const tokens = estimateTokens(JSON.stringify(part.content));
    const group = groups[groups.length - 1];
    if (group && (group.length < 2 || tokens <= left)) {
      group.push(part);
      left -= tokens;
    } else {
      groups.push([part]);
      left = budget - tokens;
    }
  }
  return groups;
}

async function joinGroup(work: Work, group: Part[]): Promise<Part> {
  const [only] = group;
  if (only && group.length === 1) return only;
  const contents = group.map(({ content }) => content);
  const before = group.reduce((sum, { dropped }) => sum + dropped, 0);
  try {
    const joined = await askForAnalysis(work.model, work.task, {
      prompt: makeNotesPrompt(contents),
      known: new Set(contents.flatMap(citedIds)),
    });
    return { content: joined.content, dropped: before + joined.dropped };
  } catch (error) {
    if (!(error instanceof TooLongForModelError)) throw error;
    // Longer than the model can say in one piece: then the parts stand one after the other.
    return { content: concatenate(contents), dropped: before };
  }
}

function citedIds(content: AnalysisContent): number[] {
  return Object.values(content).flatMap((claims) => claims.flatMap(({ segmentIds }) => segmentIds));
}

function concatenate(contents: readonly AnalysisContent[]): AnalysisContent {
  return {
    summary: contents.flatMap(({ summary }) => summary),
    decisions: contents.flatMap(({ decisions }) => decisions),
    actionItems: contents.flatMap(({ actionItems }) => actionItems),
    topics: contents.flatMap(({ topics }) => topics),
    openQuestions: contents.flatMap(({ openQuestions }) => openQuestions),
  };
}

/** Takes back a person nobody named and a date nobody said: those are facts, not wording. */
function clearUnsaid(
  content: AnalysisContent,
  segments: readonly AnalysisSegment[],
): AnalysisContent {
  const texts = new Map(segments.map(({ id, text }) => [id, text]));
  const everything = normalise(
    segments.map(({ speakerName, text }) => `${speakerName ?? ''} ${text}`).join(' '),
  );
  const actionItems = content.actionItems.map((item) => {
    const cited = normalise(item.segmentIds.map((id) => texts.get(id) ?? '').join(' '));
    const isIn = (said: string, text: string): boolean => text.includes(normalise(said));
    return {
      ...item,
      who: item.who !== null && isIn(item.who, everything) ? item.who : null,
      due: item.due !== null && isIn(item.due, cited) ? item.due : null,
    };
  });
  return { ...content, actionItems };
}

/** Lower case, words only, with a blank at either end so that only whole words match. */
function normalise(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
}
