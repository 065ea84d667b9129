import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { TEST_BROWSER_ARGUMENTS } from './browser-arguments';

export interface FakeParticipantOptions {
  roomUrl: string;
  name: string;
  /** WAV file, 16 or 48 kHz mono 16-bit, that is the microphone; it plays once. */
  audioFile?: string;
  chromiumPath: string;
  /** Where a browser is there already, the person is one of its own in it, without an audio file. */
  browser?: Browser;
  /** Waits until the page says that this person is the host. */
  host?: boolean;
}

export interface FakeParticipant {
  page: Page;
  /**
   * Switches the microphone on: the audio file starts now. Participants that are to share one clock
   * call this at the same moment.
   */
  startSpeaking(): Promise<void>;
  mute(): Promise<void>;
  admit(name: string): Promise<void>;
  refuse(name: string): Promise<void>;
  remove(name: string): Promise<void>;
  setWaitingRoom(isOn: boolean): Promise<void>;
  say(text: string): Promise<void>;
  /** Resolves when someone of this name is in the call, as this person sees it. */
  waitForParticipant(name: string): Promise<void>;
  /** Resolves when someone of this name is heard, or no longer heard, in this person's page. */
  waitForVoice(name: string, isHeard: boolean): Promise<void>;
  endMeeting(): Promise<void>;
  leave(): Promise<void>;
  /** Ends the browser without leaving first. */
  kill(): Promise<void>;
}

const SCREEN_TIMEOUT_MS = 60_000;

/** A person in the practice room, with an audio file as the microphone. */
export async function startFakeParticipant(
  options: FakeParticipantOptions,
): Promise<FakeParticipant> {
  const { context, close } = await openContext(options);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(options.roomUrl);
    await page.locator('#join input[name="name"]').fill(options.name);
    await page.locator('#join select[name="microphone"]').selectOption('none');
    await page.locator('#join input[name="original-sound"]').check();
    await page.locator('#join [data-action="join"]').click();
    const entered = options.host
      ? '[data-state="in-call"][data-host="true"]'
      : '[data-state="in-call"]';
    await page.waitForSelector(`body${entered}, body[data-state="waiting"]`, {
      timeout: SCREEN_TIMEOUT_MS,
    });
    return { page, ...createActions(page), leave: () => leave(page, close), kill: close };
  } catch (error) {
    await close();
    throw error;
  }
}

const CONTEXT = { permissions: ['microphone'], viewport: { width: 1100, height: 700 } };

async function openContext({
  browser,
  audioFile,
  chromiumPath,
}: FakeParticipantOptions): Promise<{ context: BrowserContext; close(): Promise<void> }> {
  if (browser) {
    const context = await browser.newContext(CONTEXT);
    return { context, close: () => context.close() };
  }
  const profile = await mkdtemp(join(tmpdir(), 'fake-participant-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    args: makeArguments(audioFile),
    ...CONTEXT,
  });
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function makeArguments(audioFile: string | undefined): string[] {
  if (!audioFile) return [...TEST_BROWSER_ARGUMENTS];
  const microphone = `--use-file-for-fake-audio-capture=${resolve(audioFile)}%noloop`;
  return [...TEST_BROWSER_ARGUMENTS, microphone];
}

function createActions(page: Page): Omit<FakeParticipant, 'page' | 'leave' | 'kill'> {
  const toggle = page.locator('[data-action="toggle-microphone"]');
  const setMicrophone = async (wanted: 'on' | 'off') => {
    if ((await toggle.getAttribute('data-microphone')) !== wanted) await toggle.click();
    await page.waitForSelector(`[data-microphone="${wanted}"]`);
  };
  const decide = (list: string, action: string) => (name: string) =>
    page
      .locator(`${list} li`)
      .filter({ has: page.locator('[data-name]', { hasText: name }) })
      .locator(`[data-action="${action}"]`)
      .click({ timeout: SCREEN_TIMEOUT_MS });
  return {
    startSpeaking: () => setMicrophone('on'),
    mute: () => setMicrophone('off'),
    admit: decide('[data-waiting-list]', 'admit'),
    refuse: decide('[data-waiting-list]', 'refuse'),
    remove: decide('[data-people]', 'remove'),
    setWaitingRoom: (isOn) => page.locator('input[data-action="waiting-room"]').setChecked(isOn),
    say: async (text) => {
      await page.locator('#chat input[name="text"]').fill(text);
      await page.locator('#chat input[name="text"]').press('Enter');
    },
    waitForParticipant: async (name) => {
      const person = page.locator('[data-people] [data-name]', { hasText: name });
      await person.waitFor({ timeout: SCREEN_TIMEOUT_MS });
    },
    waitForVoice: async (name, isHeard) => {
      const tile = page.locator(`[data-tiles] [data-speaking="${isHeard}"]`, { hasText: name });
      await tile.waitFor({ state: 'attached', timeout: SCREEN_TIMEOUT_MS });
    },
    endMeeting: () => page.locator('[data-action="end"]').click(),
  };
}

async function leave(page: Page, close: () => Promise<void>): Promise<void> {
  const button = page.locator('[data-screen="in-call"] [data-action="leave"]');
  if (!page.isClosed() && (await button.isVisible())) await button.click();
  await close();
}
