import { CHUNK_SAMPLE_RATE_HZ } from './bot-api';

/** Samples in one frame of 20 ms, one of the three lengths that WebRTC's detector takes. */
export const FRAME_SAMPLES = 320;

/** 0 to 3. On the test speech 2 keeps every word's soft end and still rejects faint noise. */
const AGGRESSIVENESS = 2;

/** Root mean square of 16-bit samples under which a frame is silence whatever the detector says. */
export const SILENCE_RMS = 30;

/** What is used of WebRTC's voice activity detector as WebAssembly; whoever runs it loads it. */
export interface FvadModule {
  HEAP16: Int16Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _fvad_new(): number;
  _fvad_free(detector: number): void;
  _fvad_set_mode(detector: number, mode: number): number;
  _fvad_set_sample_rate(detector: number, hertz: number): number;
  _fvad_process(detector: number, frame: number, samples: number): number;
}

export interface VoiceDetector {
  /** Whether a frame of FRAME_SAMPLES holds speech. Frames must come in order. */
  isSpeech(frame: Int16Array): boolean;
  close(): void;
}

/** A detector for one track. */
export function createVoiceDetector(fvad: FvadModule): VoiceDetector {
  const detector = fvad._fvad_new();
  fvad._fvad_set_mode(detector, AGGRESSIVENESS);
  fvad._fvad_set_sample_rate(detector, CHUNK_SAMPLE_RATE_HZ);
  const buffer = fvad._malloc(FRAME_SAMPLES * 2);
  return {
    isSpeech: (frame) => {
      // The memory may have grown since, so its view is asked for anew.
      fvad.HEAP16.set(frame, buffer / 2);
      const isVoiced = fvad._fvad_process(detector, buffer, FRAME_SAMPLES) === 1;
      return isVoiced && rootMeanSquare(frame) >= SILENCE_RMS;
    },
    close: () => {
      fvad._fvad_free(detector);
      fvad._free(buffer);
    },
  };
}

/** How loud samples are. */
export function rootMeanSquare(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length));
}
