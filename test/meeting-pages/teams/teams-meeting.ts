import { startMeetingPage, type MeetingPage } from '../meeting-page';

export interface TeamsPerson {
  /** Their id in Teams, as 8:orgid:…. */
  key: string;
  name: string;
  isOrganizer?: boolean;
  isMuted?: boolean;
  isSharing?: boolean;
  /** Where an organisation shows addresses in place of names in the structure. */
  email?: string;
}

/** What the page shows; everything but `door` and `call` is a screen outside of the call. */
export type TeamsScreen =
  | 'door'
  | 'lobby'
  | 'not-started'
  | 'call'
  | 'refused'
  | 'removed'
  | 'ended'
  | 'no-such-meeting'
  | 'sign-in-asked'
  | 'guests-later'
  | 'cannot-connect'
  | 'captcha'
  | 'login-form';

export interface TeamsState {
  client: 'full' | 'guest';
  /** Guests have no chat. */
  hasChat: boolean;
  hasLauncher: boolean;
  /** Another language: what stands on the page in place of its English texts and labels. */
  words: Readonly<Record<string, string>> | null;
  /** Whether Teams asks if one really wants neither audio nor video, and when. */
  question: 'none' | 'after-asking' | 'open';
  /** How the outline around who speaks is drawn. */
  outline: 'attribute' | 'class' | 'drawn' | 'none';
  /** The name of the account whose sign-in the browser has stored. */
  account: string | null;
  screen: TeamsScreen;
  people: TeamsPerson[];
  /** Keys of those who speak without being heard, besides those the cast lets speak. */
  speaking: string[];
  chat: { id: string; from: string | null; text: string }[];
  /** What Teams says above the call. */
  notice: string | null;
}

/** What the bot did when it pressed Join now. */
export interface Asked {
  name: string;
  isMicrophoneOn: boolean;
  isCameraOn: boolean;
  path: string;
  passcode: string;
  fragment: string;
}

const FRESH: TeamsState = {
  client: 'full',
  hasChat: true,
  hasLauncher: false,
  words: null,
  question: 'none',
  outline: 'attribute',
  account: null,
  screen: 'door',
  people: [],
  speaking: [],
  chat: [],
  notice: null,
};

/** A meeting on Teams as its host and its server see it. */
export class TeamsMeeting {
  private messageCount = 0;
  /** What happens to who asks to join. */
  private answer: TeamsScreen = 'call';

  private constructor(readonly page: MeetingPage<TeamsState>) {}

  static async start(): Promise<TeamsMeeting> {
    const onEvent = (name: string, detail: unknown) => meeting.takeEvent(name, detail);
    const page = await startMeetingPage<TeamsState>({ platform: 'teams', state: FRESH, onEvent });
    const meeting: TeamsMeeting = new TeamsMeeting(page);
    return meeting;
  }

  /** Begins a meeting of this kind: who asks to join gets `answer`. */
  open(answer: TeamsScreen, state: Partial<TeamsState> = {}): void {
    this.answer = answer;
    this.page.reset({ ...FRESH, ...state });
  }

  get link(): string {
    return `${this.page.url}/meet/2710157029709`;
  }

  asked(): Promise<Asked> {
    return this.page.waitForEvent('asked') as Promise<Asked>;
  }

  admit(): void {
    this.page.update({ screen: 'call' });
  }

  refuse(): void {
    this.page.update({ screen: 'refused' });
  }

  remove(): void {
    this.page.update({ screen: 'removed' });
  }

  end(): void {
    this.page.update({ screen: 'ended' });
  }

  addPerson(person: TeamsPerson): void {
    this.page.update({ people: [...this.page.state.people, person] });
  }

  changePerson(key: string, changes: Partial<TeamsPerson>): void {
    const people = this.page.state.people.map((person) =>
      person.key === key ? { ...person, ...changes } : person,
    );
    this.page.update({ people });
  }

  removePerson(key: string): void {
    this.page.update({ people: this.page.state.people.filter((person) => person.key !== key) });
  }

  /** A chat message; `from` null is the bot's own. */
  say(from: string | null, text: string): void {
    this.messageCount += 1;
    const id = String(1_786_918_775_000 + this.messageCount);
    this.page.update({ chat: [...this.page.state.chat, { id, from, text }] });
  }

  private takeEvent(name: string, detail: unknown): void {
    if (name === 'asked') this.page.update({ screen: this.answer });
    if (name === 'chat') this.say(null, (detail as { text: string }).text);
    if (name === 'dismissed') this.page.update({ notice: null });
    if (name === 'left' || name === 'cancelled') this.end();
  }
}
