import { z } from 'zod';
import { meetingSchema } from './api';
import { languageSchema, lineSchema } from './bot-wishes';

/** Longest sound of a file, in milliseconds. */
export const LONGEST_UPLOAD_MS = 4 * 3_600_000;
/** Uploads of one user that are being sent or processed at the same time. */
export const MAX_OPEN_UPLOADS = 20;
/** After this long without a byte an unfinished upload counts as given up. */
export const UPLOAD_ABANDONED_MS = 24 * 3_600_000;

/** A page of a file's bytes: what is stored and acknowledged at a time. */
export const UPLOAD_PART_BYTES = 8 * 1024 * 1024;

/** Formats that are taken, as people know them. */
export const UPLOAD_FORMATS = 'WAV, MP3, M4A, OGG, FLAC, WebM and MP4';

const moment = z.iso.datetime();

export const createUploadSchema = z.strictObject({
  fileName: lineSchema(255).optional().describe('Shown, and the title where none is given'),
  sizeBytes: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  title: lineSchema(500).nullable().optional(),
  language: languageSchema.optional(),
  recordedAt: z.iso
    .datetime({ offset: true })
    .refine((text) => Date.parse(text) <= Date.now() && Date.parse(text) > 0, {
      message: 'Expected a time in the past',
    })
    .optional()
    .describe('When its first second was recorded'),
});
export type CreateUpload = z.infer<typeof createUploadSchema>;

const uploadStatusSchema = z
  .enum(['receiving', 'decoding', 'transcribing', 'completed', 'failed', 'cancelled'])
  .meta({ id: 'UploadStatus' });

export const uploadSchema = z
  .object({
    meetingId: z.int(),
    status: uploadStatusSchema,
    fileName: z.string().nullable(),
    sizeBytes: z.number(),
    receivedBytes: z.number(),
    durationMs: z.int().nullable().describe('Length of its sound, once that is known'),
    percent: z.int().min(0).max(100).describe('Of decoding and transcription; never goes back'),
    problem: z.string().nullable().describe('Why it failed, as a sentence'),
    url: z.string().describe('Path below the API’s address that takes the bytes'),
    expiresAt: moment.nullable().describe('When an unfinished upload counts as given up'),
    createdAt: moment,
  })
  .meta({ id: 'Upload' });
export type UploadView = z.infer<typeof uploadSchema>;

export const createdUploadSchema = z.object({ meeting: meetingSchema, upload: uploadSchema });

const offset = z
  .string()
  .regex(/^(0|[1-9]\d{0,15})$/)
  .transform(Number);
/** The version of tus, https://tus.io/protocols/resumable-upload. */
const version = z.literal('1.0.0').describe('The version of the protocol tus');

export const tusHeadersSchema = z.object({ 'tus-resumable': version });
export const tusPatchHeadersSchema = z.object({
  'tus-resumable': version,
  'upload-offset': offset.describe('Where these bytes begin: all that came before'),
});
