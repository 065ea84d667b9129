import { startMeetingPage, type MeetingPage } from '../meeting-page';

interface JitsiPerson {
  /** The endpoint's id: eight hex digits. */
  id: string;
  name: string;
  role?: 'moderator' | 'participant';
}

export interface JitsiState {
  hasPrejoin: boolean;
  /** Whether the host's settings let the link mute and name the guest. */
  honoursSettings: boolean;
  /** Whether the client's own state can be read. */
  hasStore: boolean;
  /** Another language: what stands on the page in place of its English texts and labels. */
  words: Readonly<Record<string, string>> | null;
  /** Whether the link can ask for English where the host speaks another language. */
  honoursLanguage: boolean;
  knocksByItself: boolean;
  hasLeaveMenu: boolean;
  door: 'open' | 'lobby' | 'passcode' | 'not-started';
  passcode: string;
  end: null | 'removed' | 'ended' | 'refused' | 'not-allowed' | 'full' | 'captcha';
  isConnected: boolean;
  people: JitsiPerson[];
  /** Key of whom the server calls the dominant speaker; that one stays so after falling silent. */
  dominantSpeaker: string | null;
  /** Whom a track plays that was made for somebody else, by that one's key. */
  owners: Record<string, string>;
  chat: {
    messageId: string;
    displayName: string;
    message: string;
    messageType: 'local' | 'remote';
  }[];
}

export const FRESH: JitsiState = {
  hasPrejoin: true,
  honoursSettings: true,
  hasStore: true,
  words: null,
  honoursLanguage: true,
  knocksByItself: true,
  hasLeaveMenu: false,
  door: 'open',
  passcode: '',
  end: null,
  isConnected: true,
  people: [],
  dominantSpeaker: null,
  owners: {},
  chat: [],
};

/** Serves the stand-in of Jitsi Meet; what a guest says by chat comes back as one's own line. */
export async function startJitsiMeeting(): Promise<MeetingPage<JitsiState>> {
  const page: MeetingPage<JitsiState> = await startMeetingPage({
    platform: 'jitsi',
    state: FRESH,
    onEvent(name, detail) {
      if (name !== 'said') return;
      const { text, name: from } = detail as { text: string; name: string };
      const line = { displayName: from, message: text, messageType: 'local' as const };
      const messageId = `message-${page.state.chat.length + 1}`;
      page.update({ chat: [...page.state.chat, { ...line, messageId }] });
    },
  });
  return page;
}
