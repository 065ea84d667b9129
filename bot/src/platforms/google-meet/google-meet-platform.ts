import type { Locator, Page } from 'playwright-core';
import type { MeetingPlatform, MeetingView } from '../platform';
import { overrideSigns, readSigns, selectorOf, type SignOverrides } from '../signs';
import { readSpeaking } from './call-page';
import { CallWatch } from './call-watch';
import { openChat, typeIntoChat } from './chat';
import { showsCaptcha } from './captcha';
import { clearTheWay } from './dialogs';
import { askToJoin } from './prejoin';
import { GOOGLE_MEET_SIGNS } from './signs';
import { interpretOutside, isCall } from './views';

const STEP_TIMEOUT_MS = 5_000;
const CLICK_TIMEOUT_MS = 2_000;
const LEAVE_TIMEOUT_MS = 2_000;

type Signs = typeof GOOGLE_MEET_SIGNS;

/** Google Meet in the browser, as a guest or signed in. Meetings have no passcodes there. */
export function createGoogleMeetPlatform(changes?: SignOverrides[string]): MeetingPlatform {
  const table: Signs = overrideSigns(GOOGLE_MEET_SIGNS, changes);
  const watch = new CallWatch(table);
  let isSignedIn = false;
  return {
    table,
    // A few channels carry whoever speaks.
    sound: { tracks: 'mixed', readSpeaking },

    join(page, request) {
      isSignedIn = request.isSignedIn;
      return askToJoin(page, table, request);
    },

    async observe(page): Promise<MeetingView> {
      const signs = await readSigns(page, table);
      if (await clearTheWay(page, table, signs)) {
        return { state: watch.hasBeenIn ? 'unclear' : 'joining', signs: [...signs] };
      }
      if (isCall(signs)) {
        return { state: 'in_meeting', signs: [...signs], ...(await watch.look(page)) };
      }
      const isCaptchaShown = signs.has('captcha') && (await showsCaptcha(page, table));
      return interpretOutside(signs, { isSignedIn, hasBeenIn: watch.hasBeenIn, isCaptchaShown });
    },

    async leave(page) {
      const button = page.locator(selectorOf(table.leaveButton)).first();
      await press(button);
      await button.waitFor({ state: 'detached', timeout: LEAVE_TIMEOUT_MS });
    },

    async sendChat(page, text) {
      await openChat(page, table);
      await typeIntoChat(page, table, text);
    },

    async setMicrophone(page, isOn) {
      watch.isMicrophoneWanted = isOn;
      const wanted = isOn ? table.microphoneIsOn : table.microphoneIsOff;
      const present = page.locator(selectorOf(wanted)).first();
      if ((await present.count()) === 0) {
        const other = isOn ? table.microphoneIsOff : table.microphoneIsOn;
        await press(page.locator(selectorOf(other)).first());
      }
      await present.waitFor({ state: 'attached', timeout: STEP_TIMEOUT_MS });
    },
  };
}

/** The toolbar hides itself when nobody moves a mouse; its buttons work all the same. */
async function press(button: Locator): Promise<void> {
  // it may hide between the look and the click
  const isPressed =
    (await button.isVisible()) &&
    (await button.click({ timeout: CLICK_TIMEOUT_MS }).then(
      () => true,
      () => false,
    ));
  if (!isPressed) await button.dispatchEvent('click', {}, { timeout: STEP_TIMEOUT_MS });
}
