import { z } from 'zod';

const wordSchema = z.object({
  text: z.string(),
  startMs: z.int(),
  endMs: z.int(),
  confidence: z.number().min(0).max(1).nullable(),
});
export type Word = z.infer<typeof wordSchema>;

/** A timed piece of text. `seq` is its place on the meeting's cursor and grows when it changes. */
export const segmentSchema = z
  .object({
    seq: z.int(),
    id: z.int(),
    startMs: z.int(),
    endMs: z.int(),
    text: z.string(),
    speaker: z.object({ id: z.int(), name: z.string().nullable() }).nullable(),
    language: z.string().nullable(),
    confidence: z.number().min(0).max(1).nullable(),
    words: z.array(wordSchema).optional(),
    version: z.int(),
  })
  .meta({ id: 'Segment' });
export type Segment = z.infer<typeof segmentSchema>;

/** A segment as transcription makes it, before it has an id and a place on the cursor. */
export interface NewSegment {
  startMs: number;
  endMs: number;
  text: string;
  language: string | null;
  confidence: number | null;
  words: Word[];
  /** In mixed sound: the key of the source it certainly comes from. */
  source?: string | null;
}
