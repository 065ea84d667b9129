import type { Page } from 'playwright-core';
import { selectorOf } from '../signs';
import type { TEAMS_SIGNS } from './signs';

const STEP_TIMEOUT_MS = 10_000;

interface Wish {
  selector: string;
  isOn: boolean;
}

/** Presses the call's microphone button and waits until the page itself shows it as wished. */
export async function setTeamsMicrophone(
  page: Page,
  table: typeof TEAMS_SIGNS,
  isOn: boolean,
): Promise<void> {
  const selector = selectorOf(table.microphoneButton);
  if (await page.evaluate(showsMicrophone, { selector, isOn })) return;
  // Pressing blindly could switch on what should be off.
  if (!(await page.evaluate(showsMicrophone, { selector, isOn: !isOn }))) {
    throw new Error('Expected the page to show whether the microphone is on');
  }
  await page.click(`:is(${selector}):visible`, { timeout: STEP_TIMEOUT_MS });
  await page.waitForFunction(showsMicrophone, { selector, isOn }, { timeout: STEP_TIMEOUT_MS });
}

/** Runs in the page. Where its two marks contradict each other, it shows neither on nor off. */
function showsMicrophone({ selector, isOn }: Wish): boolean {
  const button = document.querySelector(selector);
  const state = button?.getAttribute('data-state');
  // The name of what a press would do.
  const deed =
    button?.getAttribute('data-track-action-scenario') ?? button?.getAttribute('aria-label');
  const byState = state ? [state !== 'mic-off'] : [];
  const byDeed = deed ? [!/unmute/i.test(deed)] : [];
  const marks = [...byState, ...byDeed];
  return marks.length > 0 && marks.every((mark) => mark === isOn);
}
