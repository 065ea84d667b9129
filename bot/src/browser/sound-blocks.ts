import type { createResampler, Resample } from './resampler';

export interface SoundBlock {
  /** Capture time of the first sample in milliseconds, on the track's own clock. */
  captureMs: number;
  sampleCount: number;
  /** 16-bit little-endian samples in base64; absent when all of them are zero. */
  pcm?: string;
}

export interface SoundBlocksOptions {
  sampleRateHz: number;
  blockSamples: number;
  createResampler: typeof createResampler;
  onBlock(block: SoundBlock): void;
}

/**
 * Turns a track's frames of 10 ms into blocks. Runs inside the page: it must not use anything from
 * outside its own body.
 */
export function createSoundBlocks(options: SoundBlocksOptions) {
  const { sampleRateHz, blockSamples, onBlock } = options;
  const JUMP_MS = 30;
  let block = new Int16Array(blockSamples);
  let filled = 0;
  let blockStartMs = 0;
  let nextMs: number | null = null;
  let resample: Resample | null = null;
  let rateHz = 0;

  const readMono = (data: AudioData): Float32Array => {
    const mono = new Float32Array(data.numberOfFrames);
    const plane = new Float32Array(data.numberOfFrames);
    for (let channel = 0; channel < data.numberOfChannels; channel += 1) {
      data.copyTo(plane, { planeIndex: channel, format: 'f32-planar' });
      for (let index = 0; index < mono.length; index += 1) {
        mono[index] = (mono[index] ?? 0) + (plane[index] ?? 0) / data.numberOfChannels;
      }
    }
    return mono;
  };
  const encode = (samples: Int16Array): string => {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    return btoa(String.fromCharCode(...bytes));
  };
  const send = () => {
    if (filled === 0) return;
    const samples = block.slice(0, filled);
    const isSilent = samples.every((sample) => sample === 0);
    onBlock({
      captureMs: blockStartMs,
      sampleCount: filled,
      ...(!isSilent && { pcm: encode(samples) }),
    });
    block = new Int16Array(blockSamples);
    filled = 0;
  };
  const take = (data: AudioData) => {
    const startMs = data.timestamp / 1000;
    const isNew = nextMs === null || Math.abs(startMs - nextMs) > JUMP_MS;
    if (isNew || data.sampleRate !== rateHz || !resample) {
      send();
      rateHz = data.sampleRate;
      resample = options.createResampler(rateHz, sampleRateHz);
      nextMs = startMs;
    }
    for (const [index, value] of resample(readMono(data)).entries()) {
      if (filled === 0) blockStartMs = startMs + (index * 1000) / sampleRateHz;
      block[filled] = Math.max(-32768, Math.min(32767, Math.round(value * 32767)));
      filled += 1;
      if (filled === block.length) send();
    }
    nextMs = startMs + (data.numberOfFrames / rateHz) * 1000;
  };
  return { take, send };
}
