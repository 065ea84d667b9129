import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { VoiceDetector } from '../../domain/voice-detector';
import { encodeWav } from '../../domain/wav';
import type { ApiClient } from './api/api-client';
import { Outbox } from './api/outbox';
import type { ServerClock } from './api/server-clock';
import { Attributor } from './attribution/attributor';
import { LastSpeakers } from './audio/last-speakers';
import { SilentCapture } from './audio/silent-capture';
import { SoundCounters, type SoundTotals } from './audio/sound-counters';
import { TrackRecorder, type RecordedSpeech } from './audio/track-recorder';
import type { CaptureMessage } from './browser/capture-script';
import type { PersonInCall, SoundRules } from './platforms/platform';
import type { Journal } from './spool/journal';
import type { Spool, SpooledMetadata, SpoolEntry } from './spool/spool';

const LOOK_INTERVAL_MS = 500;
/** What a crash can cost of a piece that is still open. */
const JOURNAL_INTERVAL_MS = 1_000;
/** Signs of who speaks arrive after the sound they belong to. */
const SETTLE_MS = 300;
const DISK_RETRY_MS = 1_000;

export interface MeetingRecorderOptions {
  spool: Spool;
  clock: ServerClock;
  api: Pick<ApiClient, 'sendSources' | 'sendGap'>;
  createDetector(): VoiceDetector;
  onChunk(entry: SpoolEntry): void;
  /** People speak, no sound comes, and nothing helped. */
  onCaptureFailed(): void;
  logger: Logger;
}

/** What the recorder must know of the page it hears. */
export interface SoundOfPage {
  tracks: SoundRules['tracks'];
  rehear(): Promise<void>;
}

type SoundMessage = Extract<CaptureMessage, { kind: 'audio' }>;

/** Hears all tracks of the call and lays what is said on disk. */
export class MeetingRecorder {
  private readonly tracks = new Map<string, TrackRecorder>();
  /** Sound that may only repeat another track, and when it came: kept until that is known. */
  private readonly withheld = new Map<string, { message: SoundMessage; atMs: number }[]>();
  /** Tracks of a restarted process must not continue the numbers of an earlier one. */
  private readonly runId = randomBytes(3).toString('hex');
  private readonly timers: NodeJS.Timeout[];
  private readonly closing = new AbortController();
  private readonly counted = new SoundCounters();
  private readonly attributor: Attributor;
  private readonly lastSpeakers = new LastSpeakers();
  private readonly silence: SilentCapture;
  private readonly notices: Outbox;
  private readonly journal: Journal;
  private rehear: (() => Promise<void>) | null = null;
  private isRecording = false;
  private writes: Promise<void> = Promise.resolve();
  private soundAtMs = -Infinity;
  /**
   * Server time at which somebody was last heard, or newly shown, speaking; null when nobody was
   * yet. That somebody is still shown says nothing: some pages keep showing the last speaker.
   */
  lastSpeechAtMs: number | null = null;

  constructor(private readonly options: MeetingRecorderOptions) {
    const { api, clock, logger, spool, onCaptureFailed } = options;
    this.notices = new Outbox((error) => logger.warn({ error }, 'notice not accepted'));
    this.journal = spool.createJournal((error) => logger.error({ error }, 'journal not written'));
    this.attributor = new Attributor(
      (bindings) => void this.notices.add(async () => void (await api.sendSources(bindings))),
    );
    this.silence = new SilentCapture({
      runId: this.runId,
      onGap: (gap) => void this.notices.add(async () => void (await api.sendGap(gap))),
      onRehear: () => void this.rehear?.(),
      onGiveUp: onCaptureFailed,
      logger,
    });
    this.timers = [
      setInterval(() => this.look(clock.nowMs()), LOOK_INTERVAL_MS),
      setInterval(() => this.keepOpenPieces(), JOURNAL_INTERVAL_MS),
    ];
  }

  /** Totals over all tracks so far. */
  get counters(): SoundTotals {
    const { heardMs, zeroRunMs, clippedSamples } = this.counted.totals;
    return { heardMs: Math.round(heardMs), zeroRunMs: Math.round(zeroRunMs), clippedSamples };
  }

  /** To be called before the first sound of a page. */
  attach({ tracks, rehear }: SoundOfPage): void {
    this.attributor.isMixed = tracks === 'mixed';
    this.rehear = rehear;
  }

  /** What is heard before the bot is in the meeting is not for it. */
  start(): void {
    this.isRecording = true;
  }

  notePeople(people: readonly PersonInCall[]): void {
    this.attributor.setOwnKeys(people.filter(({ isSelf }) => isSelf).map(({ key }) => key));
  }

  hear(message: CaptureMessage): void {
    if (this.closing.signal.aborted) return;
    const nowMs = this.options.clock.nowMs();
    switch (message.kind) {
      case 'audio':
        return this.isRecording ? this.weigh(message, nowMs) : undefined;
      // Who speaks is told at changes only: what was so before must be known when recording begins.
      case 'sources':
        return this.attributor.noteSources(this.nameTrack(message.track), message.sources, nowMs);
      case 'speaking':
        if (message.keys.length > 0) this.lastSpeechAtMs = nowMs;
        return this.attributor.noteSpeaking(message.keys, nowMs);
      case 'last_speakers':
        return this.noteLastSpeakers(message.keys, nowMs);
      case 'track_ended':
        if (!message.isRepetition) this.release(message.track);
        this.withheld.delete(message.track);
        return this.endTrack(this.nameTrack(message.track), nowMs);
    }
  }

  /** Ends open pieces of speech; resolves when everything heard is on disk. */
  async close(): Promise<void> {
    if (!this.closing.signal.aborted) {
      for (const timer of this.timers) clearInterval(timer);
      const nowMs = this.options.clock.nowMs();
      this.silence.end(nowMs);
      for (const track of [...this.withheld.keys()]) this.release(track);
      for (const track of [...this.tracks.keys()]) this.endTrack(track, nowMs);
      this.closing.abort();
    }
    await this.writes;
  }

  /** Resolves when what was learnt about the sound has been told. */
  idle(): Promise<void> {
    return this.notices.idle();
  }

  private weigh(message: SoundMessage, atMs: number): void {
    const { track } = message;
    if (message.isDoubtful) {
      const kept = this.withheld.get(track) ?? [];
      this.withheld.set(track, kept);
      kept.push({ message, atMs });
      return;
    }
    this.release(track);
    this.take(message, atMs);
  }

  private release(track: string): void {
    for (const { message, atMs } of this.withheld.get(track) ?? []) this.take(message, atMs);
    this.withheld.delete(track);
  }

  private take(message: SoundMessage, nowMs: number): void {
    const track = this.nameTrack(message.track);
    const recorder = this.recorderOf(track);
    const samples = decodeSamples(message);
    const { speaking } = this.attributor;
    const isShown = message.owner === null ? speaking.length > 0 : speaking.includes(message.owner);
    if (this.counted.note(track, samples, isShown)) this.soundAtMs = nowMs;
    recorder.accept({
      captureMs: message.captureMs,
      samples,
      arrivedAtMs: nowMs,
      participant: message.owner,
    });
    if (recorder.isOpen) this.lastSpeechAtMs = nowMs;
    if (message.owner !== null) this.attributor.learnOwner(track, message.owner);
  }

  private noteLastSpeakers(keys: readonly string[], nowMs: number): void {
    const begun = this.lastSpeakers.note(keys, this.soundAtMs, nowMs);
    if (this.attributor.dropOwn(begun).length > 0) this.lastSpeechAtMs = nowMs;
  }

  private endTrack(track: string, nowMs: number): void {
    this.attributor.endTrack(track, nowMs);
    const recorder = this.tracks.get(track);
    if (!recorder) return;
    recorder.close();
    this.tracks.delete(track);
    this.options.logger.info({ track, ...this.counted.end(track) }, 'track ended');
  }

  private look(nowMs: number): void {
    for (const track of this.tracks.values()) track.flushIfIdle(nowMs);
    if (!this.isRecording) return;
    this.attributor.learn(nowMs);
    const begun = this.attributor.dropOwn(this.lastSpeakers.speakingAt(nowMs));
    this.silence.look([...this.attributor.speaking, ...begun], this.soundAtMs, nowMs);
  }

  private keepOpenPieces(): void {
    for (const track of this.tracks.values()) {
      const part = track.takeOpen();
      if (!part) continue;
      const nowMs = this.options.clock.nowMs();
      this.journal.append({ ...part, ...this.attributor.attribute({ ...part, endAtMs: nowMs }) });
    }
  }

  private nameTrack(track: string): string {
    return `${this.runId}-${track}`;
  }

  private recorderOf(track: string): TrackRecorder {
    const known = this.tracks.get(track);
    if (known) return known;
    const { createDetector, logger } = this.options;
    logger.info({ track }, 'track heard');
    const recorder = new TrackRecorder({
      track,
      detector: createDetector(),
      onSpeech: (speech) => this.keep(speech),
      onGap: (gap) => logger.warn(gap, 'sound is missing from a track'),
    });
    this.tracks.set(track, recorder);
    return recorder;
  }

  private keep({ samples, ...speech }: RecordedSpeech): void {
    const wav = encodeWav(samples);
    const { signal } = this.closing;
    const settled =
      this.attributor.isMixed && !signal.aborted
        ? delay(SETTLE_MS, undefined, { signal }).catch(() => undefined)
        : null;
    this.writes = this.writes.then(async () => {
      await settled;
      const entry = await this.write({ ...speech, ...this.attributor.attribute(speech) }, wav);
      if (!entry) return;
      await this.journal.remove(speech);
      this.options.onChunk(entry);
    });
  }

  /** A full disk may be emptied again; until the end nothing is given up. */
  private async write(metadata: Omit<SpooledMetadata, 'sha256'>, wav: Uint8Array) {
    for (;;) {
      try {
        return await this.options.spool.add(metadata, wav);
      } catch (error) {
        this.options.logger.error({ error, track: metadata.track }, 'chunk cannot be written');
        if (this.closing.signal.aborted) return null;
        await delay(DISK_RETRY_MS);
      }
    }
  }
}

function decodeSamples(message: SoundMessage): Int16Array {
  const samples = new Int16Array(message.sampleCount);
  if (message.pcm === undefined) return samples;
  Buffer.from(message.pcm, 'base64').copy(Buffer.from(samples.buffer));
  return samples;
}
