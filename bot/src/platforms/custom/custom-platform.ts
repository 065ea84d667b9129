import type { Page } from 'playwright-core';
import type { EndReason } from '../../../../domain/end-reasons';
import type { MeetingPlatform, MeetingView } from '../platform';
import { SELECTORS } from './selectors';

const STEP_TIMEOUT_MS = 15_000;
const LEAVE_TIMEOUT_MS = 3_000;

interface Snapshot {
  state: string | null;
  isConnected: boolean;
  people: { key: string; name: string; isHost: boolean; isSelf: boolean }[];
  chat: { key: string; from: string | null; text: string }[];
}

const OVER: Record<string, EndReason> = {
  'not-found': 'meeting_not_found',
  refused: 'join_denied',
  removed: 'removed',
  ended: 'meeting_ended',
};

/** Our own practice room. */
export const customPlatform: MeetingPlatform = {
  owner: { selector: SELECTORS.tile, attribute: SELECTORS.participantId },

  async join(page, { url, botName }) {
    await page.goto(url, { waitUntil: 'domcontentloaded', timeout: STEP_TIMEOUT_MS });
    if ((await page.getAttribute('body', SELECTORS.state)) === 'not-found') return;
    await page.fill(SELECTORS.name, botName, { timeout: STEP_TIMEOUT_MS });
    await page.selectOption(SELECTORS.microphone, SELECTORS.noMicrophone);
    await page.click(SELECTORS.join, { timeout: STEP_TIMEOUT_MS });
  },

  async observe(page) {
    return interpret(await takeSnapshot(page));
  },

  async leave(page) {
    await page.click(SELECTORS.visibleLeave, { timeout: LEAVE_TIMEOUT_MS });
  },

  async sendChat(page, text) {
    await page.fill(SELECTORS.chatInput, text, { timeout: STEP_TIMEOUT_MS });
    await page.press(SELECTORS.chatInput, 'Enter');
  },
};

/** Being in or out takes two signs: what the page says, and whether our own tile is there. */
function interpret({ state, isConnected, people, chat }: Snapshot): MeetingView {
  const hasOwnTile = people.some((person) => person.isSelf);
  if (state === 'prejoin') return { state: 'joining' };
  if (state === 'waiting' && !hasOwnTile) return { state: 'waiting_room' };
  if (state === 'in-call' && hasOwnTile) return { state: 'in_meeting', isConnected, people, chat };
  const reason = OVER[state ?? ''];
  return reason && !hasOwnTile ? { state: 'over', reason } : { state: 'unclear' };
}

function takeSnapshot(page: Page): Promise<Snapshot> {
  return page.evaluate((selectors) => {
    const { body } = document;
    return {
      state: body.getAttribute(selectors.state),
      isConnected: body.getAttribute(selectors.connection) !== 'lost',
      people: Array.from(document.querySelectorAll(selectors.tile), (tile) => ({
        key: tile.getAttribute(selectors.participantId) ?? '',
        name: tile.querySelector(selectors.participantName)?.textContent ?? '',
        isHost: tile.getAttribute(selectors.isHost) === 'true',
        isSelf: tile.getAttribute(selectors.isSelf) === 'true',
      })),
      chat: Array.from(document.querySelectorAll(selectors.chatLine), (line) => ({
        key: line.getAttribute(selectors.messageId) ?? '',
        from: line.querySelector(selectors.messageAuthor)?.textContent ?? null,
        text: line.querySelector(selectors.messageText)?.textContent ?? '',
      })),
    };
  }, SELECTORS);
}
