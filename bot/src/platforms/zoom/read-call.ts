import type { Frame } from 'playwright-core';
import type { ChatLine } from '../platform';
import { listSelectors } from '../signs';
import { readAttendees, type Attendee } from './read-attendees';
import type { ZoomSigns } from './signs';

type Css = Record<string, readonly string[]>;

/** Someone as the page shows them; the id is Zoom's own number in this call where it can be had. */
export interface SeenPerson {
  id: string | null;
  name: string;
  isHost: boolean;
  isSelf: boolean;
}

export interface CallPage {
  /** Null while the participants panel is closed. */
  people: SeenPerson[] | null;
  /** How many rows the panel has drawn. */
  rows: number;
  /** How many the page counts; the bot alone is not counted. The panel has only the rows that fit. */
  count: number | null;
  /** Names on tiles: not all who are there, but nobody else. */
  tiles: string[];
  isChatOpen: boolean;
  hasUnreadChat: boolean;
  chat: ChatLine[];
  /** Label of the button for sound, lower case: says whether sound is joined, and muted. */
  audioLabel: string;
  /** The page offers to join the sound. */
  isComputerAudioOffered: boolean;
  /** All that dialogs say, lower case. Unlike the rest of the page, no participant writes it. */
  dialogs: string;
}

/** What a call shows now. Leaves in the page whose name is which key's. */
export async function readCall(
  frame: Frame,
  table: ZoomSigns,
  keysByName: Record<string, string>,
): Promise<CallPage> {
  const css = listSelectors(table);
  const [rows, attendees, chat, controls] = await Promise.all([
    frame.evaluate(readRows, { css, keysByName }),
    frame.evaluate(readAttendees),
    frame.evaluate(readChat, css),
    frame.evaluate(readControls, css),
  ]);
  return { people: identify(rows, attendees), chat, ...controls };
}

/** Runs inside the page on its own: the keys of those whom the panel shows as speaking. */
export function readSpeaking(css: Css): string[] {
  const select = (sign: string) => (css[sign] ?? []).join(', ') || ':not(*)';
  const names = (window as unknown as { meetingKeysByName?: Record<string, string> })
    .meetingKeysByName;
  return Array.from(document.querySelectorAll(select('rosterRow')))
    .filter((row) => row.querySelector(select('speakingIcon')))
    .map((row) => {
      const label = row.querySelector(select('rosterName'))?.textContent ?? '';
      return names?.[label.replace(/\s+/g, ' ').trim()] ?? '';
    });
}

/** Likewise: the keys of those in Zoom's frame, which stays on the last speaker. */
export function readLastSpeakers(css: Css): string[] {
  const select = (sign: string) => (css[sign] ?? []).join(', ') || ':not(*)';
  const names = (window as unknown as { meetingKeysByName?: Record<string, string> })
    .meetingKeysByName;
  return Array.from(document.querySelectorAll(select('activeTile'))).map((tile) => {
    const label = tile.querySelector(select('tileName'))?.textContent ?? '';
    return names?.[label.replace(/\s+/g, ' ').trim()] ?? '';
  });
}

/** The rows with Zoom's numbers, and those out of view, where both lists agree; else the rows. */
function identify(rows: SeenPerson[], attendees: readonly Attendee[]): SeenPerson[] | null {
  if (rows.length === 0) return null;
  const left = [...attendees];
  const known = rows.map((row) => {
    const index = left.findIndex(({ name }) => name === row.name);
    const [attendee] = index < 0 ? [] : left.splice(index, 1);
    return { ...row, id: attendee?.id ?? null };
  });
  if (known.some(({ id }) => id === null)) return rows;
  return [...known, ...left.map((one) => ({ ...one, isHost: false, isSelf: false }))];
}

/** Runs in the page, on its own. */
function readRows({ css, keysByName }: { css: Css; keysByName: object }): SeenPerson[] {
  Object.assign(window, { meetingKeysByName: keysByName });
  const select = (sign: string) => (css[sign] ?? []).join(', ') || ':not(*)';
  const textOf = (element: Element | null) =>
    (element?.textContent ?? '').replace(/\s+/g, ' ').trim();
  return Array.from(document.querySelectorAll(select('rosterRow')), (row) => {
    const label = row.getAttribute('aria-label') ?? '';
    const [, spoken = '', mark = ''] =
      /^(.*?)\s*(?:\(([^()]*)\))?\s*,[^,]*audio/i.exec(label) ?? [];
    const marks = (textOf(row.querySelector(select('rosterLabel'))) || mark)
      .replace(/[()]/g, '')
      .toLowerCase()
      .split(',')
      .map((one) => one.trim());
    return {
      id: null,
      name: textOf(row.querySelector(select('rosterName'))) || spoken,
      isHost: marks.includes('host'),
      isSelf: marks.includes('me'),
    };
  });
}

/** Runs in the page, on its own. */
function readChat(css: Css): ChatLine[] {
  const select = (sign: string) => (css[sign] ?? []).join(', ') || ':not(*)';
  let author: string | null = null;
  return Array.from(
    document.querySelectorAll<HTMLElement>(select('chatMessage')),
    (message): ChatLine => {
      const item = message.closest<HTMLElement>(select('chatItem'));
      const sender =
        message.querySelector<HTMLElement>(select('chatSender')) ??
        item?.querySelector<HTMLElement>(select('chatSender'));
      const label = message.getAttribute('aria-label') ?? '';
      const [, spoken] = /^(.+?) to .+?, \d{1,2}:\d{2}/.exec(label) ?? [];
      // A run of messages from one person has their name once, above the first.
      author = (sender?.dataset.name ?? sender?.textContent?.trim()) || spoken || author;
      const box = message.querySelector(select('chatTextBox'));
      return {
        key: box?.id || item?.dataset.id || message.id,
        from: author,
        text: (message.querySelector<HTMLElement>(select('chatText'))?.innerText ?? '').trim(),
      };
    },
  ).filter(({ key, text }) => key && text);
}

/** Runs in the page, on its own. */
function readControls(css: Css): Omit<CallPage, 'people' | 'chat'> {
  const all = (sign: string, root: ParentNode = document) =>
    Array.from(root.querySelectorAll<HTMLElement>((css[sign] ?? []).join(', ') || ':not(*)'));
  const isVisible = (element: Element) => element.checkVisibility({ visibilityProperty: true });
  const textOf = (element?: Element) => (element?.textContent ?? '').replace(/\s+/g, ' ').trim();
  const labelOf = (element?: Element) => element?.getAttribute('aria-label') ?? '';
  const counts = [...all('rosterHeader'), ...all('rosterButton')].map(labelOf);
  const count = counts.map((label) => /[[(](\d+)[\])]/.exec(label)?.[1]).find(Boolean);
  const dialogs = all('dialog').filter(isVisible).map(textOf);
  return {
    rows: all('rosterRow').length,
    count: count ? Number(count) : null,
    tiles: all('tile')
      .map((tile) => textOf(all('tileName', tile)[0]))
      .filter(Boolean),
    isChatOpen: all('chatInput').some(isVisible),
    hasUnreadChat: all('chatUnread').length > 0,
    audioLabel: labelOf(all('audioButton')[0]).toLowerCase(),
    isComputerAudioOffered: all('computerAudio').some(isVisible),
    dialogs: dialogs.join('\n').toLowerCase().replaceAll('’', "'"),
  };
}
