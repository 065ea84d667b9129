import { z } from 'zod';
import { meetingSchema, pathId } from './api';
import { languageSchema, lineSchema } from './bot-wishes';

/** Recorders that one user may have running at the same time. */
export const MAX_RUNNING_RECORDERS = 5;

const title = lineSchema(500).nullable();
const track = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/);

export const createRecorderSchema = z.strictObject({
  title: title.optional(),
  language: languageSchema.optional(),
});

export const startedRecorderSchema = z.object({
  meeting: meetingSchema,
  clockOriginMs: z
    .number()
    .describe('Where `startMs` of its chunks counts from, in epoch milliseconds of the server'),
  serverTimeMs: z.number().describe('The server’s clock when it answered'),
});
export type StartedRecorder = z.infer<typeof startedRecorderSchema>;

export const finishRecorderSchema = z.strictObject({
  lastSeqs: z
    .record(track, z.int().min(0).max(10_000_000))
    .refine((seqs) => Object.keys(seqs).length <= 20, { message: 'Expected at most 20 tracks' })
    .optional()
    .describe('The last seq of each track: what is still missing is waited for'),
});

export const recorderChunkPathSchema = z.strictObject({
  id: pathId,
  track,
  seq: pathId.refine((seq) => seq <= 10_000_000),
});
