import { z } from 'zod';
import { analysisContentSchema } from './analysis';
import { endReasonSchema } from './end-reasons';
import { gapReasonSchema, type MeetingEventBody } from './events';
import { meetingPlatformSchema } from './platforms';
import { segmentSchema } from './segment';
import { botStatusSchema } from './statuses';

/** What consumers of webhooks get: every type of message with its data. */

/** What every message says of its meeting, as it is when the message is sent. */
const meetingSchema = z.object({
  title: z.string().nullable(),
  platform: meetingPlatformSchema,
  meetingUrl: z.string().nullable().describe('Without passcode'),
  scheduledStart: z.iso.datetime().nullable(),
  actualStart: z.iso.datetime().nullable(),
  actualEnd: z.iso.datetime().nullable(),
});
export type WebhookMeeting = z.infer<typeof meetingSchema>;

const base = {
  meetingId: z.int(),
  seq: z.int().describe('Place on the meeting’s cursor; of several segments the last one’s'),
  meeting: meetingSchema,
};
const statusData = z.object({
  ...base,
  reason: endReasonSchema.nullable(),
  message: z.string().nullable().describe('The reason as a sentence'),
});
const participantData = z.object({
  ...base,
  participant: z.object({ id: z.int(), name: z.string().nullable() }),
});

/** A segment, and whether the consumer may know it already under its id. */
const webhookSegmentSchema = segmentSchema.extend({
  corrected: z.boolean().describe('Comes again under its id, with its speaker or text corrected'),
});

/** The data of each type, with what it means. */
export const WEBHOOK_DATA = {
  'meeting.created': statusData.describe('The meeting is waiting for its bot'),
  'meeting.scheduled': statusData.describe('The meeting has a time'),
  'meeting.planned': z
    .object({ ...base, scheduledStart: z.iso.datetime().nullable() })
    .describe('The planned start was set or moved, or, when it is null, taken back'),
  'meeting.joining': statusData.describe('A bot is on its way into the call'),
  'meeting.live': statusData.describe('A bot is in the call and hears'),
  'meeting.processing': statusData.describe('The call is over; the last words are being written'),
  'meeting.completed': statusData.describe('The meeting is over and written down'),
  'meeting.failed': statusData.describe('The meeting is over, and not as it should be'),
  'meeting.cancelled': statusData.describe('The meeting was called off before a bot was in it'),
  'bot.status': z
    .object({ ...statusData.shape, attempt: z.int(), status: botStatusSchema })
    .describe('A bot went one step further'),
  'bot.pickup_delayed': z
    .object({
      ...base,
      attempt: z.int(),
      reason: endReasonSchema.nullable(),
      queuePlace: z.int().min(1).optional(),
      message: z.string(),
    })
    .describe('The bot waits to be started, and goes on by itself'),
  'bot.command': z
    .object({
      ...base,
      commandId: z.int(),
      kind: z.enum(['send_chat', 'speak', 'stop_speaking']),
      status: z.enum(['done', 'failed']),
      detail: z.string().nullable(),
    })
    .describe('What became of something the bot was asked to say or write'),
  'transcript.segment': z
    .object({ ...base, segments: z.array(webhookSegmentSchema).min(1).max(100) })
    .describe('Segments that follow each other on the cursor, up to 100'),
  'transcript.gap': z
    .object({
      ...base,
      startMs: z.int(),
      endMs: z.int().nullable(),
      attempt: z.int(),
      reason: gapReasonSchema,
    })
    .describe('A stretch the bot could not hear'),
  'transcript.chunk_failed': z
    .object({ ...base, startMs: z.int(), endMs: z.int(), reason: z.string() })
    .describe('A stretch whose words could not be had; its audio is kept'),
  'transcript.ready': z
    .object({ ...base, version: z.int(), segments: z.int().describe('How many there are') })
    .describe('Nothing is left to be transcribed'),
  'analysis.ready': z
    .object({
      ...base,
      run: z.int(),
      provider: z.string().nullable(),
      model: z.string().nullable(),
      content: analysisContentSchema.nullable(),
    })
    .describe('An analysis, with all it says'),
  'analysis.failed': z
    .object({ ...base, run: z.int(), error: z.string().nullable() })
    .describe('An analysis could not be made'),
  'recording.ready': z
    .object({
      ...base,
      url: z.string().describe('Path below the API’s address; needs the scope `transcripts:read`'),
      bytes: z.int().nullable(),
      durationMs: z.int().nullable(),
    })
    .describe('The recording can be fetched'),
  'recording.failed': z.object(base).describe('The recording could not be assembled'),
  'participant.joined': participantData.describe('Somebody came into the call'),
  'participant.left': participantData.describe('Somebody left the call'),
  'participant.renamed': participantData.describe('Somebody has another name'),
  'chat.message': z
    .object({ ...base, from: z.string().nullable(), text: z.string() })
    .describe('A message in the meeting’s chat'),
} as const satisfies Record<string, z.ZodObject>;
export type WebhookType = keyof typeof WEBHOOK_DATA;
export const WEBHOOK_TYPES = Object.keys(WEBHOOK_DATA) as [WebhookType, ...WebhookType[]];

/** Sent when somebody asks for it, to see whether an endpoint is reached. */
export const WEBHOOK_TEST_TYPE = 'webhook.test';

/** The body of a message of this type. */
export function webhookBodySchema<Data extends z.ZodType>(type: string, data: Data) {
  return z.object({
    id: z.string().describe('The same over all attempts; also in the header `webhook-id`'),
    type: z.literal(type),
    timestamp: z.iso.datetime().describe('When it happened'),
    data,
  });
}

/** What a filter may name: a type, or a family of types as `transcript.*`. */
const FILTERS = [
  ...WEBHOOK_TYPES,
  ...new Set(WEBHOOK_TYPES.map((type) => `${type.split('.')[0] ?? ''}.*`)),
] as [string, ...string[]];
export const webhookFilterSchema = z.enum(FILTERS);

/** Whether a filter lets a type through; null lets all through. */
export function isWanted(type: WebhookType, filter: readonly string[] | null): boolean {
  return filter === null || filter.includes(type) || filter.includes(`${type.split('.')[0]}.*`);
}

/** The type under which an event of the log is delivered; null for those that are not. */
export function toWebhookType(event: MeetingEventBody): WebhookType | null {
  switch (event.type) {
    case 'segment':
    case 'segment.updated':
      return 'transcript.segment';
    case 'meeting.status':
      return `meeting.${event.status}`;
    case 'command.status':
      return 'bot.command';
    case 'gap':
      return 'transcript.gap';
    case 'chunk.failed':
      return 'transcript.chunk_failed';
    case 'upload.progress':
      return null;
    case 'analysis.status':
      if (event.status === 'running') return null;
      return event.status === 'completed' ? 'analysis.ready' : 'analysis.failed';
    case 'recording.status':
      if (event.status === 'assembling') return null;
      return event.status === 'ready' ? 'recording.ready' : 'recording.failed';
    case 'meeting.planned':
    case 'transcript.ready':
    case 'bot.pickup_delayed':
    case 'bot.status':
    case 'participant.joined':
    case 'participant.left':
    case 'participant.renamed':
    case 'chat.message':
      return event.type;
  }
}
