import { setTimeout as delay } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import type { JoinRequest } from '../platform';
import { readSigns, selectorOf, type Sign } from '../signs';
import { showsCaptcha } from './captcha';
import { clearTheWay } from './dialogs';
import type { GOOGLE_MEET_SIGNS } from './signs';
import { isCall, type SignName } from './views';

type Signs = typeof GOOGLE_MEET_SIGNS;

const STEP_TIMEOUT_MS = 15_000;
const LOOK_INTERVAL_MS = 250;
/** Whatever of these is there, there is nothing to fill in. */
const NO_PREJOIN: readonly SignName[] = [
  'asking',
  'notStarted',
  'denied',
  'askAgain',
  'noAnswer',
  'blocked',
  'problem',
  'wrongCode',
  'signIn',
  'signInText',
  'removed',
  'ended',
  'left',
];

/** Opens the link and asks to be let in, or returns where the page offers nothing to ask. */
export async function askToJoin(page: Page, table: Signs, request: JoinRequest): Promise<void> {
  const url = new URL(request.url);
  // An account's language would win over the browser's, and texts are known in English only.
  url.searchParams.set('hl', 'en');
  await page.addInitScript(preferNoVideo, url.origin);
  await page.goto(url.href, { waitUntil: 'domcontentloaded', timeout: STEP_TIMEOUT_MS });
  const signs = await waitForPrejoin(page, table);
  if (!signs) return;
  const isGuest = signs.has('nameInput');
  if (isGuest && request.isSignedIn) return;
  await turnOff(page, table.microphoneIsOn);
  await turnOff(page, table.cameraIsOn);
  if (isGuest) await fillName(page, table, request.botName);
  await buttonOf(page, table.joinButton).click({ timeout: STEP_TIMEOUT_MS });
}

/** The visible button of a sign, by its selectors or else by its texts. */
function buttonOf(page: Page, sign: Sign): Locator {
  const byText = (sign.text ?? []).map((text) => `button:has-text(${JSON.stringify(text)})`);
  const [structural, textual] = [selectorOf(sign), byText.join(', ')];
  return page
    .locator([structural, textual].filter(Boolean).join(', '))
    .filter({ visible: true })
    .first();
}

async function waitForPrejoin(page: Page, table: Signs): Promise<ReadonlySet<string> | null> {
  const deadlineMs = performance.now() + STEP_TIMEOUT_MS;
  while (performance.now() < deadlineMs) {
    const signs = await readSigns(page, table);
    if (isCall(signs) || NO_PREJOIN.some((sign) => signs.has(sign))) return null;
    if (await clearTheWay(page, table, signs)) continue;
    if (signs.has('joinButton')) return signs;
    if (signs.has('captcha') && (await showsCaptcha(page, table))) return null;
    await delay(LOOK_INTERVAL_MS);
  }
  throw new Error('Expected a page that offers to join, found none');
}

/** Off means that the page no longer shows it as on: without a device it shows neither. */
async function turnOff(page: Page, isOn: Sign): Promise<void> {
  const button = page.locator(selectorOf(isOn)).filter({ visible: true }).first();
  if ((await button.count()) === 0) return;
  await button.click({ timeout: STEP_TIMEOUT_MS });
  await button.waitFor({ state: 'hidden', timeout: STEP_TIMEOUT_MS });
}

async function fillName(page: Page, table: Signs, name: string): Promise<void> {
  const input = page.locator(selectorOf(table.nameInput)).filter({ visible: true }).first();
  await input.fill(name, { timeout: STEP_TIMEOUT_MS });
  const shown = await input.inputValue();
  if (shown !== name) throw new Error('Expected the page to take the bot’s name');
}

/**
 * Runs in the page before its own scripts: Meet keeps its settings here, and this one is "audio
 * only" for incoming video. Attendee found it out (2026-08-09); settings that exist stay.
 */
function preferNoVideo(origin: string): void {
  const KEY = 'meet-preferences';
  if (location.origin !== origin || localStorage.getItem(KEY) !== null) return;
  const preferences = Array<unknown>(9).fill(null);
  preferences[8] = [null, null, null, null, null, 1];
  localStorage.setItem(KEY, JSON.stringify(JSON.stringify(preferences)));
}
