import { z } from 'zod';
import { isStorableText } from './text';

const LONGEST_NOTES = 100_000;
const LARGEST_VERSION = 2_147_483_646;

/** Notes of one's own about a meeting. */
export const notesSchema = z
  .object({
    text: z.string(),
    version: z.int().describe('0 before anything was written'),
    updatedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Notes' });
export type Notes = z.infer<typeof notesSchema>;

export const writeNotesSchema = z.strictObject({
  text: z
    .string()
    .max(LONGEST_NOTES)
    .refine(isStorableText, { message: 'Expected text without NUL or broken characters' }),
  version: z
    .int()
    .min(0)
    .max(LARGEST_VERSION)
    .describe('The version that this text was made from; another one by now is a conflict'),
});
