/** What chunks are made of: 16 kHz, mono, 16 bit. */
export const SAMPLE_RATE_HZ = 16_000;
const HEADER_BYTES = 44;

/** A WAV file of these samples. */
export function encodeWav(samples: Int16Array): ArrayBuffer {
  const bytes = new ArrayBuffer(HEADER_BYTES + samples.length * 2);
  const view = new DataView(bytes);
  writeHeader(view, samples.length * 2);
  for (const [index, sample] of samples.entries()) {
    view.setInt16(HEADER_BYTES + index * 2, sample, true);
  }
  return bytes;
}

/** One WAV file of several, one behind the other. */
export function joinWavs(wavs: readonly ArrayBuffer[]): Blob {
  const sounds = wavs.map((wav) => new Uint8Array(wav, HEADER_BYTES));
  const header = new ArrayBuffer(HEADER_BYTES);
  writeHeader(
    new DataView(header),
    sounds.reduce((sum, { length }) => sum + length, 0),
  );
  return new Blob([header, ...sounds], { type: 'audio/wav' });
}

function writeHeader(view: DataView, soundBytes: number): void {
  const write = (offset: number, text: string): void => {
    for (const [index, letter] of [...text].entries()) {
      view.setUint8(offset + index, letter.charCodeAt(0));
    }
  };
  write(0, 'RIFF');
  view.setUint32(4, HEADER_BYTES + soundBytes - 8, true);
  write(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, SAMPLE_RATE_HZ, true);
  view.setUint32(28, SAMPLE_RATE_HZ * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, 'data');
  view.setUint32(40, soundBytes, true);
}

/** SHA-256 in hex. */
export async function hashBytes(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
