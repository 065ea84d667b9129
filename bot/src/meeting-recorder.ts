import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ServerClock } from './api/server-clock';
import { TrackRecorder, type RecordedSpeech } from './audio/track-recorder';
import type { VoiceDetector } from './audio/vad';
import { encodeWav } from '../../domain/wav';
import type { CaptureMessage } from './browser/capture-script';
import type { Spool, SpoolEntry } from './spool/spool';

const IDLE_CHECK_MS = 500;
const DISK_RETRY_MS = 1_000;

export interface MeetingRecorderOptions {
  spool: Spool;
  clock: ServerClock;
  createDetector(): VoiceDetector;
  onChunk(entry: SpoolEntry): void;
  logger: Logger;
}

/** Hears all tracks of the call and lays what is said on disk. */
export class MeetingRecorder {
  private readonly tracks = new Map<number, TrackRecorder>();
  /** Tracks of a restarted process must not continue the numbers of an earlier one. */
  private readonly runId = randomBytes(3).toString('hex');
  private readonly idleCheck: NodeJS.Timeout;
  private isRecording = false;
  private writes: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(private readonly options: MeetingRecorderOptions) {
    this.idleCheck = setInterval(() => {
      for (const track of this.tracks.values()) track.flushIfIdle(options.clock.nowMs());
    }, IDLE_CHECK_MS);
  }

  /** What is heard before the bot is in the meeting is not for it. */
  start(): void {
    this.isRecording = true;
  }

  hear(message: CaptureMessage): void {
    if (this.isClosed || !this.isRecording) return;
    if (message.kind === 'track_ended') {
      this.tracks.get(message.track)?.close();
      this.tracks.delete(message.track);
      return;
    }
    this.trackOf(message.track).accept({
      captureMs: message.captureMs,
      samples: decodeSamples(message),
      arrivedAtMs: this.options.clock.nowMs(),
      participant: message.owner,
    });
  }

  /** Ends open pieces of speech; resolves when everything heard is on disk. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.idleCheck);
    for (const track of this.tracks.values()) track.close();
    this.tracks.clear();
    await this.writes;
  }

  private trackOf(number: number): TrackRecorder {
    const known = this.tracks.get(number);
    if (known) return known;
    const { createDetector, logger } = this.options;
    const track = `${this.runId}-${number}`;
    logger.info({ track }, 'track heard');
    const recorder = new TrackRecorder({
      track,
      detector: createDetector(),
      onSpeech: (speech) => this.keep(speech),
      onGap: (gap) => logger.warn(gap, 'sound is missing from a track'),
    });
    this.tracks.set(number, recorder);
    return recorder;
  }

  private keep({ samples, ...metadata }: RecordedSpeech): void {
    const wav = encodeWav(samples);
    this.writes = this.writes.then(async () => {
      const entry = await this.write(metadata, wav);
      if (entry) this.options.onChunk(entry);
    });
  }

  /** A full disk may be emptied again; until the end nothing is given up. */
  private async write(metadata: Omit<RecordedSpeech, 'samples'>, wav: Uint8Array) {
    for (;;) {
      try {
        return await this.options.spool.add(metadata, wav);
      } catch (error) {
        this.options.logger.error({ error, track: metadata.track }, 'chunk cannot be written');
        if (this.isClosed) return null;
        await delay(DISK_RETRY_MS);
      }
    }
  }
}

function decodeSamples(message: Extract<CaptureMessage, { kind: 'audio' }>): Int16Array {
  const samples = new Int16Array(message.sampleCount);
  if (message.pcm === undefined) return samples;
  Buffer.from(message.pcm, 'base64').copy(Buffer.from(samples.buffer));
  return samples;
}
