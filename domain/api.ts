import { z } from 'zod';
import { evidenceNameSchema } from './bot-api';
import { botDefaultsSchema } from './bot-defaults';
import { botNameSchema, entryMessageSchema, languageSchema, lineSchema } from './bot-wishes';
import { endReasonSchema } from './end-reasons';
import { meetingEventSchema } from './events';
import { leavePolicyPartSchema, leavePolicySchema } from './leave-policy';
import { meetingPlatformSchema } from './platforms';
import { segmentSchema } from './segment';
import { botStatusSchema, meetingStatusSchema } from './statuses';
import { isStorableText } from './text';

/** What the public API takes and gives; the server validates with it and describes itself by it. */

/** Largest id the database has: PostgreSQL's integer. */
const LARGEST_ID = 2_147_483_647;
/** Longest time a read waits for something new, in seconds. */
const LONGEST_WAIT_SECONDS = 25;

const title = lineSchema(500).nullable();

/** Ids as they stand in a body. */
export const rowId = z.int().min(1).max(LARGEST_ID);

export const pathId = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, 'Expected a whole number from 1 on')
  .transform(Number)
  .refine((number) => number <= LARGEST_ID, { message: `Expected at most ${LARGEST_ID}` })
  // to programs it is a number, although a path is text
  .meta({ override: { type: 'integer', minimum: 1, maximum: LARGEST_ID, pattern: undefined } });

/** Ids as they stand in a path. */
export const meetingPathSchema = z.strictObject({ id: pathId });

const botIdentityId = rowId
  .nullable()
  .describe('An identity of yours on the meeting’s platform that the bot signs in with');
const joinTokenUrl = z
  .url()
  .max(2_000)
  .nullable()
  .describe('Asked by POST for the platform’s join token each time a bot joins');

/** Farther ahead nobody knows what a link will lead to. */
export const LONGEST_AHEAD_MS = 366 * 24 * 3_600_000;

export const scheduledStartSchema = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) < Date.now() + LONGEST_AHEAD_MS, {
    message: 'Expected a time within a year from now',
  })
  .describe('When the bot is to be there, with Z or an offset; a moment ago means now');

export const createMeetingSchema = z.strictObject({
  title: title.optional(),
  meetingUrl: z.string().min(1).max(2_000),
  platform: z
    .enum(['jitsi', 'livekit'])
    .optional()
    .describe('For links whose host does not tell what it serves'),
  accessToken: lineSchema(8_000)
    .optional()
    .describe('LiveKit’s token for the room; kept encrypted and never given back'),
  botName: botNameSchema.optional(),
  language: languageSchema.optional(),
  leavePolicy: leavePolicyPartSchema.optional(),
  entryMessage: entryMessageSchema.optional(),
  recording: z.boolean().optional(),
  botIdentityId: botIdentityId.optional(),
  joinTokenUrl: joinTokenUrl.optional(),
  scheduledStart: scheduledStartSchema.optional(),
});
export type CreateMeeting = z.infer<typeof createMeetingSchema>;

/** Absent fields stay as they are, within `leavePolicy` as well. */
export const updateMeetingSchema = z
  .strictObject({
    title: title.optional(),
    botName: botNameSchema.optional(),
    language: languageSchema.optional(),
    leavePolicy: leavePolicyPartSchema.optional(),
    entryMessage: entryMessageSchema.optional(),
    recording: z.boolean().optional(),
    botIdentityId: botIdentityId.optional(),
    joinTokenUrl: joinTokenUrl.optional(),
    scheduledStart: scheduledStartSchema
      .nullable()
      .optional()
      .describe('Sets or moves the planned start; null takes it back'),
  })
  .refine((changes) => Object.keys(changes).length > 0, {
    message: 'Expected at least one field to change',
  });
export type UpdateMeeting = z.infer<typeof updateMeetingSchema>;

/** Requests that carry nothing but their path. */
export const emptyBodySchema = z.strictObject({}).optional();

export const limit = (most: number, usual: number) =>
  z.coerce.number().int().min(1).max(most).default(usual);

export const pageFields = {
  limit: limit(200, 50),
  cursor: z.string().max(200).optional().describe('`nextCursor` of the page before'),
};

/** A moment, or a day's beginning in UTC. */
export const dayOrMoment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .transform((text) => new Date(text));

const sourceSchema = z.enum(['bot', 'recorder', 'upload']);

export const listMeetingsQuerySchema = z.strictObject({
  when: z
    .enum(['live', 'upcoming', 'past'])
    .optional()
    .describe(
      '`live`: joining, live or processing, and files that are being uploaded; `upcoming`: scheduled, soonest first; `past`: all others',
    ),
  status: meetingStatusSchema.optional(),
  source: sourceSchema.optional(),
  from: dayOrMoment
    .optional()
    .describe('Begun, else planned, else made then or later; a date or date-time'),
  to: dayOrMoment.optional().describe('The same, before; a date or date-time'),
  scheduleId: z.coerce
    .number()
    .int()
    .min(1)
    .max(LARGEST_ID)
    .optional()
    .describe('Those that this schedule made'),
  platform: z.preprocess(
    (value) => (value === 'meet' ? 'google_meet' : value),
    meetingPlatformSchema.optional(),
  ),
  q: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .refine(isStorableText)
    .optional()
    .describe('Part of the title'),
  ...pageFields,
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

export const meetingSchema = z
  .object({
    id: z.int(),
    title: z.string().nullable(),
    platform: meetingPlatformSchema.describe('`none` where no bot hears it'),
    meetingUrl: z.string().nullable().describe('Without passcode'),
    hasPasscode: z.boolean(),
    botName: z.string(),
    language: z.string().nullable(),
    leavePolicy: leavePolicySchema,
    entryMessage: z.string().nullable(),
    recording: z.boolean().describe('Whether the meeting is to be recorded'),
    recordingStatus: z.enum(['none', 'recording', 'assembling', 'ready', 'failed']),
    recordingUrl: z.string().nullable().describe('Path below the API’s address, once it is ready'),
    botIdentityId: z.int().nullable(),
    joinTokenUrl: z.string().nullable(),
    source: sourceSchema.describe('What hears it: a bot, a recorder in the browser, or a file'),
    status: meetingStatusSchema,
    botStatus: botStatusSchema,
    botQueuePlace: z
      .int()
      .nullable()
      .describe('Its place in line while the bot has to wait for others to end'),
    reason: endReasonSchema.nullable(),
    message: z.string().nullable().describe('The reason as a sentence'),
    scheduledStart: moment.nullable(),
    scheduleId: z.int().nullable().describe('The schedule that made it'),
    occurrenceStart: moment.nullable().describe('What the schedule’s rule says of its start'),
    actualStart: moment.nullable(),
    actualEnd: moment.nullable(),
    transcriptVersion: z.int(),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'Meeting' });
export type Meeting = z.infer<typeof meetingSchema>;

export const meetingListSchema = z.object({
  meetings: z.array(meetingSchema),
  nextCursor: z.string().nullable(),
});
export type MeetingList = z.infer<typeof meetingListSchema>;

const evidenceSchema = z.object({
  name: evidenceNameSchema,
  contentType: z.string(),
  sizeBytes: z.int(),
  url: z.string().describe('Path below the API’s address'),
  expiresAt: moment,
});

export const attemptSchema = z
  .object({
    attempt: z.int(),
    /** What was seen, or what an operator can do; for instance why no bot could be started. */
    detail: z.string().nullable(),
    status: botStatusSchema,
    reason: endReasonSchema.nullable(),
    message: z.string().nullable(),
    /** What can be done about the reason, or null where nothing is wrong. */
    remedy: z.string().nullable(),
    /** How sure the bot was of the reason, and by which signs of the page. */
    confidence: z.enum(['certain', 'likely', 'unknown']).nullable(),
    signs: z.array(z.string()),
    /** What a failed join looked like; kept 14 days. */
    evidence: z.array(evidenceSchema),
    sound: z
      .object({
        heardMs: z.int().describe('Sound above the floor, summed over all tracks'),
        zeroRunMs: z.int().describe('Exact zeros while somebody was shown as speaking'),
        clippedSamples: z.int().describe('Samples at full scale, of 16,000 a second'),
      })
      .nullable()
      .describe('What the bot had counted by its last heartbeat'),
    createdAt: moment,
    joinedAt: moment.nullable(),
    endedAt: moment.nullable(),
    supersededAt: moment.nullable(),
    lastHeartbeatAt: moment.nullable(),
  })
  .meta({ id: 'Attempt' });
export type AttemptView = z.infer<typeof attemptSchema>;
export const attemptListSchema = z.object({ attempts: z.array(attemptSchema) });

export const evidencePathSchema = z.strictObject({
  id: pathId,
  attempt: pathId,
  name: evidenceNameSchema,
});

/** Answer to `start-bot` and `stop-bot`. */
export const commandAnswerSchema = z
  .object({
    outcome: z
      .enum(['carried_out', 'accepted'])
      .describe('`accepted` (202): kept, and carried out as soon as a worker answers'),
    meeting: meetingSchema,
    attempt: attemptSchema.nullable(),
    workflowUrl: z.url().describe('The meeting’s story in the Temporal Web UI'),
  })
  .meta({ id: 'CommandAnswer' });
export type CommandAnswer = z.infer<typeof commandAnswerSchema>;

export const pageQuerySchema = z.strictObject(pageFields);

export const meSchema = z.object({
  id: z.int(),
  email: z.string().nullable(),
  fullName: z.string().nullable(),
  botDefaults: botDefaultsSchema,
  isAdmin: z.boolean().describe('Whether this session may use the routes of administrators'),
});
export type Me = z.infer<typeof meSchema>;

/** `botDefaults` replaces the old ones as a whole. */
export const updateMeSchema = z
  .strictObject({
    fullName: lineSchema(200).nullable().optional(),
    botDefaults: botDefaultsSchema.optional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, {
    message: 'Expected at least one field to change',
  });

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
  name: lineSchema(200).optional(),
});
export const localSessionSchema = z.object({ token: z.string(), expiresAt: moment });

/** Answer to `retry-transcription`. */
export const retryAnswerSchema = z.object({
  retried: z.int().describe('How many chunks are tried again; 0 when none had failed'),
  workflowUrl: z.url().describe('The transcript’s story in the Temporal Web UI'),
});
export type RetryAnswer = z.infer<typeof retryAnswerSchema>;

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

export const errorBodySchema = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      details: z.unknown().optional(),
    }),
  })
  .meta({ id: 'Error' });
