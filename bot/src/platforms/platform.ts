import type { Page } from 'playwright-core';
import type { EndReason } from '../../../domain/end-reasons';
import type { SignTable } from './signs';

export interface PersonInCall {
  /** The platform's id of the person in this call; where it has none, something as lasting. */
  key: string;
  name: string;
  isHost: boolean;
  isSelf: boolean;
}

export interface ChatLine {
  key: string;
  from: string | null;
  text: string;
}

/** `certain` rests on two independent signs of the page, `likely` on one. */
export type Confidence = 'certain' | 'likely';

/**
 * What the page shows now. `unclear` is an honest answer while its signs disagree. `signs` are the
 * names, from the platform's table, of everything seen on the page: what the verdict rests on.
 */
export type MeetingView = { signs: readonly string[] } & (
  | { state: 'unclear' | 'joining' }
  /** Somebody must let the bot in, or the host must start the meeting first. */
  | { state: 'waiting_room'; isNotStarted?: boolean }
  | { state: 'over'; reason: EndReason; confidence: Confidence }
  | {
      state: 'in_meeting';
      isConnected: boolean;
      /** Everybody in the call, the bot too. */
      people: PersonInCall[];
      chat: ChatLine[];
    }
);

export interface JoinRequest {
  url: string;
  botName: string;
  passcode: string | null;
  /** The platform's own token for this join, where the meeting has a callback address for one. */
  joinToken: string | null;
  /** The browser carries the stored sign-in of an identity. */
  isSignedIn: boolean;
}

/** How a platform's page arranges sound, and how it shows who speaks. */
export interface SoundRules {
  /** Whether a track belongs to one person for good, or carries whoever speaks. */
  tracks: 'per_participant' | 'mixed';
  /**
   * With mixed sound: how the id of the track begins that carries all of it. Other tracks repeat
   * it, and are heard only where it is missing or silent.
   */
  mixTrackPrefix?: string;
  /** With tracks per participant: the element around a person's <audio> or <video>, and its key. */
  owner?: { selector: string; attribute: string };
  /** With tracks per participant: the person's key is group 1 of this pattern on MediaStream.id. */
  ownerInStreamId?: string;
  /**
   * Runs inside the page, often: the keys (as in `PersonInCall`) of those the page shows as speaking
   * now. It sees nothing but `css`, the table's selectors by name, overrides applied.
   */
  readSpeaking?(this: void, css: Record<string, readonly string[]>): string[];
  /**
   * Likewise, where the page marks whoever spoke last and leaves the mark on them: says that people
   * speak, each time it passes on, but names nobody's sound.
   */
  readLastSpeakers?(this: void, css: Record<string, readonly string[]>): string[];
}

/** All that is particular to one platform. Each knows its pages; none knows the rest of the bot. */
export interface MeetingPlatform {
  table: SignTable;
  sound: SoundRules;
  /** Asks to be let in: muted, camera off, under the given name. Returns without waiting for it. */
  join(page: Page, request: JoinRequest): Promise<void>;
  observe(page: Page): Promise<MeetingView>;
  leave(page: Page): Promise<void>;
  sendChat(page: Page, text: string): Promise<void>;
  /** Returns once the page itself shows the microphone so. */
  setMicrophone(page: Page, isOn: boolean): Promise<void>;
}
