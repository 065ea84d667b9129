import type { Platform } from '../../../domain/platforms';
import { customPlatform } from './custom/custom-platform';
import type { MeetingPlatform } from './platform';

/** Null for a platform that this bot has no adapter for. */
export function createPlatform(platform: Platform): MeetingPlatform | null {
  switch (platform) {
    case 'custom':
      return customPlatform;
    case 'google_meet':
    case 'teams':
    case 'zoom':
    case 'jitsi':
    case 'livekit':
      return null;
  }
}
