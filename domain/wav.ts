import { CHUNK_SAMPLE_RATE_HZ } from './bot-api';

export type WavInspection = { ok: true; durationMs: number } | { ok: false; problem: string };

const BYTES_PER_SAMPLE = 2;
const PCM_FORMAT = 1;

/**
 * Checks that the bytes are a WAV file as the bot contract wants it (16 kHz, mono, 16-bit PCM) with
 * at least one sample, and measures it. Written by hand because a decoder would also take what the
 * contract refuses: other formats, cut-off files, lengths that lie.
 */
export function inspectWav(bytes: Uint8Array): WavInspection {
  const found = findSound(bytes);
  return 'problem' in found ? refuse(found.problem) : measure(found.sound.length);
}

/** The samples' bytes of a WAV file that `inspectWav` has found good. */
export function readSound(bytes: Uint8Array): Uint8Array {
  const found = findSound(bytes);
  if ('problem' in found) throw new Error(found.problem);
  return found.sound;
}

function findSound(bytes: Uint8Array): { sound: Uint8Array } | { problem: string } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || readTag(view, 0) !== 'RIFF' || readTag(view, 8) !== 'WAVE') {
    return { problem: 'Expected a WAV file, got bytes without its header' };
  }
  let hasFormat = false;
  for (let offset = 12; offset + 8 <= bytes.length;) {
    const size = view.getUint32(offset + 4, true);
    const body = offset + 8;
    if (body + size > bytes.length)
      return { problem: 'Expected a whole WAV file, got one cut off' };
    if (readTag(view, offset) === 'fmt ') {
      const problem = findFormatProblem(view, body, size);
      if (problem) return { problem };
      hasFormat = true;
    }
    if (readTag(view, offset) === 'data') {
      if (!hasFormat) return { problem: 'Expected the WAV format before the audio' };
      return { sound: bytes.subarray(body, body + size) };
    }
    offset = body + size + (size % 2);
  }
  return { problem: 'Expected a WAV file with audio in it, got none' };
}

const HEADER_BYTES = 44;

/** A WAV file of mono 16-bit samples, by default at the 16 kHz of the bot contract. */
export function encodeWav(samples: Int16Array, sampleRateHz = CHUNK_SAMPLE_RATE_HZ): Uint8Array {
  const sound = new Uint8Array(samples.length * BYTES_PER_SAMPLE);
  const view = new DataView(sound.buffer);
  for (const [index, sample] of samples.entries()) {
    view.setInt16(index * BYTES_PER_SAMPLE, sample, true);
  }
  return wrapSound(sound, { channels: 1, sampleRateHz });
}

/** Puts a plain WAV header before 16-bit PCM. */
export function wrapSound(
  sound: Uint8Array,
  { channels, sampleRateHz }: { channels: number; sampleRateHz: number },
): Uint8Array {
  const frameBytes = channels * BYTES_PER_SAMPLE;
  const wav = new Uint8Array(HEADER_BYTES + sound.length);
  const view = new DataView(wav.buffer);
  writeTag(view, 0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + sound.length, true);
  writeTag(view, 8, 'WAVE');
  writeTag(view, 12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM_FORMAT, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * frameBytes, true);
  view.setUint16(32, frameBytes, true);
  view.setUint16(34, BYTES_PER_SAMPLE * 8, true);
  writeTag(view, 36, 'data');
  view.setUint32(40, sound.length, true);
  wav.set(sound, HEADER_BYTES);
  return wav;
}

function writeTag(view: DataView, offset: number, tag: string): void {
  for (let index = 0; index < 4; index += 1) view.setUint8(offset + index, tag.charCodeAt(index));
}

function measure(size: number): WavInspection {
  if (size === 0 || size % BYTES_PER_SAMPLE !== 0) {
    return refuse(`Expected whole 16-bit samples, got ${size} bytes of audio`);
  }
  const samples = size / BYTES_PER_SAMPLE;
  return { ok: true, durationMs: (samples * 1000) / CHUNK_SAMPLE_RATE_HZ };
}

function findFormatProblem(view: DataView, offset: number, size: number): string | null {
  if (size < 16) return 'Expected a complete WAV format';
  const format = view.getUint16(offset, true);
  const channels = view.getUint16(offset + 2, true);
  const sampleRateHz = view.getUint32(offset + 4, true);
  const bits = view.getUint16(offset + 14, true);
  const isAgreed =
    format === PCM_FORMAT &&
    channels === 1 &&
    sampleRateHz === CHUNK_SAMPLE_RATE_HZ &&
    bits === BYTES_PER_SAMPLE * 8;
  if (isAgreed) return null;
  return `Expected 16-bit PCM, mono, ${CHUNK_SAMPLE_RATE_HZ} Hz, got format ${format}, ${bits} bits, ${channels} channels, ${sampleRateHz} Hz`;
}

/** The four letters that name a part of a WAV file. */
export function readTag(view: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(offset + index)));
}

function refuse(problem: string): WavInspection {
  return { ok: false, problem };
}
