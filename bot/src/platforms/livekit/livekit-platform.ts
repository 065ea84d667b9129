import type { Page } from 'playwright-core';
import type { ChatLine, MeetingPlatform, MeetingView, PersonInCall } from '../platform';
import { overrideSigns, readSigns, selectorOf, type SignOverrides } from '../signs';
import { openRoomPage } from './room-page';
import { SignalLog } from './signal-log';
import { LIVEKIT_SIGNS } from './signs';

const STEP_TIMEOUT_MS = 15_000;
const LEAVE_TIMEOUT_MS = 3_000;
/** The page shows itself disconnected before it connects, too; this long is no beginning. */
const CONNECT_TIMEOUT_MS = 30_000;

type Signs = typeof LIVEKIT_SIGNS;

interface Visit {
  signal: SignalLog;
  /** The link did not lead to a page. */
  isNotFound: boolean;
  hasBeenIn: boolean;
  startedAtMs: number;
}

/** LiveKit rooms: by a web page like LiveKit Meet, or straight on a server with a token. */
export function createLivekitPlatform(changes?: SignOverrides[string]): MeetingPlatform {
  const table: Signs = overrideSigns(LIVEKIT_SIGNS, changes);
  const visits = new WeakMap<Page, Visit>();
  const visitOf = (page: Page): Visit => {
    const known = visits.get(page);
    if (known) return known;
    const visit = {
      signal: new SignalLog(page),
      isNotFound: false,
      hasBeenIn: false,
      startedAtMs: performance.now(),
    };
    visits.set(page, visit);
    return visit;
  };
  return {
    table,
    sound: {
      tracks: 'per_participant',
      ownerInStreamId: '^(PA_[^|]+)',
      readSpeaking: (css) =>
        (css.speakingTile ?? []).flatMap((tile) =>
          Array.from(
            document.querySelectorAll(`${tile}[data-participant-key]`),
            (one) => one.getAttribute('data-participant-key') ?? '',
          ),
        ),
    },

    async join(page, { url, botName, passcode }) {
      const visit = visitOf(page);
      if (/^wss?:/.test(url)) {
        return openRoomPage(page, { url, token: passcode ?? '', name: botName });
      }
      // The fragment is the passphrase of an encrypted room.
      const target = passcode === null ? url : `${url}#${passcode}`;
      const answer = await page.goto(target, {
        waitUntil: 'domcontentloaded',
        timeout: STEP_TIMEOUT_MS,
      });
      visit.isNotFound = answer?.status() === 404;
      if (!visit.isNotFound) await passPrejoin(page, table, botName);
    },

    async observe(page) {
      const visit = visitOf(page);
      const signs = await readSigns(page, table);
      const view = interpret(signs, visit);
      if (view.state !== 'in_meeting') return view;
      visit.hasBeenIn = true;
      return { ...view, ...(await readCall(page, table, visit.signal.listPeople())) };
    },

    leave: (page) => page.click(selectorOf(table.leaveButton), { timeout: LEAVE_TIMEOUT_MS }),

    sendChat: (page, text) => sendChat(page, table, text),
    setMicrophone: (page, isOn) => toggle(page, selectorOf(table.microphoneButton), isOn),
  };
}

async function sendChat(page: Page, table: Signs, text: string): Promise<void> {
  const input = selectorOf(table.chatInput);
  if (!(await page.isVisible(input))) await page.click(selectorOf(table.chatToggle));
  const own = page
    .locator(selectorOf(table.chatEntry))
    .and(page.locator('[data-lk-message-origin="local"]'));
  const before = await own.count();
  await page.fill(input, text, { timeout: STEP_TIMEOUT_MS });
  await page.press(input, 'Enter');
  await own.nth(before).waitFor({ state: 'attached', timeout: STEP_TIMEOUT_MS });
}

async function passPrejoin(page: Page, table: Signs, botName: string): Promise<void> {
  await page.fill(selectorOf(table.nameInput), botName, { timeout: STEP_TIMEOUT_MS });
  await toggle(page, selectorOf(table.prejoinMicrophone), false);
  await toggle(page, selectorOf(table.prejoinCamera), false);
  await page.click(selectorOf(table.joinButton), { timeout: STEP_TIMEOUT_MS });
}

/** Microphone and camera buttons show what they are; a click is tried until they show it. */
async function toggle(page: Page, button: string, isOn: boolean): Promise<void> {
  const shown = (await page.getAttribute(button, 'data-lk-enabled', {
    timeout: STEP_TIMEOUT_MS,
  })) as string;
  if (shown !== String(isOn)) await page.click(button, { timeout: STEP_TIMEOUT_MS });
  await page.waitForSelector(`:is(${button})[data-lk-enabled="${isOn}"]`, {
    timeout: STEP_TIMEOUT_MS,
  });
}

/** The page says whether it is over, the server why: the page shows one end for all of them. */
function interpret(signs: ReadonlySet<string>, visit: Visit): MeetingView {
  const { signal, isNotFound, hasBeenIn } = visit;
  const seen = { signs: [...signs] };
  const has = (name: keyof Signs) => signs.has(name);
  if (isNotFound && !has('room') && !has('prejoin')) {
    return { state: 'over', reason: 'meeting_not_found', confidence: 'likely', ...seen };
  }
  if (has('disconnected') || (has('home') && !has('room'))) return interpretEnd(seen, visit);
  if (has('prejoin')) return { state: 'joining', ...seen };
  if (!has('room')) return { state: 'unclear', ...seen };
  if (has('connecting') && !hasBeenIn) return { state: 'joining', ...seen };
  if (!has('ownTile') || !has('leaveButton')) return { state: 'unclear', ...seen };
  // The server has ended it and the page does not show it yet.
  if (signal.dismissal) return { state: 'unclear', ...seen };
  const isConnected = !has('connecting') && (!signal.hasJoined || signal.isConnected(Date.now()));
  return { state: 'in_meeting', isConnected, people: [], chat: [], ...seen };
}

function interpretEnd(seen: { signs: string[] }, visit: Visit): MeetingView {
  const { dismissal } = visit.signal;
  if (dismissal) return { state: 'over', reason: dismissal, confidence: 'certain', ...seen };
  if (visit.hasBeenIn) {
    return { state: 'over', reason: 'connection_lost', confidence: 'likely', ...seen };
  }
  return performance.now() - visit.startedAtMs < CONNECT_TIMEOUT_MS
    ? { state: 'joining', ...seen }
    : { state: 'over', reason: 'join_failed', confidence: 'likely', ...seen };
}

/**
 * Tiles have names and no keys, the server's list has both: where a name is borne by one person
 * only, the tile is marked with the key, for `readSpeaking`. Without that list names must do.
 */
function readCall(
  page: Page,
  table: Signs,
  people: PersonInCall[],
): Promise<{ people: PersonInCall[]; chat: ChatLine[] }> {
  const selectors = {
    tile: selectorOf(table.tile),
    ownTile: selectorOf(table.ownTile),
    tileName: selectorOf(table.tileName),
    chatEntry: selectorOf(table.chatEntry),
    chatText: selectorOf(table.chatText),
  };
  return page.evaluate(
    ({ css, listed }) => {
      const shown = Array.from(document.querySelectorAll(css.tile), (tile) => {
        const name = tile.querySelector(css.tileName)?.textContent?.trim() ?? '';
        const isSelf = tile.matches(css.ownTile);
        const bearers = listed.filter((one) => one.name === name && one.isSelf === isSelf);
        if (bearers.length === 1) tile.setAttribute('data-participant-key', bearers[0]?.key ?? '');
        else tile.removeAttribute('data-participant-key');
        return { key: name, name, isHost: false, isSelf };
      });
      let from: string | null = null;
      const chat = Array.from(document.querySelectorAll(css.chatEntry), (entry, index) => {
        // The name stands above the first of several messages in a row.
        from = entry.querySelector(css.tileName)?.textContent?.trim() ?? from;
        const text = entry.querySelector(css.chatText)?.textContent ?? '';
        return { key: `${index} ${entry.getAttribute('title') ?? ''}`, from, text };
      });
      return { people: listed.length > 0 ? listed : shown, chat };
    },
    { css: selectors, listed: people },
  );
}
