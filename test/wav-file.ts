import { readFileSync } from 'node:fs';
import { encodeWav } from '../domain/wav';

const HEADER_BYTES = 44;

/** The samples of a 16-bit mono WAV with the plain 44-byte header, as all of ours have. */
export function readWavSamples(file: string | Buffer): Int16Array {
  const wav = typeof file === 'string' ? readFileSync(file) : file;
  const samples = new Int16Array((wav.length - HEADER_BYTES) >> 1);
  for (const index of samples.keys()) samples[index] = wav.readInt16LE(HEADER_BYTES + index * 2);
  return samples;
}

/** A WAV file as bots send it: 16 kHz, mono, 16-bit, with a tone in it. */
export function makeWav(durationMs: number, overrides: { sampleRateHz?: number } = {}): Buffer {
  const samples = Int16Array.from({ length: Math.round(durationMs * 16) }, (_, index) =>
    Math.round(Math.sin(index / 8) * 8_000),
  );
  return Buffer.from(encodeWav(samples, overrides.sampleRateHz));
}
