import { chromium, type Browser } from 'playwright-core';
import { TEST_BROWSER_ARGUMENTS } from '../browser-arguments';
import { findChromium } from '../chromium-path';

/** A Chromium that reaches others on this machine by WebRTC, with a microphone that beeps. */
export function launchTestBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: [...TEST_BROWSER_ARGUMENTS],
  });
}
