import { z } from 'zod';
import { followQuerySchema } from './api';
import { meetingEventSchema } from './events';

/** `GET /api/events`: what a consumer that was down reads to catch up. */

export const allEventsQuerySchema = followQuerySchema.extend({
  after: z
    .string()
    .max(200)
    .optional()
    .describe('`nextAfter` of the page before; without it from the beginning'),
});

export const allEventsPageSchema = z.object({
  events: z.array(meetingEventSchema.extend({ meetingId: z.int() })),
  nextAfter: z.string().describe('The `after` of the next read; an empty page keeps it'),
  hasMore: z.boolean(),
});
