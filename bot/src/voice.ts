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

/** Plays a WAV file into the microphone; resolves when it is over. */
export function playVoice(page: Page, wav: Buffer): Promise<'played' | 'stopped'> {
  return page.evaluate(
    ({ name, sound }) => {
      const voice = (globalThis as unknown as VoiceHolder)[name];
      if (!voice) throw new Error('the page takes no microphone');
      return voice.play(sound);
    },
    { name: NAME, sound: wav.toString('base64') },
  );
}

export function stopVoice(page: Page): Promise<void> {
  return page.evaluate((name) => {
    (globalThis as unknown as VoiceHolder)[name]?.stop();
  }, NAME);
}
