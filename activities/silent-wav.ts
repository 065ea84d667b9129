import { CHUNK_SAMPLE_RATE_HZ } from '../domain/bot-api';

const HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;

/** A WAV file of silence, 16 kHz mono 16-bit: known good audio to ask Whisper about. */
export function makeSilentWav(durationMs: number): Buffer {
  const audioBytes = Math.round((durationMs * CHUNK_SAMPLE_RATE_HZ) / 1000) * BYTES_PER_SAMPLE;
  const wav = Buffer.alloc(HEADER_BYTES + audioBytes);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(HEADER_BYTES - 8 + audioBytes, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(CHUNK_SAMPLE_RATE_HZ, 24);
  wav.writeUInt32LE(CHUNK_SAMPLE_RATE_HZ * BYTES_PER_SAMPLE, 28);
  wav.writeUInt16LE(BYTES_PER_SAMPLE, 32);
  wav.writeUInt16LE(BYTES_PER_SAMPLE * 8, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(audioBytes, 40);
  return wav;
}
