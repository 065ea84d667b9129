import { setTimeout as delay } from 'node:timers/promises';
import type { Frame, Page } from 'playwright-core';
import type { JoinRequest } from '../platform';
import { readSigns, selectorOf } from '../signs';
import { findClient, press } from './client-frame';
import { listReadable, type ZoomSigns } from './signs';

const OPEN_TIMEOUT_MS = 20_000;
const STEP_TIMEOUT_MS = 8_000;
const LOOK_INTERVAL_MS = 200;

/** What stands in the way in and is not for the bot to overcome: `observe` says what it is. */
const STOPS = [
  'botWallText',
  'captcha',
  'signInText',
  'linkInvalidText',
  'unknownMeetingText',
  'waitingRoom',
  'notStartedText',
  'endedText',
  'leaveButton',
] as const satisfies readonly (keyof ZoomSigns)[];

/** From the opened page until Zoom has been asked to let the bot in, or does not want to be asked. */
export async function passPreview(
  page: Page,
  table: ZoomSigns,
  request: JoinRequest,
): Promise<void> {
  const frame = await reachPreview(page, table);
  if (!frame) return;
  const { botName, passcode } = request;
  const passcodeInput = frame.locator(selectorOf(table.passcodeInput)).first();
  if (await passcodeInput.isVisible()) {
    // Without one the page is left as it is, to be seen as it is.
    if (!passcode) return;
    await passcodeInput.fill(passcode, { timeout: STEP_TIMEOUT_MS });
  }
  const nameInput = frame.locator(selectorOf(table.nameInput)).first();
  await nameInput.fill('', { timeout: STEP_TIMEOUT_MS });
  // The form notices keys, not a value that is just there.
  await nameInput.pressSequentially(botName, { timeout: STEP_TIMEOUT_MS });
  await switchOff(frame, table.previewMicrophone.css, { on: 'mute', off: 'unmute' });
  await switchOff(frame, table.previewCamera.css, { on: 'stop video', off: 'start video' });
  await ask(frame, table);
}

/** Puts aside what lies over Zoom's pages: consent, terms, devices. Never a captcha. */
export async function clearWay(frame: Frame, table: ZoomSigns, seen: ReadonlySet<string>) {
  if (seen.has('cookieBanner')) await press(frame, table.cookieBanner);
  if (seen.has('termsButton')) await press(frame, table.termsButton);
  await press(frame, table.permissionDialog);
}

async function reachPreview(page: Page, table: ZoomSigns): Promise<Frame | null> {
  const deadline = Date.now() + OPEN_TIMEOUT_MS;
  while (Date.now() < deadline) {
    // While the page is still changing, what is asked of it may get no answer.
    const frame = await findClient(page, table).catch(() => page.mainFrame());
    const signs = await readSigns(frame, listReadable(table)).catch(() => new Set<string>());
    await clearWay(frame, table, signs).catch(() => undefined);
    const isCovered = signs.has('cookieBanner') || signs.has('termsButton');
    if (STOPS.some((name) => signs.has(name))) return null;
    if (signs.has('nameInput') && signs.has('joinButton') && !isCovered) return frame;
    await press(page.mainFrame(), table.browserLink).catch(() => undefined);
    await delay(LOOK_INTERVAL_MS);
  }
  throw new Error('Expected Zoom’s page to ask for a name, it did not');
}

/** The button's label says what pressing it would do; a client without the button has no preview. */
async function switchOff(
  frame: Frame,
  css: readonly string[],
  labels: { on: string; off: string },
): Promise<void> {
  const button = frame.locator(css.join(', ')).first();
  if ((await button.count()) === 0) return;
  const label = ((await button.getAttribute('aria-label')) ?? '').toLowerCase();
  if (label === labels.on) await button.click({ timeout: STEP_TIMEOUT_MS });
  if (label !== labels.on && label !== labels.off) return;
  await frame
    .locator(css.map((one) => `${one}[aria-label="${labels.off}" i]`).join(', '))
    .first()
    .waitFor({ timeout: STEP_TIMEOUT_MS });
}

/** Once the form is filled the button comes alive; Zoom lays other elements over it. */
async function ask(frame: Frame, table: ZoomSigns): Promise<void> {
  const isReady = await frame
    .waitForFunction(
      (selector) => {
        const button = document.querySelector<HTMLButtonElement>(selector);
        return button !== null && !button.disabled && !/\bdisabled\b/.test(button.className);
      },
      selectorOf(table.joinButton),
      { timeout: STEP_TIMEOUT_MS },
    )
    .then(() => true)
    .catch(() => false);
  if (isReady) await press(frame, table.joinButton);
  else if (!(await isStopped(frame, table))) throw new Error('Expected Join to be enabled');
}

async function isStopped(frame: Frame, table: ZoomSigns): Promise<boolean> {
  const signs = await readSigns(frame, listReadable(table));
  return STOPS.some((name) => signs.has(name));
}
