import { z } from 'zod';

/** The meeting platforms a bot can join; `custom` is our own practice room. */
export const platformSchema = z
  .enum(['google_meet', 'teams', 'zoom', 'jitsi', 'livekit', 'custom'])
  .meta({ id: 'Platform' });
export type Platform = z.infer<typeof platformSchema>;
