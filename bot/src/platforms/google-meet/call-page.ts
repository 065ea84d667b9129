import type { Page } from 'playwright-core';
import type { ChatLine, PersonInCall } from '../platform';
import { listSelectors } from '../signs';
import type { GOOGLE_MEET_SIGNS } from './signs';

type Signs = typeof GOOGLE_MEET_SIGNS;

export interface CallPage {
  tiles: PersonInCall[];
  /** Everybody, while the list of people is open. */
  rows: PersonInCall[] | null;
  /** How many Meet says are in the call. */
  count: number | null;
  isChatOpen: boolean;
  chat: ChatLine[];
  /** What the page's alerts say, in lower case. */
  alerts: string;
  isOnline: boolean;
}

/** What the page of a call shows. */
export async function readCallPage(page: Page, table: Signs): Promise<CallPage> {
  const lower = (texts: readonly string[]) => texts.map((text) => text.toLowerCase());
  const css = listSelectors(table);
  const [call, chat] = await Promise.all([
    page.evaluate(readCallInPage, {
      css,
      host: lower(table.hostMark.text),
      self: lower(table.selfMark.text),
      presentation: lower(table.presentationMark.text),
    }),
    page.evaluate(readChatInPage, css),
  ]);
  return { ...call, chat };
}

interface Wanted {
  css: Record<string, readonly string[]>;
  host: string[];
  self: string[];
  presentation: string[];
}

/** Runs in the page. */
function readCallInPage({ css, host, self, presentation }: Wanted): Omit<CallPage, 'chat'> {
  const listOf = (sign: string) => (css[sign] ?? []).join(', ') || ':not(*)';
  const all = (sign: string, root: ParentNode = document) =>
    Array.from(root.querySelectorAll<HTMLElement>(listOf(sign)));
  const isVisible = (element: Element) => element.checkVisibility({ visibilityProperty: true });
  const marksOf = (element: Element) =>
    Array.from(element.querySelectorAll('*'))
      .filter((one) => one.children.length === 0)
      .map((one) => one.textContent?.trim().toLowerCase() ?? '');
  const hasMark = (element: Element, marks: string[]) =>
    marksOf(element).some((text) => marks.includes(text));
  const nameOf = (element: Element) => {
    for (const selector of css.tileName ?? []) {
      const found = element.matches(selector) ? element : element.querySelector(selector);
      const name = found?.textContent?.trim() || found?.getAttribute('data-self-name')?.trim();
      if (name) return name;
    }
    return element.getAttribute('aria-label')?.trim() ?? '';
  };
  const withoutTwins = (people: PersonInCall[]) =>
    people.filter(({ key }, index) => people.findIndex((one) => one.key === key) === index);

  const tiles = all('tile').map((tile) => ({
    key: tile.getAttribute('data-participant-id') ?? '',
    name: nameOf(tile),
    isHost: false,
    isSelf: tile.matches(listOf('ownTile')) || tile.querySelector(listOf('ownTile')) !== null,
  }));
  const names: string[] = [];
  const rows = all('peopleRow')
    .filter((row) => !hasMark(row, presentation))
    .map((row) => {
      const name = row.getAttribute('aria-label')?.trim() || nameOf(row);
      names.push(name);
      // One layout has no ids: then only the name lasts.
      const nth = names.filter((one) => one === name).length;
      const key = row.getAttribute('data-participant-id') ?? `name:${name}:${nth}`;
      return { key, name, isHost: hasMark(row, host), isSelf: hasMark(row, self) };
    });
  const badge = all('peopleCount')[0]?.getAttribute('data-avatar-count');
  const label = all('peopleButton')[0]?.getAttribute('aria-label');
  const count = Number(badge ?? /\d+/.exec(label ?? '')?.[0] ?? Number.NaN);

  return {
    tiles: withoutTwins(tiles.filter(({ key }) => key !== '')),
    rows: all('peopleList').some(isVisible) ? withoutTwins(rows) : null,
    count: Number.isNaN(count) ? null : count,
    isChatOpen: all('chatInput').some(isVisible),
    alerts: all('alert')
      .filter(isVisible)
      .map((one) => one.innerText.toLowerCase().replaceAll('’', "'"))
      .join('\n'),
    isOnline: navigator.onLine,
  };
}

/** Runs in the page. Messages of one person stand in a group under one name and time. */
function readChatInPage(css: Record<string, readonly string[]>): ChatLine[] {
  const isTime = (line: string) => /^\d{1,2}:\d{2}\s*([ap]\.?m\.?)?$/i.test(line);
  const messages = document.querySelectorAll<HTMLElement>((css.chatMessage ?? []).join(', '));
  return Array.from(messages, (message) => {
    const header = message.parentElement?.parentElement?.firstElementChild;
    const hasHeader = header instanceof HTMLElement && !header.contains(message);
    const lines = hasHeader ? header.innerText.split('\n').map((line) => line.trim()) : [];
    const body = Array.from(message.querySelectorAll<HTMLElement>('div')).find(
      (one) => one.querySelector(':not(a)') === null && one.innerText.trim() !== '',
    );
    return {
      key: message.getAttribute('data-message-id') ?? '',
      // Above our own messages stands the time alone.
      from: lines.find((line) => line !== '' && !isTime(line)) ?? null,
      text: (body ?? message).innerText.trim(),
    };
  });
}

/** Runs in the page: whose tile glows. The glow's classes are obfuscated and change; a frame too. */
export function readSpeaking(this: void, css: Record<string, readonly string[]>): string[] {
  const listOf = (sign: string) => (css[sign] ?? []).join(', ') || ':not(*)';
  const hasFrame = (tile: Element) =>
    Array.from(tile.querySelectorAll(listOf('speakingFrame'))).some(
      (one) => one.checkVisibility() && parseFloat(getComputedStyle(one).borderTopWidth) > 3,
    );
  return Array.from(document.querySelectorAll(listOf('tile')))
    .filter((tile) => !tile.matches(listOf('ownTile')) && !tile.querySelector(listOf('ownTile')))
    .filter(
      (tile) =>
        tile.matches(listOf('speaking')) ||
        tile.querySelector(listOf('speaking')) !== null ||
        hasFrame(tile),
    )
    .map((tile) => tile.getAttribute('data-participant-id') ?? '');
}
