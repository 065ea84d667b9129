import type { AnalysisContent, AnalysisSegment } from '../../../domain/analysis';
import type { Analyser } from '../analyser';
import { findActionItems } from './action-items';
import { findDecisions } from './decisions';
import { findOpenQuestions } from './open-questions';
import { findSentences } from './sentences';
import { summarise } from './summary';
import { findTopics } from './topics';

/**
 * Analyses on the machine itself by picking sentences that were said; it writes none of its own.
 * The rules know English; of other languages it gives summary and open questions at best.
 */
export function createLocalAnalyser(): Analyser {
  return {
    provider: 'local',
    model: null,
    analyse: ({ segments }) => Promise.resolve({ content: extract(segments), droppedClaims: 0 }),
  };
}

function extract(segments: readonly AnalysisSegment[]): AnalysisContent {
  const sentences = findSentences(segments);
  const decisions = findDecisions(sentences);
  const actionItems = findActionItems(sentences);
  const cited = new Set([...decisions, ...actionItems].flatMap(({ segmentIds }) => segmentIds));
  return {
    summary: summarise(sentences, cited),
    decisions,
    actionItems,
    topics: findTopics(sentences),
    openQuestions: findOpenQuestions(sentences),
  };
}
