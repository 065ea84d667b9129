import { CHUNK_SAMPLE_RATE_HZ } from '../../../domain/bot-api';
import { Segmenter } from '../../../domain/segmenter';
import type { VoiceDetector } from '../../../domain/voice-detector';
import { TrackClock } from './track-clock';

const SAMPLES_PER_MS = CHUNK_SAMPLE_RATE_HZ / 1000;
/** Capture times wobble by a few milliseconds; more than this is sound that is missing. */
const GAP_MS = 60;
/** A track that says nothing for this long has stopped: its open piece must not wait. */
const IDLE_MS = 1_000;
/** How late the page may tell that a track is somebody else's: a piece that began since is theirs. */
const OWNER_LATE_MS = 1_500;

export interface AudioBlock {
  /** Capture time of the first sample, on the page's own clock. */
  captureMs: number;
  samples: Int16Array;
  /** Server time at which the block reached this process. */
  arrivedAtMs: number;
  /** Null where the page has known nobody for so long that it is nobody's any more. */
  participant: string | null;
}

export interface RecordedSpeech {
  track: string;
  seq: number;
  /** Server time. */
  startAtMs: number;
  endAtMs: number;
  participant: string | null;
  samples: Int16Array;
}

/** What an open piece has grown by since it was last asked for. */
export interface OpenSpeech extends Omit<RecordedSpeech, 'endAtMs'> {
  /** These samples are the piece's first. */
  isNew: boolean;
}

export interface TrackRecorderOptions {
  track: string;
  detector: VoiceDetector;
  onSpeech(speech: RecordedSpeech): void;
  onGap(gap: { track: string; missingMs: number }): void;
}

/** Turns the blocks of one track into numbered, timed pieces of speech. */
export class TrackRecorder {
  private readonly clock = new TrackClock();
  /** The unbroken run of samples that is being heard. */
  private run: { startMs: number; samples: number; segmenter: Segmenter } | null = null;
  private seq = 0;
  private participant: string | null = null;
  private lastArrivalMs = 0;
  /** How much of the open piece was given out already. */
  private given = { seq: 0, startAtMs: 0, startSample: 0, samples: 0 };

  constructor(private readonly options: TrackRecorderOptions) {}

  accept(block: AudioBlock): void {
    const durationMs = block.samples.length / SAMPLES_PER_MS;
    this.clock.observe(block.captureMs + durationMs, block.arrivedAtMs);
    this.lastArrivalMs = block.arrivedAtMs;
    this.changeOwner(block.participant);
    if (this.run) {
      const expectedMs = this.run.startMs + this.run.samples / SAMPLES_PER_MS;
      if (Math.abs(block.captureMs - expectedMs) > GAP_MS) {
        this.options.onGap({
          track: this.options.track,
          missingMs: Math.round(block.captureMs - expectedMs),
        });
        this.endRun();
      }
    }
    this.run ??= this.startRun(block.captureMs);
    this.run.samples += block.samples.length;
    this.run.segmenter.push(block.samples);
  }

  /** Somebody is speaking on this track. */
  get isOpen(): boolean {
    return this.run?.segmenter.readOpen(() => Infinity) != null;
  }

  /** What is new in the piece that is open, for keeping it safe before it is whole. */
  takeOpen(): OpenSpeech | null {
    const { run, given } = this;
    const seq = this.seq + 1;
    const isKnown = (startSample: number) => given.seq === seq && given.startSample === startSample;
    const open = run?.segmenter.readOpen((start) => (isKnown(start) ? given.samples : 0));
    if (!run || !open || open.samples.length === 0) return null;
    const isNew = !isKnown(open.startSample);
    if (isNew) {
      const captureMs = run.startMs + open.startSample / SAMPLES_PER_MS;
      const startAtMs = Math.round(this.clock.toServerMs(captureMs));
      this.given = { seq, startAtMs, startSample: open.startSample, samples: 0 };
    }
    this.given.samples += open.samples.length;
    const { track } = this.options;
    const { startAtMs } = this.given;
    return { track, seq, startAtMs, participant: this.participant, samples: open.samples, isNew };
  }

  flushIfIdle(nowMs: number): void {
    if (this.run && nowMs - this.lastArrivalMs > IDLE_MS) this.endRun();
  }

  close(): void {
    this.endRun();
    this.options.detector.close();
  }

  /** A piece is one person's. One that is nobody's yet becomes that of who is known while it lasts. */
  private changeOwner(participant: string | null): void {
    if (participant === this.participant) return;
    const open = this.run?.segmenter.readOpen(() => 0);
    const openMs = (open?.samples.length ?? 0) / SAMPLES_PER_MS;
    if (this.participant !== null && openMs > OWNER_LATE_MS) this.endRun();
    this.participant = participant;
  }

  private startRun(startMs: number) {
    const segmenter = new Segmenter({
      isSpeech: (frame) => this.options.detector.isSpeech(frame),
      onSegment: ({ startSample, samples }) =>
        this.emit(startMs + startSample / SAMPLES_PER_MS, samples),
    });
    return { startMs, samples: 0, segmenter };
  }

  private endRun(): void {
    this.run?.segmenter.flush();
    this.run = null;
  }

  private emit(captureMs: number, samples: Int16Array): void {
    const startAtMs = Math.round(this.clock.toServerMs(captureMs));
    this.seq += 1;
    this.options.onSpeech({
      track: this.options.track,
      seq: this.seq,
      startAtMs,
      endAtMs: startAtMs + Math.round(samples.length / SAMPLES_PER_MS),
      participant: this.participant,
      samples,
    });
  }
}
