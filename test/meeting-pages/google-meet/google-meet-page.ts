import { startMeetingPage, type MeetingPage } from '../meeting-page';

export interface MeetPerson {
  id: string;
  name: string;
  isHost?: boolean;
}

export interface MeetState {
  screen:
    | 'prejoin'
    | 'lobby'
    | 'notStarted'
    | 'call'
    | 'denied'
    | 'noAnswer'
    | 'blocked'
    | 'problem'
    | 'wrongCode'
    | 'signIn'
    | 'removed'
    | 'ended'
    | 'left'
    | 'empty';
  hasLobby: boolean;
  lobbyText: string;
  /** What a page that ends it all says in place of its own words. */
  lastWord: string | null;
  isSignedIn: boolean;
  joinText: string;
  hasJsname: boolean;
  hasDevices: boolean;
  dialogs: ('gotIt' | 'noDevices' | 'recorded')[];
  captcha: null | 'invisible' | 'badge' | 'shown';
  people: MeetPerson[];
  presenter: MeetPerson | null;
  chat: { id: string; from: string | null; text: string }[];
  hasChat: boolean;
  /** How many tiles there is room for. */
  tileLimit: number;
  /** One layout has no ids on its tiles and rows. */
  hasTileIds: boolean;
  hasAudioElements: boolean;
  /** Whether channels say whom they carry. */
  hasSources: boolean;
  /** How the page shows who speaks: an obfuscated class, a frame, or a level. */
  glow: 'Oaajhc' | 'HX2H7' | 'wEsLMd' | 'OgVli' | 'frame' | 'level' | 'unheardOf';
  isToolbarAsleep: boolean;
  isReconnecting: boolean;
}

const FRESH: MeetState = {
  screen: 'prejoin',
  hasLobby: true,
  lobbyText: 'Asking to be let in...',
  lastWord: null,
  isSignedIn: false,
  joinText: 'Ask to join',
  hasJsname: true,
  hasDevices: true,
  dialogs: [],
  captcha: 'invisible',
  people: [],
  presenter: null,
  chat: [],
  hasChat: true,
  tileLimit: 9,
  hasTileIds: true,
  hasAudioElements: true,
  hasSources: true,
  glow: 'Oaajhc',
  isToolbarAsleep: false,
  isReconnecting: false,
};

/** Google Meet's side of a meeting, and its host. */
export interface GoogleMeetPage {
  page: MeetingPage<MeetState>;
  url: string;
  /** Begins a new meeting. */
  begin(changes?: Partial<MeetState>): void;
  admit(): void;
  addPerson(person: MeetPerson): void;
  renamePerson(id: string, name: string): void;
  removePerson(id: string): void;
  say(from: string | null, text: string): void;
  close(): Promise<void>;
}

export async function startGoogleMeetPage(): Promise<GoogleMeetPage> {
  let messages = 0;
  const say = (from: string | null, text: string) => {
    messages += 1;
    const message = { id: `spaces/standin/messages/${messages}`, from, text };
    page.update({ chat: [...page.state.chat, message] });
  };
  const page: MeetingPage<MeetState> = await startMeetingPage<MeetState>({
    platform: 'google-meet',
    state: FRESH,
    onEvent(name, detail) {
      if (name === 'asked-to-join') page.update({ screen: page.state.hasLobby ? 'lobby' : 'call' });
      if (name === 'left') page.update({ screen: 'left' });
      if (name === 'dismissed') {
        page.update({ dialogs: page.state.dialogs.filter((dialog) => dialog !== detail) });
      }
      if (name === 'chat') say(null, (detail as { text: string }).text);
    },
  });
  return {
    page,
    url: `${page.url}/abc-defg-hij`,
    begin: (changes = {}) => page.reset({ ...FRESH, ...changes }),
    admit: () => page.update({ screen: 'call' }),
    addPerson: (person) => page.update({ people: [...page.state.people, person] }),
    renamePerson: (id, name) =>
      page.update({
        people: page.state.people.map((one) => (one.id === id ? { ...one, name } : one)),
      }),
    removePerson: (id) => page.update({ people: page.state.people.filter((one) => one.id !== id) }),
    say,
    close: () => page.close(),
  };
}
