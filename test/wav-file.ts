import { readFileSync } from 'node:fs';

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
  const samples = Math.round(durationMs * 16);
  const wav = Buffer.alloc(44 + samples * 2);
  const sampleRateHz = overrides.sampleRateHz ?? 16_000;
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(sampleRateHz, 24);
  wav.writeUInt32LE(sampleRateHz * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index += 1) {
    wav.writeInt16LE(Math.round(Math.sin(index / 8) * 8_000), 44 + index * 2);
  }
  return wav;
}
