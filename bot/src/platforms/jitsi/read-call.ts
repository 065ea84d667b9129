import type { Page } from 'playwright-core';
import type { ChatLine, PersonInCall } from '../platform';
import { selectorOf } from '../signs';
import type { JITSI_SIGNS } from './signs';

export interface JitsiCall {
  /** What the client's own state says; null where it cannot be read. */
  hasJoined: boolean | null;
  isConnected: boolean;
  people: PersonInCall[];
  chat: ChatLine[];
}

/** The parts of the client's state that are read, as features/base and features/chat have them. */
interface JitsiState {
  'features/base/participants'?: {
    local?: Person;
    remote?: Map<string, Person>;
    dominantSpeaker?: string;
  };
  'features/base/tracks'?: {
    participantId?: string;
    jitsiTrack?: { getId?(): string; isLocal?(): boolean };
  }[];
  'features/chat'?: { messages?: Message[] };
}
interface Person {
  id: string;
  name?: string;
  role?: string;
  fakeParticipant?: string;
}
interface Message {
  messageId?: string;
  displayName?: string;
  message?: string;
  messageType?: string;
}
interface JitsiApp {
  store?: { getState(): JitsiState };
  conference?: { isJoined?(): boolean; getConnectionState?(): string | null };
}

/**
 * Tiles show only those who fit on the screen and the chat only while its panel is open, so people
 * and messages come from the client's state first. <audio> elements are marked with whom they play
 * each time: the server may give a track to somebody else, and the element does not say so.
 */
export function readCall(page: Page, table: typeof JITSI_SIGNS): Promise<JitsiCall> {
  const css = {
    tile: selectorOf(table.tile),
    audio: selectorOf(table.audio),
    ownTile: selectorOf(table.ownTile),
    chatEntry: selectorOf(table.chatEntry),
  };
  return page.evaluate(readInPage, css);
}

/** Runs in the page: the key of the dominant speaker, who stays so after falling silent. */
export function readLastSpeakers(css: Record<string, readonly string[]>): string[] {
  const app = (window as unknown as { APP?: JitsiApp }).APP;
  const persons = app?.store?.getState()['features/base/participants'];
  if (persons) return persons.dominantSpeaker ? [persons.dominantSpeaker] : [];
  return Array.from(
    document.querySelectorAll((css.dominantTile ?? []).join(', ') || ':not(*)'),
    ({ id }) => (id === 'localVideoContainer' ? 'local' : id.replace('participant_', '')),
  );
}

/** Runs in the page. */
function readInPage(css: Record<'tile' | 'audio' | 'ownTile' | 'chatEntry', string>): JitsiCall {
  const app = (window as unknown as { APP?: JitsiApp }).APP;
  const state = app?.store?.getState();
  const persons = state?.['features/base/participants'];
  const tracks = state?.['features/base/tracks'];
  for (const audio of document.querySelectorAll(css.audio)) {
    const id = audio.id.slice(audio.id.indexOf('_') + 1);
    const owner = tracks?.find(({ jitsiTrack }) => jitsiTrack?.getId?.() === id)?.participantId;
    if (owner) audio.setAttribute('data-participant-key', owner);
    else audio.removeAttribute('data-participant-key');
  }
  const tiles = Array.from(document.querySelectorAll(css.tile), ({ id }) => ({
    key: id.replace('participant_', ''),
    name: document.getElementById(`${id}_name`)?.textContent?.trim() ?? '',
    isHost: false,
    isSelf: false,
  }));
  const local = persons?.local;
  const remote = [...(persons?.remote?.values() ?? [])].filter((one) => !one.fakeParticipant);
  const listed = [...(local ? [local] : []), ...remote].map((one) => ({
    key: one.id,
    name: one.name ?? '',
    isHost: one.role === 'moderator',
    isSelf: one === local,
  }));
  const ownName = document.querySelector(css.ownTile)?.textContent?.trim() ?? '';
  const self = { key: 'local', name: ownName, isHost: false, isSelf: true };
  const messages = state?.['features/chat']?.messages;
  const chat = messages
    ? messages
        .filter(({ messageType }) => messageType !== 'error')
        .map((one, index) => ({
          key: one.messageId ?? String(index),
          from: one.displayName ?? null,
          text: one.message ?? '',
        }))
    : Array.from(document.querySelectorAll(css.chatEntry), (entry, index) => ({
        key: entry.closest('[id]')?.id ?? String(index),
        from: entry.querySelector('.display-name')?.textContent?.trim() ?? null,
        text: entry.querySelector('.usermessage')?.firstChild?.textContent?.trim() ?? '',
      }));
  const ice = app?.conference?.getConnectionState?.() ?? null;
  return {
    hasJoined: app?.conference?.isJoined?.() ?? null,
    isConnected: navigator.onLine && !['disconnected', 'failed', 'interrupted'].includes(ice ?? ''),
    people: listed.length > 0 ? listed : [self, ...tiles],
    chat,
  };
}
