import { CHUNK_SAMPLE_RATE_HZ } from '../../../domain/bot-api';

const HEADER_BYTES = 44;

/** A WAV file of 16 kHz mono 16-bit samples. */
export function encodeWav(samples: Int16Array): Buffer {
  const dataBytes = samples.length * 2;
  const wav = Buffer.alloc(HEADER_BYTES + dataBytes);
  wav.write('RIFF', 0, 'ascii');
  wav.writeUInt32LE(HEADER_BYTES - 8 + dataBytes, 4);
  wav.write('WAVEfmt ', 8, 'ascii');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(CHUNK_SAMPLE_RATE_HZ, 24);
  wav.writeUInt32LE(CHUNK_SAMPLE_RATE_HZ * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'ascii');
  wav.writeUInt32LE(dataBytes, 40);
  for (const [index, sample] of samples.entries())
    wav.writeInt16LE(sample, HEADER_BYTES + index * 2);
  return wav;
}
