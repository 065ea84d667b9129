import { FRAME_SAMPLES, rootMeanSquare } from './voice-detector';

const FRAME_MS = 20;
/** Sound before the first detected frame that belongs to the word: soft onsets come late. */
const LEAD_IN_FRAMES = 240 / FRAME_MS;

/** How long pieces become, in milliseconds. */
export interface PieceLengths {
  shortestMs: number;
  longestMs: number;
  /** From here on a short pause is enough, and a forced split looks for its quietest spot. */
  longMs: number;
  pauseMs: number;
  shortPauseMs: number;
}

/** Of a live call: words are wanted soon. */
const LIVE_PIECES: PieceLengths = {
  shortestMs: 1_000,
  longestMs: 8_000,
  longMs: 5_000,
  pauseMs: 400,
  shortPauseMs: 200,
};

/**
 * Of a file: Whisper hears windows of 30 s, whatever is in them, so nearly full ones cost the least;
 * 28 s and what a forced split leaves over are below the 32 s that a chunk may have.
 */
export const FILE_PIECES: PieceLengths = {
  shortestMs: 1_000,
  longestMs: 28_000,
  longMs: 20_000,
  pauseMs: 2_000,
  shortPauseMs: 300,
};
/** Speech begins when this many of the last START_WINDOW frames are voiced: a click is not speech. */
const START_VOICED = 3;
const START_WINDOW = 4;
/** A spot is as quiet as the 100 ms around it. */
const SPOT_FRAMES = 5;

interface Frame {
  samples: Int16Array;
  isVoiced: boolean;
  loudness: number;
}

export interface SpeechSegment {
  /** Index of the piece's first sample, counted from the segmenter's first. */
  startSample: number;
  samples: Int16Array;
}

export interface SegmenterOptions {
  isSpeech(frame: Int16Array): boolean;
  onSegment(segment: SpeechSegment): void;
  /** Of a live call, where nothing else is said. */
  lengths?: PieceLengths;
}

/** Cuts one track's continuous sound into pieces of speech at pauses. */
export class Segmenter {
  /** Frames of the piece that is open, or the lead-in while nobody speaks. */
  private frames: Frame[] = [];
  private isOpen = false;
  private silentFrames = 0;
  private framesSeen = 0;
  private remainder: Int16Array = new Int16Array(0);
  private readonly frameCounts: FrameCounts;

  constructor(private readonly options: SegmenterOptions) {
    this.frameCounts = countFrames(options.lengths ?? LIVE_PIECES);
  }

  push(samples: Int16Array): void {
    const all = concatenate([this.remainder, samples]);
    let offset = 0;
    for (; offset + FRAME_SAMPLES <= all.length; offset += FRAME_SAMPLES) {
      this.take(all.slice(offset, offset + FRAME_SAMPLES));
    }
    this.remainder = all.slice(offset);
  }

  /** The piece that is open, without its first `skip` samples; null while nobody speaks. */
  readOpen(skip: (startSample: number) => number): SpeechSegment | null {
    if (!this.isOpen) return null;
    const startSample = (this.framesSeen - this.frames.length) * FRAME_SAMPLES;
    const skipped = Math.floor(skip(startSample) / FRAME_SAMPLES);
    const samples = concatenate(this.frames.slice(skipped).map((frame) => frame.samples));
    return { startSample, samples };
  }

  /** Ends an open piece now; the sound that follows is not its continuation. */
  flush(): void {
    if (this.isOpen) {
      if (this.remainder.length > 0) this.take(concatenate([this.remainder], FRAME_SAMPLES));
      while (this.isOpen && this.frames.length < this.frameCounts.shortest)
        this.append(new Int16Array(FRAME_SAMPLES));
      if (this.isOpen) this.cut(this.frames.length);
    }
    this.remainder = new Int16Array(0);
    this.frames = [];
    this.isOpen = false;
  }

  private take(samples: Int16Array): void {
    const frame = this.append(samples);
    if (!this.isOpen) return this.listen();
    this.silentFrames = frame.isVoiced ? 0 : this.silentFrames + 1;
    const { length } = this.frames;
    const { shortest, longest, long, pause, shortPause } = this.frameCounts;
    const needed = length >= long ? shortPause : pause;
    if (this.silentFrames >= needed && length >= shortest) {
      this.cut(length);
      this.isOpen = false;
    } else if (length >= longest) {
      this.cut(this.findQuietestSpot());
    }
  }

  private listen(): void {
    const recent = this.frames.slice(-START_WINDOW).filter((frame) => frame.isVoiced);
    if (recent.length >= START_VOICED) {
      this.isOpen = true;
      this.silentFrames = 0;
    } else if (this.frames.length > LEAD_IN_FRAMES) {
      this.frames.shift();
    }
  }

  private append(samples: Int16Array): Frame {
    const frame = {
      samples,
      isVoiced: this.options.isSpeech(samples),
      loudness: rootMeanSquare(samples),
    };
    this.frames.push(frame);
    this.framesSeen += 1;
    return frame;
  }

  /** Emits the first `length` frames and keeps the rest as the beginning of the next piece. */
  private cut(length: number): void {
    const startFrame = this.framesSeen - this.frames.length;
    const piece = this.frames.slice(0, length);
    this.frames = this.frames.slice(length);
    if (!piece.some((frame) => frame.isVoiced)) return;
    this.options.onSegment({
      startSample: startFrame * FRAME_SAMPLES,
      samples: concatenate(piece.map((frame) => frame.samples)),
    });
  }

  private findQuietestSpot(): number {
    let quietest = { at: this.frames.length, loudness: Infinity };
    for (let at = this.frameCounts.long; at + SPOT_FRAMES <= this.frames.length; at += 1) {
      const around = this.frames.slice(at, at + SPOT_FRAMES);
      const loudness = around.reduce((sum, frame) => sum + frame.loudness, 0);
      if (loudness < quietest.loudness) quietest = { at: at + (SPOT_FRAMES >> 1), loudness };
    }
    return quietest.at;
  }
}

interface FrameCounts {
  shortest: number;
  longest: number;
  long: number;
  pause: number;
  shortPause: number;
}

function countFrames(lengths: PieceLengths): FrameCounts {
  return {
    shortest: lengths.shortestMs / FRAME_MS,
    longest: lengths.longestMs / FRAME_MS,
    long: lengths.longMs / FRAME_MS,
    pause: lengths.pauseMs / FRAME_MS,
    shortPause: lengths.shortPauseMs / FRAME_MS,
  };
}

function concatenate(parts: readonly Int16Array[], length?: number): Int16Array {
  const whole = new Int16Array(length ?? parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
