import { z } from 'zod';

/** The meeting platforms a bot can join; `custom` is our own practice room. */
export const platformSchema = z
  .enum(['google_meet', 'teams', 'zoom', 'jitsi', 'livekit', 'custom'])
  .meta({ id: 'Platform' });
export type Platform = z.infer<typeof platformSchema>;

/** The same for any meeting: one without a bot, recorded or uploaded, is on no platform. */
export const meetingPlatformSchema = z
  .enum([...platformSchema.options, 'none'])
  .meta({ id: 'MeetingPlatform' });
export type MeetingPlatform = z.infer<typeof meetingPlatformSchema>;
