import { startMeetingPage, type MeetingPage } from '../meeting-page';

export interface ZoomPerson {
  /** Who this is for the cast's sound. */
  key: string;
  /** Zoom's own number of the person in this call. */
  id: number;
  name: string;
  isHost?: boolean;
  isMuted?: boolean;
}

export interface ZoomState {
  client: 'react' | 'classic';
  framing: 'top' | 'iframe';
  door:
    | 'open'
    | 'waiting_room'
    | 'host_joined'
    | 'not_started'
    | 'other_meeting'
    | 'invalid_link'
    | 'unknown_meeting'
    | 'sign_in'
    | 'bot_wall'
    | 'captcha'
    | 'timeout'
    | 'joining';
  ending: 'ended' | 'removed' | 'home' | null;
  connection: 'connected' | 'reconnecting' | 'disconnected';
  passcode: string | null;
  hasCookieBanner: boolean;
  hasTerms: boolean;
  /** Another language: what stands on the page in place of its English texts and labels. */
  words: Readonly<Record<string, string>> | null;
  hasPermissionDialogs: boolean;
  /** Panels of participants and chat take each other's place. */
  hasOnePanel: boolean;
  isFooterHidden: boolean;
  /** Zoom's store can be found in the page. */
  hasStore: boolean;
  hasContributingSources: boolean;
  sound: 'webrtc' | 'web_audio' | 'none';
  people: ZoomPerson[];
  chat: { id: string; from: string; text: string }[];
  notice: string | null;
}

const DEFAULTS: ZoomState = {
  client: 'react',
  framing: 'top',
  door: 'open',
  ending: null,
  connection: 'connected',
  passcode: null,
  hasCookieBanner: false,
  hasTerms: false,
  words: null,
  hasPermissionDialogs: false,
  hasOnePanel: false,
  isFooterHidden: false,
  hasStore: true,
  hasContributingSources: false,
  sound: 'none',
  people: [],
  chat: [],
  notice: null,
};

export function makeZoomState(changes: Partial<ZoomState> = {}): ZoomState {
  return { ...DEFAULTS, ...changes };
}

/** Zoom's stand-in page with a server that delivers what is written into the chat. */
export async function startZoomMeeting(): Promise<MeetingPage<ZoomState>> {
  const meeting: MeetingPage<ZoomState> = await startMeetingPage({
    platform: 'zoom',
    state: makeZoomState(),
    onEvent: (name, detail) => {
      if (name !== 'chat') return;
      const { chat } = meeting.state;
      const text = String(detail);
      meeting.update({ chat: [...chat, { id: `own-${chat.length}`, from: 'You', text }] });
    },
  });
  return meeting;
}
