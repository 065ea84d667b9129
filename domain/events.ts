import { z } from 'zod';
import { endReasonSchema } from './end-reasons';
import { segmentSchema } from './segment';
import { botStatusSchema, meetingStatusSchema } from './statuses';

const participantSchema = z.object({
  id: z.int(),
  name: z.string().nullable(),
});

/** Everything that can stand on a meeting's cursor, told apart by `type`. */
export const meetingEventBodySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('segment'), segment: segmentSchema }),
  z.object({
    type: z.literal('meeting.status'),
    status: meetingStatusSchema,
    reason: endReasonSchema.nullable(),
    message: z.string().nullable(),
  }),
  z.object({
    type: z.literal('bot.status'),
    attempt: z.int(),
    status: botStatusSchema,
    reason: endReasonSchema.nullable(),
    message: z.string().nullable(),
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
  /** A stretch the bot could not hear: between two attempts, or after a crash. */
  z.object({
    type: z.literal('gap'),
    startMs: z.int(),
    endMs: z.int().nullable(),
    attempt: z.int(),
    reason: endReasonSchema,
  }),
  /** A chunk whose words could not be had; its audio is kept and can be tried again. */
  z.object({
    type: z.literal('chunk.failed'),
    startMs: z.int(),
    endMs: z.int(),
    reason: z.string(),
  }),
  z.object({
    type: z.literal('analysis.status'),
    run: z.int(),
    status: z.enum(['running', 'completed', 'failed']),
  }),
]);
export type MeetingEventBody = z.infer<typeof meetingEventBodySchema>;

/** Events that are stored as such; segments live in their own table and join on reading. */
export type StoredEventBody = Exclude<MeetingEventBody, { type: 'segment' }>;

/** One event as readers get it. */
export const meetingEventSchema = z.object({
  seq: z.int(),
  at: z.iso.datetime(),
  event: meetingEventBodySchema,
});
export type MeetingEvent = z.infer<typeof meetingEventSchema>;
