import type { Platform } from '../../../domain/platforms';
import { createCustomPlatform } from './custom/custom-platform';
import { createGoogleMeetPlatform } from './google-meet/google-meet-platform';
import { createJitsiPlatform } from './jitsi/jitsi-platform';
import { createLivekitPlatform } from './livekit/livekit-platform';
import type { MeetingPlatform } from './platform';
import type { SignOverrides } from './signs';
import { createTeamsPlatform } from './teams/teams-platform';
import { createZoomPlatform } from './zoom/zoom-platform';

/** The adapter of a platform, with the operator's selectors where given. */
export function createPlatform(platform: Platform, overrides: SignOverrides): MeetingPlatform {
  const changes = overrides[platform];
  switch (platform) {
    case 'google_meet':
      return createGoogleMeetPlatform(changes);
    case 'teams':
      return createTeamsPlatform(changes);
    case 'custom':
      return createCustomPlatform(changes);
    case 'zoom':
      return createZoomPlatform(changes);
    case 'jitsi':
      return createJitsiPlatform(changes);
    case 'livekit':
      return createLivekitPlatform(changes);
  }
}
