import { z } from 'zod';

/** The meeting platforms a bot can join; `custom` is our own practice room. */
export const platformSchema = z.enum([
  'google_meet',
  'teams',
  'zoom',
  'jitsi',
  'livekit',
  'custom',
]);
export type Platform = z.infer<typeof platformSchema>;

/** Platforms that this version has a bot for; links of the others are recognised and kept. */
export const BOT_PLATFORMS: readonly Platform[] = ['custom'];
