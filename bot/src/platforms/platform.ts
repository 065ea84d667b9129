import type { Page } from 'playwright-core';
import type { EndReason } from '../../../domain/end-reasons';

export interface PersonInCall {
  /** The platform's id of the person in this call. */
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

/** What the page shows now. `unclear` is an honest answer while its signs disagree. */
export type MeetingView =
  | { state: 'unclear' | 'joining' | 'waiting_room' }
  | { state: 'over'; reason: EndReason }
  | { state: 'in_meeting'; isConnected: boolean; people: PersonInCall[]; chat: ChatLine[] };

export interface JoinRequest {
  url: string;
  botName: string;
  passcode: string | null;
}

/** All that is particular to one platform. Each knows its pages; none knows the rest of the bot. */
export interface MeetingPlatform {
  /** How a page's elements tell whose sound an <audio> element plays. */
  owner: { selector: string; attribute: string };
  /** Asks to be let in: muted, camera off, under the given name. */
  join(page: Page, request: JoinRequest): Promise<void>;
  observe(page: Page): Promise<MeetingView>;
  leave(page: Page): Promise<void>;
  sendChat(page: Page, text: string): Promise<void>;
}
