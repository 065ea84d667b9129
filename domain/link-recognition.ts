import { z } from 'zod';
import { createMeetingSchema } from './api';
import { platformSchema } from './platforms';

export const recogniseLinkSchema = createMeetingSchema.pick({
  meetingUrl: true,
  platform: true,
  accessToken: true,
});

/** What a link leads to, without looking anything up. */
export const recognisedLinkSchema = z.object({
  link: z
    .object({
      platform: platformSchema,
      meetingUrl: z.string().describe('Without passcode'),
      hasPasscode: z.boolean(),
    })
    .nullable()
    .describe('Null for a text that is no link of a meeting'),
  problem: z.string().nullable().describe('What a link of a meeting would have to be'),
});
export type RecognisedLink = z.infer<typeof recognisedLinkSchema>;
