import type { AnalysisContent } from './analysis';

type Claim = AnalysisContent[keyof AnalysisContent][number];

/** An analysis without the claims that cite nothing, or a segment that does not exist. */
export interface CheckedContent {
  content: AnalysisContent;
  /** How many claims were left out. */
  dropped: number;
  /** Ids that were cited and do not exist. */
  unknownIds: number[];
}

/** Keeps the claims that cite at least one segment and only segments among `known`. */
export function checkCitations(
  content: AnalysisContent,
  known: ReadonlySet<number>,
): CheckedContent {
  const unknownIds = new Set<number>();
  let dropped = 0;
  const keep = <Kind extends Claim>(claims: Kind[]): Kind[] =>
    claims.filter(({ segmentIds }) => {
      const unknown = segmentIds.filter((id) => !known.has(id));
      for (const id of unknown) unknownIds.add(id);
      const isSound = segmentIds.length > 0 && unknown.length === 0;
      if (!isSound) dropped += 1;
      return isSound;
    });
  return {
    content: {
      summary: keep(content.summary),
      decisions: keep(content.decisions),
      actionItems: keep(content.actionItems),
      topics: keep(content.topics),
      openQuestions: keep(content.openQuestions),
    },
    dropped,
    unknownIds: [...unknownIds],
  };
}
