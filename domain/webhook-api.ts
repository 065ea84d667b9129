import { z } from 'zod';
import { pageQuerySchema, pathId, rowId } from './api';
import { lineSchema } from './bot-wishes';
import { WEBHOOK_TEST_TYPE, WEBHOOK_TYPES, webhookFilterSchema } from './webhooks';

const moment = z.iso.datetime();

const url = z.url({ protocol: /^https?$/ }).max(2_000);
const description = lineSchema(500).nullable();
const eventTypes = z
  .array(webhookFilterSchema)
  .min(1)
  .max(100)
  .nullable()
  .describe('Types, or families as `transcript.*`; null for all');

export const createEndpointSchema = z.strictObject({
  url: url.describe('Public and https, unless the installation allows its host'),
  meetingId: rowId
    .nullable()
    .optional()
    .describe('Events of this meeting alone; without it those of all of yours'),
  description: description.optional(),
  eventTypes: eventTypes.optional(),
});

/** Absent fields stay as they are. */
export const updateEndpointSchema = z
  .strictObject({
    url: url.optional(),
    description: description.optional(),
    eventTypes: eventTypes.optional(),
    enabled: z
      .boolean()
      .optional()
      .describe('Enabling goes on where it stopped, and tries at once what had failed'),
  })
  .refine((changes) => Object.keys(changes).length > 0, {
    message: 'Expected at least one field to change',
  });

export const endpointSchema = z
  .object({
    id: z.int(),
    url: z.string(),
    meetingId: z.int().nullable(),
    description: z.string().nullable(),
    eventTypes: z.array(z.string()).nullable(),
    enabled: z.boolean(),
    disabledReason: z
      .enum(['by_user', 'gone', 'failing'])
      .nullable()
      .describe('`gone`: it answered 410. `failing`: nothing was taken for five days.'),
    disabledAt: moment.nullable(),
    failingSince: moment.nullable().describe('The first failure since the last success'),
    lastSuccessAt: moment.nullable(),
    pausedUntil: moment.nullable().describe('It answered 429 with `Retry-After`'),
    oldSecretUntil: moment.nullable().describe('Until then the secret before signs along'),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'WebhookEndpoint' });
export type EndpointView = z.infer<typeof endpointSchema>;

const secret = z
  .string()
  .describe('`whsec_…`, as Standard Webhooks has it; shown this once and never again');

export const newEndpointSchema = endpointSchema.extend({ secret });
export const rotatedSecretSchema = z.object({ secret, oldSecretUntil: moment });

export const endpointListSchema = z.object({
  endpoints: z.array(endpointSchema),
  nextCursor: z.string().nullable(),
});

/** Ids as they stand in a query. */
const queryId = z.coerce.number().int().min(1).max(2_147_483_647);

export const listEndpointsQuerySchema = pageQuerySchema.extend({ meetingId: queryId.optional() });

const outcomeSchema = z
  .enum(['delivered', 'failed', 'dead_lettered'])
  .describe('`failed` is tried again. `dead_lettered` was the last try: replay it.');

export const listDeliveriesQuerySchema = pageQuerySchema.extend({
  meetingId: queryId.optional(),
  outcome: outcomeSchema.optional(),
});

/** One attempt at delivering one message. */
export const deliverySchema = z
  .object({
    id: z.int(),
    messageId: z.string().describe('The header `webhook-id`: the same over all attempts'),
    type: z.enum([...WEBHOOK_TYPES, WEBHOOK_TEST_TYPE]),
    meetingId: z.int().nullable(),
    fromSeq: z.int().nullable(),
    throughSeq: z.int().nullable(),
    attempt: z.int(),
    outcome: outcomeSchema,
    url: z.string().nullable().describe('Where it was posted to'),
    requestHead: z.record(z.string(), z.string()).describe('Headers, without the signature'),
    status: z.int().nullable().describe('Null when there was no answer'),
    error: z.string().nullable(),
    responseHead: z.string().nullable().describe('Headers and body, the first 2 KiB'),
    latencyMs: z.int(),
    createdAt: moment,
  })
  .meta({ id: 'WebhookDelivery' });
export type DeliveryView = z.infer<typeof deliverySchema>;

export const deliveryListSchema = z.object({
  deliveries: z.array(deliverySchema),
  nextCursor: z.string().nullable(),
});

export const deliveryPathSchema = z.strictObject({ id: pathId, deliveryId: pathId });

export const replaySchema = z
  .strictObject({ meetingId: rowId, fromSeq: rowId, toSeq: rowId })
  .refine(({ fromSeq, toSeq }) => fromSeq <= toSeq, {
    path: ['toSeq'],
    message: 'Expected fromSeq or more',
  });

/** What will be sent once more, with the messages' own ids. */
export const replayAnswerSchema = z.object({
  meetingId: z.int(),
  fromSeq: z.int(),
  toSeq: z.int().describe('At most the newest seq of the meeting'),
});
