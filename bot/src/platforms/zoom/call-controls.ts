import type { Frame } from 'playwright-core';
import { press } from './client-frame';
import type { CallPage } from './read-call';
import type { ZoomSigns } from './signs';

const STEP_TIMEOUT_MS = 5_000;
const AUDIO_RETRY_MS = 3_000;
const VIDEO_TRIES = 10;
/** Until sound is joined, the same button offers to join it. */
const JOINED = /^(?:un)?mute\b/;
const NOT_JOINED = /^(?:(?:join|connect(?: to)?|computer) )?audio$/;

/** What has been arranged in this call, and what is to be. */
export interface Settling {
  isMicrophoneWanted: boolean;
  hasReadChat: boolean;
  videoTries: number;
  audioTriedAtMs: number;
}

/**
 * Brings the page where the bot needs it, a step at each look: dialogs put aside, sound joined and
 * muted, incoming video off, the participants panel open. In some clients panels share one place:
 * there the chat is looked into when something is new, and the participants come back.
 */
export async function settleIn(
  frame: Frame,
  { table, call, settling }: { table: ZoomSigns; call: CallPage; settling: Settling },
): Promise<void> {
  if (call.dialogs !== '') await press(frame, table.dialogButton);
  await settleSound(frame, { table, call, settling });
  if (settling.videoTries < VIDEO_TRIES) {
    settling.videoTries += 1;
    if (await press(frame, table.stopIncomingVideo)) settling.videoTries = VIDEO_TRIES;
    else await press(frame, table.moreMenu);
  }
  if (call.isChatOpen) settling.hasReadChat = true;
  const isChatWanted = !settling.hasReadChat || call.hasUnreadChat;
  if (isChatWanted && !call.isChatOpen) await press(frame, table.chatButton);
  else if (!call.people && (call.count ?? 0) > 1) await press(frame, table.rosterButton);
}

/** Returns once the page itself shows the microphone so. */
export async function turnMicrophone(frame: Frame, table: ZoomSigns, isOn: boolean): Promise<void> {
  const label = await readAudioLabel(frame, table);
  if (!JOINED.test(label)) {
    if (!isOn) return;
    await joinSound(frame, table);
    await waitForLabel(frame, table, JOINED);
  }
  const wanted = isOn ? /^mute\b/ : /^unmute\b/;
  if (!wanted.test(await readAudioLabel(frame, table))) await press(frame, table.audioButton);
  await waitForLabel(frame, table, wanted);
}

async function settleSound(
  frame: Frame,
  { table, call, settling }: { table: ZoomSigns; call: CallPage; settling: Settling },
): Promise<void> {
  if (JOINED.test(call.audioLabel)) {
    const isOn = /^mute\b/.test(call.audioLabel);
    if (isOn && !settling.isMicrophoneWanted) await press(frame, table.audioButton);
    return;
  }
  // A label that says neither may be that of a microphone which is off: it is pressed once at most.
  const isTold = NOT_JOINED.test(call.audioLabel) || settling.audioTriedAtMs === -Infinity;
  if (!isTold && !call.isComputerAudioOffered) return;
  // Without sound joined nobody is heard.
  if (performance.now() - settling.audioTriedAtMs < AUDIO_RETRY_MS) return;
  settling.audioTriedAtMs = performance.now();
  await joinSound(frame, table);
}

async function joinSound(frame: Frame, table: ZoomSigns): Promise<void> {
  if (await press(frame, table.computerAudio)) return;
  await press(frame, table.audioButton);
  await frame
    .waitForSelector(table.computerAudio.css.join(', '), { timeout: 1_000 })
    // Some clients join at once.
    .catch(() => undefined);
  await press(frame, table.computerAudio);
}

async function readAudioLabel(frame: Frame, table: ZoomSigns): Promise<string> {
  const button = frame.locator(table.audioButton.css.join(', ')).first();
  const label = await button.getAttribute('aria-label', { timeout: STEP_TIMEOUT_MS });
  return (label ?? '').toLowerCase();
}

async function waitForLabel(frame: Frame, table: ZoomSigns, wanted: RegExp): Promise<void> {
  await frame.waitForFunction(
    ({ selector, pattern }) => {
      const label = document.querySelector(selector)?.getAttribute('aria-label') ?? '';
      return new RegExp(pattern).test(label.toLowerCase());
    },
    { selector: table.audioButton.css.join(', '), pattern: wanted.source },
    { timeout: STEP_TIMEOUT_MS },
  );
}
