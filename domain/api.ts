import { z } from 'zod';
import { endReasonSchema } from './end-reasons';
import { meetingEventSchema } from './events';
import { WHISPER_LANGUAGES } from './languages';
import { leavePolicySchema } from './leave-policy';
import { platformSchema } from './platforms';
import { segmentSchema } from './segment';
import { botStatusSchema, meetingStatusSchema } from './statuses';
import { isStorableText } from './text';

/** What the public API takes and gives; the server validates with it and describes itself by it. */

/** Largest id the database has: PostgreSQL's integer. */
const LARGEST_ID = 2_147_483_647;
/** The name a bot has in the call when nobody chose one. */
const DEFAULT_BOT_NAME = 'Notetaker';
/** Longest time a read waits for something new, in seconds. */
const LONGEST_WAIT_SECONDS = 25;

const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine(isStorableText, { message: 'Expected text without NUL or broken characters' })
    .refine((text) => !/[\u0001-\u001f\u007f]/.test(text), {
      message: 'Expected one line without control characters',
    });

const title = line(500).nullable();
const botName = line(60).describe('The name the bot has in the call');
const language = z
  .string()
  .refine((code) => WHISPER_LANGUAGES.includes(code), {
    message: 'Expected a language code that Whisper knows, such as "en", or null to detect it',
  })
  .nullable();

/** Ids as they stand in a path. */
export const meetingPathSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[1-9]\d{0,9}$/, 'Expected a whole number from 1 on')
    .transform(Number)
    .refine((id) => id <= LARGEST_ID, { message: `Expected at most ${LARGEST_ID}` }),
});

export const createMeetingSchema = z.strictObject({
  title: title.optional(),
  meetingUrl: z.string().min(1).max(2_000),
  botName: botName.default(DEFAULT_BOT_NAME),
  language: language.default(null),
  leavePolicy: leavePolicySchema.default(() => leavePolicySchema.parse({})),
});
export type CreateMeeting = z.infer<typeof createMeetingSchema>;

/** Absent fields stay as they are; a `leavePolicy` replaces the old one, with defaults where absent. */
export const updateMeetingSchema = z
  .strictObject({
    title: title.optional(),
    botName: botName.optional(),
    language: language.optional(),
    leavePolicy: leavePolicySchema.optional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, {
    message: 'Expected at least one field to change',
  });
export type UpdateMeeting = z.infer<typeof updateMeetingSchema>;

/** Requests that carry nothing but their path. */
export const emptyBodySchema = z.strictObject({}).optional();

const limit = (most: number, usual: number) =>
  z.coerce.number().int().min(1).max(most).default(usual);

export const listMeetingsQuerySchema = z.strictObject({
  status: meetingStatusSchema.optional(),
  platform: z.preprocess(
    (value) => (value === 'meet' ? 'google_meet' : value),
    platformSchema.optional(),
  ),
  q: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .refine(isStorableText)
    .optional()
    .describe('Part of the title'),
  limit: limit(200, 50),
  cursor: z.string().max(200).optional().describe('`nextCursor` of the page before'),
});
export type ListMeetingsQuery = z.infer<typeof listMeetingsQuerySchema>;

/** A read from a place on the meeting's cursor on, waiting up to `wait` seconds for something new. */
export const followQuerySchema = z.strictObject({
  after: z.coerce.number().int().min(0).max(LARGEST_ID).default(0),
  wait: z.coerce.number().int().min(0).max(LONGEST_WAIT_SECONDS).default(0),
  limit: limit(1_000, 200),
});
export type FollowQuery = z.infer<typeof followQuerySchema>;

const moment = z.iso.datetime();

export const meetingSchema = z.object({
  id: z.int(),
  title: z.string().nullable(),
  platform: platformSchema,
  meetingUrl: z.string().nullable().describe('Without passcode'),
  hasPasscode: z.boolean(),
  botName: z.string(),
  language: z.string().nullable(),
  leavePolicy: leavePolicySchema,
  source: z.enum(['bot', 'recorder', 'upload']),
  status: meetingStatusSchema,
  botStatus: botStatusSchema,
  reason: endReasonSchema.nullable(),
  message: z.string().nullable().describe('The reason as a sentence'),
  scheduledStart: moment.nullable(),
  actualStart: moment.nullable(),
  actualEnd: moment.nullable(),
  transcriptVersion: z.int(),
  createdAt: moment,
  updatedAt: moment,
});
export type Meeting = z.infer<typeof meetingSchema>;

export const meetingListSchema = z.object({
  meetings: z.array(meetingSchema),
  nextCursor: z.string().nullable(),
});

export const attemptSchema = z.object({
  attempt: z.int(),
  /** What was seen, or what an operator can do; for instance why no bot could be started. */
  detail: z.string().nullable(),
  status: botStatusSchema,
  reason: endReasonSchema.nullable(),
  message: z.string().nullable(),
  createdAt: moment,
  joinedAt: moment.nullable(),
  endedAt: moment.nullable(),
  supersededAt: moment.nullable(),
  lastHeartbeatAt: moment.nullable(),
});
export type AttemptView = z.infer<typeof attemptSchema>;
export const attemptListSchema = z.object({ attempts: z.array(attemptSchema) });

/** Answer to `start-bot` and `stop-bot`. */
export const commandAnswerSchema = z.object({
  outcome: z
    .enum(['carried_out', 'accepted'])
    .describe('`accepted` (202): kept, and carried out as soon as a worker answers'),
  meeting: meetingSchema,
  attempt: attemptSchema.nullable(),
  workflowUrl: z.url().describe('The meeting’s story in the Temporal Web UI'),
});
export type CommandAnswer = z.infer<typeof commandAnswerSchema>;

export const deletionAnswerSchema = z.object({ id: z.int(), workflowUrl: z.url() });

/** `nextAfter` is the `after` of the next read; an empty page keeps it. */
export const transcriptionPageSchema = z.object({
  segments: z.array(segmentSchema),
  nextAfter: z.int(),
  hasMore: z.boolean(),
});
export const eventPageSchema = z.object({
  events: z.array(meetingEventSchema),
  nextAfter: z.int(),
  hasMore: z.boolean(),
});

export const localSignInSchema = z.strictObject({
  email: z.email().max(320),
  name: line(200).optional(),
});
export const localSessionSchema = z.object({ token: z.string(), expiresAt: moment });

export const healthSchema = z.object({ status: z.literal('ok') });
export const readinessSchema = z.object({
  status: z
    .enum(['ready', 'degraded', 'unavailable'])
    .describe('`degraded`: audio is still taken safely, but words or commands are late'),
  dependencies: z.record(
    z.string(),
    z.object({ state: z.enum(['up', 'down']), message: z.string().optional() }),
  ),
});
export type Readiness = z.infer<typeof readinessSchema>;

export const errorBodySchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.unknown().optional(),
  }),
});
