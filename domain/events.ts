import { z } from 'zod';
import { endReasonSchema } from './end-reasons';
import { segmentSchema } from './segment';
import { botStatusSchema, meetingStatusSchema } from './statuses';

/** Why a stretch could not be heard: an attempt's end, or one of the causes within an attempt. */
export const gapReasonSchema = z.enum([
  ...endReasonSchema.options,
  /** People spoke and no sound reached the bot. */
  'silent_capture',
  /** The bot had been put back into the waiting room. */
  'waiting_room',
  /** The bot had audio that never reached the API. */
  'audio_never_arrived',
]);
export type GapReason = z.infer<typeof gapReasonSchema>;

const participantSchema = z.object({
  id: z.int(),
  name: z.string().nullable(),
});

/** Everything that can stand on a meeting's cursor, told apart by `type`. */
export const meetingEventBodySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('segment'), segment: segmentSchema }),
  /** A segment that readers know already, under the same id, with its speaker or text corrected. */
  z.object({ type: z.literal('segment.updated'), segment: segmentSchema }),
  z.object({
    type: z.literal('meeting.status'),
    status: meetingStatusSchema,
    reason: endReasonSchema.nullable(),
    message: z.string().nullable(),
  }),
  /** The planned start was set or moved, or, when it is null, taken back. */
  z.object({
    type: z.literal('meeting.planned'),
    scheduledStart: z.iso.datetime().nullable(),
  }),
  z.object({
    type: z.literal('bot.status'),
    attempt: z.int(),
    status: botStatusSchema,
    reason: endReasonSchema.nullable(),
    message: z.string().nullable(),
  }),
  /** The bot waits to be started: others, a machine with room, or its image. It goes on by itself. */
  z.object({
    type: z.literal('bot.pickup_delayed'),
    attempt: z.int(),
    reason: endReasonSchema.nullable(),
    /** Where bots have to wait for each other: how many come before, itself included. */
    queuePlace: z.int().min(1).optional(),
    message: z.string(),
  }),
  z.object({
    type: z.literal('participant.joined'),
    participant: participantSchema,
  }),
  z.object({
    type: z.literal('participant.left'),
    participant: participantSchema,
  }),
  z.object({
    type: z.literal('participant.renamed'),
    participant: participantSchema,
  }),
  z.object({
    type: z.literal('chat.message'),
    from: z.string().nullable(),
    text: z.string(),
  }),
  /** A stretch the bot could not hear. */
  z.object({
    type: z.literal('gap'),
    startMs: z.int(),
    endMs: z.int().nullable(),
    attempt: z.int(),
    reason: gapReasonSchema,
  }),
  /** What became of something the bot was asked to say or write. */
  z.object({
    type: z.literal('command.status'),
    commandId: z.int(),
    kind: z.enum(['send_chat', 'speak', 'stop_speaking']),
    status: z.enum(['done', 'failed']),
    detail: z.string().nullable(),
  }),
  z.object({
    type: z.literal('recording.status'),
    status: z.enum(['assembling', 'ready', 'failed']),
  }),
  /** A chunk whose words could not be had; its audio is kept and can be tried again. */
  z.object({
    type: z.literal('chunk.failed'),
    startMs: z.int(),
    endMs: z.int(),
    reason: z.string(),
  }),
  /** How far an uploaded file is decoded and transcribed. */
  z.object({
    type: z.literal('upload.progress'),
    percent: z.int().min(0).max(100),
  }),
  /** Nothing is left to be transcribed. */
  z.object({
    type: z.literal('transcript.ready'),
    version: z.int(),
    segments: z.int(),
  }),
  z.object({
    type: z.literal('analysis.status'),
    run: z.int(),
    status: z.enum(['running', 'completed', 'failed']),
  }),
]);
export type MeetingEventBody = z.infer<typeof meetingEventBodySchema>;

/** Events that are stored as such; segments live in their own table and join on reading. */
export type StoredEventBody = Exclude<MeetingEventBody, { type: 'segment' | 'segment.updated' }>;

/** One event as readers get it. */
export const meetingEventSchema = z
  .object({
    seq: z.int(),
    at: z.iso.datetime(),
    event: meetingEventBodySchema,
  })
  .meta({ id: 'MeetingEvent' });
export type MeetingEvent = z.infer<typeof meetingEventSchema>;
