import { z } from 'zod';
import { analysisContentSchema } from './analysis';

export const exportFormatSchema = z.enum(['txt', 'md', 'srt', 'vtt', 'json', 'docx', 'pdf']);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

/** What each format is called among content types. */
export const EXPORT_TYPES: Record<ExportFormat, string> = {
  txt: 'text/plain',
  md: 'text/markdown',
  srt: 'application/x-subrip',
  vtt: 'text/vtt',
  json: 'application/json',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  pdf: 'application/pdf',
};

/** Queries have text only: `true` and `false` and nothing else. */
const choice = z
  .enum(['true', 'false'])
  .default('true')
  .transform((text) => text === 'true');

export const exportQuerySchema = z.strictObject({
  format: exportFormatSchema,
  times: choice.describe('Whether to say when; subtitles always do'),
  speakers: choice.describe('Whether to say who'),
});

const moment = z.iso.datetime().nullable();

/** The file of the format `json`. */
export const exportedJsonSchema = z.object({
  meeting: z.object({
    id: z.int(),
    title: z.string().nullable(),
    startedAt: moment,
    endedAt: moment,
  }),
  analysis: analysisContentSchema.nullable(),
  transcript: z.array(
    z.object({
      kind: z.enum(['segment', 'gap']),
      id: z.int().optional().describe('The segment’s, as analyses cite it'),
      startMs: z.int().optional(),
      endMs: z.int().nullable().optional(),
      text: z.string().optional(),
      speaker: z.string().nullable().optional(),
      language: z.string().nullable().optional(),
      reason: z.string().optional().describe('Of a gap: why it was not heard'),
    }),
  ),
});

/** What a reader of a transcript wants to see of it. */
export interface ExportChoices {
  times: boolean;
  speakers: boolean;
}
