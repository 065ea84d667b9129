import { readFileSync } from 'node:fs';

const HEADER_BYTES = 44;

/** The samples of a 16-bit mono WAV with the plain 44-byte header, as all of ours have. */
export function readWavSamples(file: string | Buffer): Int16Array {
  const wav = typeof file === 'string' ? readFileSync(file) : file;
  const samples = new Int16Array((wav.length - HEADER_BYTES) >> 1);
  for (const index of samples.keys()) samples[index] = wav.readInt16LE(HEADER_BYTES + index * 2);
  return samples;
}
