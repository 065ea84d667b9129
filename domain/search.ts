import { z } from 'zod';
import { dayOrMoment, limit, pageFields } from './api';
import { meetingPlatformSchema } from './platforms';
import { isStorableText } from './text';

/** Matches that are ranked; of more, the newest are taken. */
export const MOST_RANKED = 300;

const line = (max: number) => z.string().trim().min(1).max(max).refine(isStorableText);

export const searchQuerySchema = z.strictObject({
  q: line(200).describe(
    'Words that must all occur. `"…"` is a phrase, `or` an alternative, `-` excludes.',
  ),
  from: dayOrMoment.optional().describe('Meetings that began then or later; a date or date-time'),
  to: dayOrMoment.optional().describe('Meetings that began before; a date or date-time'),
  platform: z.preprocess(
    (value) => (value === 'meet' ? 'google_meet' : value),
    meetingPlatformSchema.optional(),
  ),
  speaker: line(200).optional().describe('Part of the speaker’s name'),
  ...pageFields,
  limit: limit(100, 20),
});

export type SearchQuery = z.infer<typeof searchQuerySchema>;

const moment = z.iso.datetime();

const searchResultSchema = z.object({
  meeting: z.object({
    id: z.int(),
    title: z.string().nullable(),
    platform: meetingPlatformSchema,
    startedAt: moment.nullable(),
  }),
  segmentId: z.int(),
  startMs: z.int(),
  endMs: z.int(),
  at: moment.nullable().describe('When it was said'),
  speaker: z.object({ id: z.int(), name: z.string().nullable() }).nullable(),
  parts: z
    .array(z.object({ text: z.string(), isMatch: z.boolean() }))
    .describe('What was said, as plain text; together the parts are the whole segment'),
});
export type SearchResult = z.infer<typeof searchResultSchema>;

export const searchPageSchema = z.object({
  results: z.array(searchResultSchema),
  nextCursor: z.string().nullable(),
  hasOlder: z
    .boolean()
    .describe(
      `Whether there are more than ${MOST_RANKED} matches: the newest are ranked, \`to\` finds older ones`,
    ),
});
export type SearchPage = z.infer<typeof searchPageSchema>;
