import type { Page } from 'playwright-core';
import type { ChatLine } from '../platform';
import { listSelectors } from '../signs';
import type { TEAMS_SIGNS } from './signs';

type Css = Record<string, readonly string[]>;

/** Someone as a tile or a row of the roster shows them; the key is null where it shows none. */
export interface SeenPerson {
  key: string | null;
  name: string;
  isHost: boolean;
}

export interface CallPage {
  isRosterOpen: boolean;
  roster: SeenPerson[];
  tiles: SeenPerson[];
  /** All that tells of people besides the roster: where it changes, the roster may have. */
  hint: string;
  isChatOpen: boolean;
  /** What Teams says about the call itself, in lower case. */
  notices: string;
  isOnline: boolean;
}

/** Left in the page by each look, for `readSpeaking`. */
interface TeamsWindow {
  meetingTiles?: Map<Element, SeenPerson>;
  /** Keys by name, for tiles that carry none. */
  meetingKeys?: Record<string, string>;
}

/** What a call shows now. */
export function readCallPage(page: Page, table: typeof TEAMS_SIGNS): Promise<CallPage> {
  return page.evaluate(readInPage, {
    css: listSelectors(table),
    organizerLabels: table.organizerLabel.text.map((text) => text.toLowerCase()),
  });
}

/** The messages that the open chat shows; none while it is closed. */
export function readChat(
  page: Page,
  table: typeof TEAMS_SIGNS,
  ownName: string,
): Promise<ChatLine[]> {
  return page.evaluate(readChatInPage, { css: listSelectors(table), ownName });
}

/** Tells the page whose the tiles are that say it by name only. */
export function nameTiles(page: Page, keys: Record<string, string>): Promise<void> {
  return page.evaluate((all) => {
    (window as TeamsWindow).meetingKeys = all;
  }, keys);
}

/** Runs in the page, on its own: those around whose tile Teams draws its outline. */
export function readSpeaking(this: void, css: Css): string[] {
  const { meetingTiles, meetingKeys } = window as TeamsWindow;
  const select = (sign: string) => (css[sign] ?? []).join(', ') || ':not(*)';
  const isLit = (outline: Element) => {
    if (outline.matches(select('speaking'))) return true;
    if (outline.hasAttribute('data-is-speaking')) return false;
    const drawn = getComputedStyle(outline, '::after');
    return drawn.content !== 'none' && drawn.opacity === '1';
  };
  const keys = Array.from(meetingTiles ?? []).map(([tile, { key, name }]) => {
    if (!tile.isConnected || tile.querySelector(select('mutedMark'))) return undefined;
    const outline = tile.querySelector(select('outline'));
    return outline && isLit(outline) ? (key ?? meetingKeys?.[name]) : undefined;
  });
  return keys.filter((key) => key !== undefined);
}

/** Runs in the page, on its own. */
function readInPage({ css, organizerLabels }: { css: Css; organizerLabels: string[] }): CallPage {
  const select = (sign: string) => (css[sign] ?? []).join(', ') || ':not(*)';
  const isVisible = (element: Element) => element.checkVisibility({ visibilityProperty: true });
  const all = (sign: string, root: ParentNode = document) =>
    Array.from(root.querySelectorAll<HTMLElement>(select(sign)));
  const find = (sign: string, root: ParentNode) => root.querySelector<HTMLElement>(select(sign));
  const textOf = (element: Element | null) =>
    (element?.textContent ?? '').replace(/\s+/g, ' ').trim();
  const labelsOf = (element: Element) =>
    (element.getAttribute('aria-label') ?? '').split(',').map((part) => part.trim());
  const withoutBadge = (name: string) =>
    name.replace(/(\s*\((?:guest|unverified|external)\))+$/i, '').trim();

  /** Teams' ids of people look like 8:orgid:…, 8:live:… or 4:+49…; an element's id ends with it. */
  const identityOf = (element: Element, sign: string) =>
    [element.closest(select(sign)), ...all(sign, element)]
      .flatMap((carrier) => Array.from(carrier?.attributes ?? []))
      .map(({ value }) => /(?:^|-)(\d+:[a-z+]\S*)$/i.exec(value)?.[1])
      .find((id) => id !== undefined) ?? null;

  const readRow = (row: HTMLElement): SeenPerson => {
    const named = (row.getAttribute('data-tid') ?? '').replace(/^[^-]*-/, '');
    const labels = labelsOf(row);
    const isHost = labels.some((label) => organizerLabels.includes(label.toLowerCase()));
    return {
      key: identityOf(row, 'rosterIdentity'),
      name: withoutBadge(named || (labels[0] ?? '')),
      isHost: isHost || find('organizer', row) !== null,
    };
  };
  const readTile = (tile: HTMLElement): SeenPerson => {
    const tid = tile.getAttribute('data-tid') ?? '';
    // Some organisations have addresses here, and one client the name of its own component.
    const isName = !tid.includes('@') && !/^[a-z]+[-_]?[a-z0-9]*$/.test(tid);
    const name = textOf(find('nameTag', tile)) || (isName && tid) || (labelsOf(tile)[0] ?? '');
    return { key: identityOf(tile, 'tileIdentity'), name: withoutBadge(name), isHost: false };
  };
  const rows = all('rosterRow');
  const tiles = all('tile')
    .filter((tile) => !tile.matches(select('sharedScreen')))
    .filter((tile) => !tile.parentElement?.closest(select('tile')))
    .map((tile) => [tile, readTile(tile)] as const)
    .filter(([, { name }]) => name !== '');
  (window as TeamsWindow).meetingTiles = new Map(tiles);
  const seenTiles = tiles.map(([, seen]) => seen);
  const hints = seenTiles.map(({ key, name }) => `${key} ${name}`).sort();
  return {
    isRosterOpen: rows.length > 0,
    roster: rows.map(readRow).filter(({ name }) => name !== ''),
    tiles: seenTiles,
    hint: [...all('rosterCount').map(textOf), ...hints].join('\n'),
    isChatOpen: all('chatInput').some(isVisible),
    notices: all('callNotice').filter(isVisible).map(textOf).join('\n').toLowerCase(),
    isOnline: navigator.onLine,
  };
}

/** Runs in the page, on its own. */
function readChatInPage({ css, ownName }: { css: Css; ownName: string }): ChatLine[] {
  const select = (sign: string) => (css[sign] ?? []).join(', ') || ':not(*)';
  const find = (sign: string, root: ParentNode) => root.querySelector<HTMLElement>(select(sign));
  let author: string | null = null;
  const lines = Array.from(document.querySelectorAll(select('chatMessage')), (message) => {
    const isOwn = message.matches(select('ownMessage')) || find('ownMessage', message) !== null;
    // What one person sends in a row has their name once, above the first.
    const name = find('chatAuthor', message.closest(select('chatItem')) ?? message)?.textContent;
    author = isOwn ? null : name?.trim() || author;
    const text = (find('chatBody', message)?.innerText ?? '').trim();
    const from = isOwn ? ownName : author;
    return { key: message.getAttribute('data-mid') ?? '', from, text };
  });
  return lines.filter(({ key, text }) => key !== '' && text !== '');
}
