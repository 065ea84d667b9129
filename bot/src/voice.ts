import type { Page } from 'playwright-core';
import { microphoneInPage, type PageVoice } from './browser/microphone-script';

const NAME = '__meetingVoice';

type VoiceHolder = Record<string, PageVoice | undefined>;

/** Gives every document of the page the bot's voice as its only microphone. */
export async function installVoice(page: Page): Promise<void> {
  // NOTE: tsx's compiler wraps named functions in a helper that does not exist in the page.
  const content = `(() => {
    const __name = (named) => named;
    (${microphoneInPage.toString()})(${JSON.stringify(NAME)});
  })();`;
  await page.addInitScript({ content });
}

/**
 * Plays a WAV file into the microphone; resolves when it is over. Every frame has a microphone of its
 * own and only the page knows which of them the call takes: all of them play.
 */
export async function playVoice(page: Page, wav: Buffer): Promise<'played' | 'stopped'> {
  const said = { name: NAME, sound: wav.toString('base64') };
  const outcomes = await Promise.all(
    page.frames().map((frame) =>
      frame.evaluate(({ name, sound }) => {
        const voice = (globalThis as unknown as VoiceHolder)[name];
        return voice ? voice.play(sound) : null;
      }, said),
    ),
  );
  if (outcomes.every((one) => one === null)) throw new Error('the page takes no microphone');
  return outcomes.includes('stopped') ? 'stopped' : 'played';
}

export async function stopVoice(page: Page): Promise<void> {
  const stopping = page.frames().map((frame) =>
    frame.evaluate((name) => {
      (globalThis as unknown as VoiceHolder)[name]?.stop();
    }, NAME),
  );
  await Promise.all(stopping);
}
