import { CHUNK_SAMPLE_RATE_HZ } from '../../../domain/bot-api';
import { rootMeanSquare, SILENCE_RMS } from '../../../domain/voice-detector';

/** Exact zeros this long while somebody speaks are no pause between words. */
const ZERO_RUN_MS = 500;
const CLIPPED = 32_767;
const SAMPLES_PER_MS = CHUNK_SAMPLE_RATE_HZ / 1000;

export interface SoundTotals {
  /** Sound above the floor, in milliseconds over all tracks. */
  heardMs: number;
  /** Long runs of exact zeros while somebody was shown as speaking. */
  zeroRunMs: number;
  clippedSamples: number;
}

interface TrackSound extends SoundTotals {
  /** The run of zeros that lasts, counted from where somebody was shown as speaking. */
  runMs: number;
}

/** Counts what is wrong with the sound, per track and over all. */
export class SoundCounters {
  private readonly tracks = new Map<string, TrackSound>();
  private readonly ended: SoundTotals = { heardMs: 0, zeroRunMs: 0, clippedSamples: 0 };

  get totals(): SoundTotals {
    return [...this.tracks.values()].reduce(add, this.ended);
  }

  /** Returns whether the block holds sound above the floor. */
  note(track: string, samples: Int16Array, isShownSpeaking: boolean): boolean {
    const sound = this.tracks.get(track) ?? { ...NOTHING, runMs: 0 };
    this.tracks.set(track, sound);
    const durationMs = samples.length / SAMPLES_PER_MS;
    const isZero = samples.every((sample) => sample === 0);
    this.noteZeros(sound, isZero && isShownSpeaking ? durationMs : null);
    if (isZero) return false;
    for (const sample of samples) {
      if (sample >= CLIPPED || sample <= -CLIPPED) sound.clippedSamples += 1;
    }
    const hasSound = rootMeanSquare(samples) >= SILENCE_RMS;
    if (hasSound) sound.heardMs += durationMs;
    return hasSound;
  }

  /** The totals of a track that is over. */
  end(track: string): SoundTotals {
    const sound = this.tracks.get(track);
    this.tracks.delete(track);
    Object.assign(this.ended, add(this.ended, sound ?? NOTHING));
    return add(NOTHING, sound ?? NOTHING);
  }

  private noteZeros(sound: TrackSound, durationMs: number | null): void {
    if (durationMs === null) {
      sound.runMs = 0;
      return;
    }
    const beforeMs = sound.runMs;
    sound.runMs += durationMs;
    if (sound.runMs < ZERO_RUN_MS) return;
    sound.zeroRunMs += beforeMs < ZERO_RUN_MS ? sound.runMs : durationMs;
  }
}

const NOTHING: SoundTotals = { heardMs: 0, zeroRunMs: 0, clippedSamples: 0 };

function add(some: SoundTotals, more: SoundTotals): SoundTotals {
  return {
    heardMs: some.heardMs + more.heardMs,
    zeroRunMs: some.zeroRunMs + more.zeroRunMs,
    clippedSamples: some.clippedSamples + more.clippedSamples,
  };
}
