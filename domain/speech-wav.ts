import { readTag, wrapSound } from './wav';

/** A sound that bots can play, or why it is none. */
export type SpeechWav =
  { ok: true; wav: Uint8Array; durationMs: number } | { ok: false; problem: string };

const HEADER_BYTES = 12;
const PCM_FORMAT = 1;
const SAMPLE_BYTES = 2;
const LONGEST_MS = 5 * 60_000;

interface Format {
  channels: number;
  sampleRateHz: number;
}

/**
 * Reads a WAV file of 16-bit PCM, one or two channels, 8 to 48 kHz, and gives it back with a plain
 * header. Programs that write to a pipe cannot know the length and claim too much: what is there
 * counts. What else stands in the file is dropped, so that only sound goes on to the bot's page.
 */
export function readSpeech(bytes: Uint8Array): SpeechWav {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || readTag(view, 0) !== 'RIFF' || readTag(view, 8) !== 'WAVE') {
    return refuse('Expected a WAV file, got something else');
  }
  let format: Format | null = null;
  for (let offset = HEADER_BYTES; offset + 8 <= bytes.length;) {
    const tag = readTag(view, offset);
    const body = offset + 8;
    const size = Math.min(view.getUint32(offset + 4, true), bytes.length - body);
    if (tag === 'fmt ') {
      format = readFormat(view, body, size);
      if (!format) return refuse('Expected 16-bit PCM, mono or stereo, 8 to 48 kHz');
    }
    if (tag === 'data') {
      if (!format) return refuse('Expected the WAV format before the sound');
      return finish(format, bytes.subarray(body, body + size));
    }
    offset = body + size + (size % 2);
  }
  return refuse('Expected a WAV file with sound in it, got none');
}

function readFormat(view: DataView, offset: number, size: number): Format | null {
  if (size < 16) return null;
  const channels = view.getUint16(offset + 2, true);
  const sampleRateHz = view.getUint32(offset + 4, true);
  const isPlayable =
    view.getUint16(offset, true) === PCM_FORMAT &&
    view.getUint16(offset + 14, true) === SAMPLE_BYTES * 8 &&
    (channels === 1 || channels === 2) &&
    sampleRateHz >= 8_000 &&
    sampleRateHz <= 48_000;
  return isPlayable ? { channels, sampleRateHz } : null;
}

function finish({ channels, sampleRateHz }: Format, sound: Uint8Array): SpeechWav {
  const frameBytes = channels * SAMPLE_BYTES;
  const frames = Math.floor(sound.length / frameBytes);
  const durationMs = Math.round((frames * 1000) / sampleRateHz);
  if (frames === 0) return refuse('Expected a WAV file with sound in it, got none');
  if (durationMs > LONGEST_MS) {
    return refuse(`Expected at most ${LONGEST_MS / 1000} s of sound, got ${durationMs / 1000} s`);
  }
  const whole = sound.subarray(0, frames * frameBytes);
  return { ok: true, wav: wrapSound(whole, { channels, sampleRateHz }), durationMs };
}

function refuse(problem: string): SpeechWav {
  return { ok: false, problem };
}
