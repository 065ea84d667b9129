import { z } from 'zod';

/** Ids of the segments a statement rests on. */
const citations = z.array(z.int()).describe('Ids of the segments this rests on');

/** What an analysis says. Every statement cites segments that exist. */
export const analysisContentSchema = z.object({
  summary: z.array(z.object({ text: z.string(), segmentIds: citations })),
  decisions: z.array(z.object({ text: z.string(), segmentIds: citations })),
  actionItems: z.array(
    z.object({
      text: z.string(),
      who: z.string().nullable(),
      due: z.string().nullable().describe('When, in the words that were said'),
      segmentIds: citations,
    }),
  ),
  topics: z.array(z.object({ text: z.string(), segmentIds: citations })),
  openQuestions: z.array(z.object({ text: z.string(), segmentIds: citations })),
});
export type AnalysisContent = z.infer<typeof analysisContentSchema>;

const analysisStatusSchema = z.enum(['running', 'completed', 'failed']);

/** One analysis of a meeting as readers get it. */
export const analysisSchema = z
  .object({
    run: z.int(),
    status: analysisStatusSchema,
    /** `local` is extractive and made on the machine itself; else the model's endpoint. */
    provider: z.string().nullable(),
    model: z.string().nullable(),
    transcriptVersion: z.int(),
    content: analysisContentSchema.nullable(),
    /** Statements that were dropped because they cited nothing that exists. */
    droppedClaims: z.int(),
    inputTokens: z.int(),
    outputTokens: z.int(),
    error: z.string().nullable(),
    createdAt: z.iso.datetime(),
    completedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Analysis' });
export type Analysis = z.infer<typeof analysisSchema>;

/** A segment as analyses read it. */
export interface AnalysisSegment {
  id: number;
  startMs: number;
  endMs: number;
  text: string;
  /** Null when nobody knows who spoke. */
  speakerId: number | null;
  speakerName: string | null;
}

/** Tokens that a language model says it has used. */
export interface TokenUse {
  inputTokens: number;
  outputTokens: number;
}

/** The answer to a meeting in which nothing was said. */
export const EMPTY_ANALYSIS: AnalysisContent = {
  summary: [],
  decisions: [],
  actionItems: [],
  topics: [],
  openQuestions: [],
};
