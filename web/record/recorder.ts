import { take, type Api } from '@/api/client';
import { describeProblem, type ProblemText } from '@/api/problems';
import type { Session } from '@/api/session';
import { record } from '@/strings/record';
import {
  CaptureProblem,
  startCapture,
  type Capture,
  type CaptureSource,
  type Piece,
} from './capture';
import { ChunkSender } from './chunk-sender';
import { chunkStore, type OpenRecording } from './chunk-store';
import { encodeWav, hashBytes, SAMPLE_RATE_HZ } from './wav';

export interface RecorderState {
  phase: 'idle' | 'interrupted' | 'asking' | 'recording' | 'paused' | 'finishing' | 'finished';
  meetingId: number | null;
  /** From 0 to 1. */
  level: number;
  recordedMs: number;
  waiting: number;
  isOffline: boolean;
  problem: ProblemText | null;
}

const IDLE: RecorderState = {
  phase: 'idle',
  meetingId: null,
  level: 0,
  recordedMs: 0,
  waiting: 0,
  isOffline: false,
  problem: null,
};
const ALIVE_EVERY_MS = 15_000;

/** One recording after another: heard, kept in the browser, sent, finished. */
export class Recorder {
  private state = IDLE;
  private readonly listeners = new Set<() => void>();
  private capture: Capture | null = null;
  private recording: OpenRecording | null = null;
  private sender: ChunkSender | null = null;
  private alive: ReturnType<typeof setInterval> | undefined;
  /** Heard, and not kept by the browser yet. */
  private readonly unkept: { piece: Piece; sinceMs: number }[] = [];
  /** Pieces are kept one after another, so that numbers have the order of the sound. */
  private keeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly api: Api,
    private readonly session: Session,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): RecorderState => this.state;

  /** Finds what a reload or a crash of the browser had interrupted, and sends what waits of it. */
  async recover(): Promise<void> {
    const recording = await chunkStore.findRecording();
    if (!recording || this.state.phase !== 'idle') return;
    this.adopt(recording);
    this.set({ phase: 'interrupted', meetingId: recording.meetingId });
  }

  async start(source: CaptureSource, title: string): Promise<void> {
    this.set({ ...IDLE, phase: 'asking' });
    await this.attempt('idle', async () => {
      const begin = await this.prepare(source);
      const body = title.trim() === '' ? {} : { title: title.trim() };
      const started = take(await this.api.client.POST('/api/recorders', { body }));
      const recording: OpenRecording = {
        meetingId: started.meeting.id,
        source,
        clockOriginMs: started.clockOriginMs,
        serverAheadMs: started.serverTimeMs - Date.now(),
        lastSeq: 0,
      };
      await chunkStore.keepRecording(recording);
      this.adopt(recording);
      begin();
    });
  }

  /** Goes on after a pause, or after an interruption. */
  async resume(): Promise<void> {
    const { recording, capture } = this;
    if (!recording) return;
    if (capture) {
      capture.resume();
      return this.set({ phase: 'recording', problem: null });
    }
    const { phase } = this.state;
    this.set({ phase: 'asking', problem: null });
    await this.attempt(phase, async () => (await this.prepare(recording.source))());
  }

  async pause(): Promise<void> {
    await this.capture?.pause();
    this.set({ phase: 'paused', level: 0 });
  }

  async finish(): Promise<void> {
    const { recording } = this;
    if (!recording) return;
    this.set({ phase: 'finishing', level: 0, problem: null });
    await this.stopCapture();
    await this.keepAll();
    if (this.unkept.length > 0) return;
    await this.sendAll();
    if (this.state.problem) return;
    await this.attempt('paused', async () => {
      const lastSeqs = { [recording.source]: recording.lastSeq };
      const params = { path: { id: recording.meetingId } };
      take(
        await this.api.client.POST('/api/meetings/{id}/recorder/finish', {
          params,
          body: recording.lastSeq > 0 ? { lastSeqs } : {},
        }),
      );
      await this.leave();
      this.set({ phase: 'finished' });
    });
  }

  reset(): void {
    this.state = IDLE;
    this.set({});
  }

  /** Lets go of the microphone when the page is left; what waits is sent by the next one. */
  async dispose(): Promise<void> {
    await this.stopCapture();
    clearInterval(this.alive);
    this.sender?.stop();
  }

  private async prepare(source: CaptureSource): Promise<() => void> {
    const early: Piece[] = [];
    let sinceMs: number | null = null;
    this.capture = await startCapture(source, {
      onPiece: (piece) => {
        if (sinceMs === null) early.push(piece);
        else this.take(piece, sinceMs);
      },
      onLevel: (level) => {
        if (this.state.phase === 'recording') this.set({ level: Math.min(1, level * 4) });
      },
      onEnded: () => void this.lose(),
    });
    const beganMs = Date.now();
    return () => {
      const { recording } = this;
      if (!recording) return;
      sinceMs = Math.max(0, beganMs + recording.serverAheadMs - recording.clockOriginMs);
      for (const piece of early.splice(0)) this.take(piece, sinceMs);
      this.set({ phase: 'recording' });
    };
  }

  private take(piece: Piece, sinceMs: number): void {
    this.unkept.push({ piece, sinceMs });
    void this.keepAll();
  }

  private keepAll(): Promise<void> {
    this.keeping = this.keeping.then(async () => {
      for (let next = this.unkept[0]; next !== undefined; next = this.unkept[0]) {
        try {
          await this.keep(next.piece, next.sinceMs);
        } catch {
          return this.stumble();
        }
        this.unkept.shift();
      }
    });
    return this.keeping;
  }

  /** The browser takes no more: the sound stops, and what it did not take waits in memory. */
  private async stumble(): Promise<void> {
    await this.stopCapture();
    this.set({ phase: 'paused', level: 0, problem: record.problems.full });
  }

  private async keep({ startMs, samples }: Piece, sinceMs: number): Promise<void> {
    const { recording } = this;
    if (!recording) return;
    const durationMs = Math.round((samples.length / SAMPLE_RATE_HZ) * 1_000);
    if (durationMs === 0) return;
    const seq = recording.lastSeq + 1;
    const wav = encodeWav(samples);
    const start = Math.round(sinceMs + startMs);
    await chunkStore.keepChunk(
      { ...recording, lastSeq: seq },
      {
        meetingId: recording.meetingId,
        seq,
        track: recording.source,
        startMs: start,
        endMs: start + durationMs,
        capturedAtMs: recording.clockOriginMs + start + durationMs,
        sha256: await hashBytes(wav),
        wav,
      },
    );
    recording.lastSeq = seq;
    this.set({ recordedMs: this.state.recordedMs + durationMs });
    void this.sender?.send();
  }

  private async lose(): Promise<void> {
    if (this.state.phase !== 'recording') return;
    await this.stopCapture();
    this.set({ phase: 'paused', level: 0, problem: record.problems.stopped });
  }

  private adopt(recording: OpenRecording): void {
    this.recording = recording;
    const { meetingId } = recording;
    this.set({ meetingId });
    this.sender = new ChunkSender(
      meetingId,
      { api: this.api, session: this.session },
      {
        onWaiting: (waiting) => this.set({ waiting }),
        onOffline: (isOffline) => this.set({ isOffline }),
        onOver: () => void this.giveUp(),
      },
    );
    void this.sender.send();
    const params = { path: { id: meetingId } };
    this.alive = setInterval(() => {
      // a lost sign of life is not worth a word: the next one follows
      this.api.client.POST('/api/meetings/{id}/recorder/alive', { params }).catch(() => undefined);
    }, ALIVE_EVERY_MS);
  }

  private async sendAll(): Promise<void> {
    const { recording, sender } = this;
    if (!recording || !sender) return;
    while (
      this.recording === recording &&
      (await chunkStore.countChunks(recording.meetingId)) > 0
    ) {
      await sender.send();
      if (this.state.problem) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  private async giveUp(): Promise<void> {
    await this.stopCapture();
    await this.leave();
    this.set({ phase: 'finished', level: 0, problem: record.problems.over });
  }

  /** The recording is over: nothing of it is kept here any more. */
  private async leave(): Promise<void> {
    const { recording } = this;
    clearInterval(this.alive);
    this.sender?.stop();
    this.recording = null;
    if (recording) await chunkStore.forget(recording.meetingId);
  }

  private async stopCapture(): Promise<void> {
    const { capture } = this;
    this.capture = null;
    await capture?.stop();
  }

  private async attempt(back: RecorderState['phase'], work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.state.phase === 'asking') await this.stopCapture();
      const problem =
        error instanceof CaptureProblem ? record.problems[error.kind] : describeProblem(error);
      this.set({ phase: back, problem });
    }
  }

  private set(change: Partial<RecorderState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
