import type { Page } from 'playwright-core';
import type { EndReason } from '../../../../domain/end-reasons';
import type { ChatLine, MeetingPlatform, MeetingView, PersonInCall } from '../platform';
import { overrideSigns, readSigns, selectorOf, type SignOverrides } from '../signs';
import { CUSTOM_SIGNS } from './signs';

const STEP_TIMEOUT_MS = 15_000;
const LEAVE_TIMEOUT_MS = 3_000;

const OVER = {
  notFound: 'meeting_not_found',
  refused: 'join_denied',
  removed: 'removed',
  ended: 'meeting_ended',
} as const satisfies Partial<Record<keyof typeof CUSTOM_SIGNS, EndReason>>;

type Signs = typeof CUSTOM_SIGNS;

/** Our own practice room. */
export function createCustomPlatform(changes?: SignOverrides[string]): MeetingPlatform {
  const table: Signs = overrideSigns(CUSTOM_SIGNS, changes);
  return {
    table,
    sound: {
      tracks: 'per_participant',
      owner: { selector: selectorOf(table.tile), attribute: 'data-participant-id' },
      readSpeaking: (css) =>
        (css.tile ?? []).flatMap((tile) =>
          Array.from(
            document.querySelectorAll(`${tile}[data-speaking="true"]:not([data-self="true"])`),
            (one) => one.getAttribute('data-participant-id') ?? '',
          ),
        ),
    },

    async join(page, { url, botName }) {
      await page.goto(url, { waitUntil: 'domcontentloaded', timeout: STEP_TIMEOUT_MS });
      if ((await readSigns(page, table)).has('notFound')) return;
      await page.fill(selectorOf(table.nameInput), botName, { timeout: STEP_TIMEOUT_MS });
      await page.selectOption(selectorOf(table.microphoneChoice), 'none');
      await page.click(selectorOf(table.joinButton), { timeout: STEP_TIMEOUT_MS });
    },

    async observe(page) {
      const signs = await readSigns(page, table);
      if (!signs.has('inCall')) return interpretOutside(signs);
      if (!signs.has('ownTile')) return { state: 'unclear', signs: [...signs] };
      return {
        state: 'in_meeting',
        signs: [...signs],
        isConnected: !signs.has('connectionLost'),
        ...(await readCall(page, table)),
      };
    },

    leave: (page) =>
      page.click(`:is(${selectorOf(table.leaveButton)}):visible`, { timeout: LEAVE_TIMEOUT_MS }),

    async sendChat(page, text) {
      await page.fill(selectorOf(table.chatInput), text, { timeout: STEP_TIMEOUT_MS });
      await page.press(selectorOf(table.chatInput), 'Enter');
    },

    async setMicrophone(page, isOn) {
      const button = selectorOf(table.microphoneButton);
      const wanted = isOn ? 'on' : 'off';
      if ((await page.getAttribute(button, 'data-microphone')) !== wanted) await page.click(button);
      await page.waitForSelector(`${button}[data-microphone="${wanted}"]`, {
        timeout: STEP_TIMEOUT_MS,
      });
    },
  };
}

/** Being out takes two signs: what the page says, and that our own tile is gone. */
function interpretOutside(signs: ReadonlySet<string>): MeetingView {
  const seen = [...signs];
  if (signs.has('ownTile')) return { state: 'unclear', signs: seen };
  if (signs.has('prejoin')) return { state: 'joining', signs: seen };
  if (signs.has('waiting')) return { state: 'waiting_room', signs: seen };
  for (const [sign, reason] of Object.entries(OVER)) {
    if (signs.has(sign)) return { state: 'over', reason, confidence: 'certain', signs: seen };
  }
  return { state: 'unclear', signs: seen };
}

function readCall(page: Page, table: Signs): Promise<{ people: PersonInCall[]; chat: ChatLine[] }> {
  const selectors = { tile: selectorOf(table.tile), chatLine: selectorOf(table.chatLine) };
  return page.evaluate(({ tile, chatLine }) => {
    return {
      people: Array.from(document.querySelectorAll(tile), (one) => ({
        key: one.getAttribute('data-participant-id') ?? '',
        name: one.querySelector('[data-participant-name]')?.textContent ?? '',
        isHost: one.getAttribute('data-host') === 'true',
        isSelf: one.getAttribute('data-self') === 'true',
      })),
      chat: Array.from(document.querySelectorAll(chatLine), (line) => ({
        key: line.getAttribute('data-message-id') ?? '',
        from: line.querySelector('b')?.textContent ?? null,
        text: line.querySelector('span')?.textContent ?? '',
      })),
    };
  }, selectors);
}
