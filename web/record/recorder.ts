import { take } from '@/api/client';
import { describeProblem, type ProblemText } from '@/api/problems';
import { record } from '@/strings/record';
import {
  CaptureProblem,
  startCapture,
  type Capture,
  type CaptureSource,
  type Piece,
} from './capture';
import { ChunkSender, judgeRefusal, type Refusal } from './chunk-sender';
import { chunkStore, type OpenRecording } from './chunk-store';
import type { Owner } from './owner';
import { takeRecording, waitForRecording } from './recording-lock';
import { encodeWav, hashBytes, joinWavs, SAMPLE_RATE_HZ } from './wav';

export interface RecorderState {
  phase:
    | ('idle' | 'asking' | 'recording' | 'paused' | 'finishing' | 'finished')
    /** A reload or a crash of the browser came between. */
    | 'interrupted'
    /** Another tab records. */
    | 'elsewhere'
    /** The API takes no more, and not all was sent. */
    | Refusal;
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
  private release = (): void => undefined;
  private sender: ChunkSender | null = null;
  private alive: ReturnType<typeof setInterval> | undefined;
  /** Heard, and not kept by the browser yet. */
  private readonly unkept: { piece: Piece; sinceMs: number }[] = [];
  /** Pieces are kept one after another, so that numbers have the order of the sound. */
  private keeping: Promise<void> = Promise.resolve();
  private isDisposed = false;

  constructor(private readonly deps: Owner) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): RecorderState => this.state;

  /** Finds what a reload or a crash of the browser had interrupted, and sends what waits of it. */
  async recover(): Promise<void> {
    try {
      const elsewhere = await this.findInterrupted();
      if (!this.isUnused()) return;
      if (elsewhere === null) return this.set({ phase: 'idle' });
      this.set({ phase: 'elsewhere' });
      await waitForRecording(elsewhere);
      await this.recover();
    } catch {
      this.set({ problem: record.problems.full });
    }
  }

  /** Takes up a recording of this user that no tab has; else names one that another tab has. */
  private async findInterrupted(): Promise<number | null> {
    let elsewhere: number | null = null;
    for (const { meetingId } of await chunkStore.listRecordings(this.deps.userId)) {
      const release = await takeRecording(meetingId);
      // another tab may just have finished it
      const recording = release && (await chunkStore.findRecording(meetingId));
      if (release === null) elsewhere = meetingId;
      else if (recording && this.isUnused()) {
        this.set({ phase: 'interrupted' });
        this.adopt(recording, release);
        return null;
      } else release();
    }
    return elsewhere;
  }

  private isUnused(): boolean {
    return !this.isDisposed && ['idle', 'elsewhere'].includes(this.state.phase);
  }

  async start(source: CaptureSource, title: string): Promise<void> {
    this.set({ ...IDLE, phase: 'asking' });
    await this.attempt('idle', async () => {
      const begin = await this.prepare(source);
      const body = title.trim() === '' ? {} : { title: title.trim() };
      const started = take(await this.deps.api.client.POST('/api/recorders', { body }));
      const recording: OpenRecording = {
        meetingId: started.meeting.id,
        userId: this.deps.userId,
        source,
        clockOriginMs: started.clockOriginMs,
        serverAheadMs: started.serverTimeMs - Date.now(),
        lastSeq: 0,
        recordedMs: 0,
      };
      // nobody else knows of it yet
      const release = (await takeRecording(recording.meetingId)) ?? (() => undefined);
      try {
        await chunkStore.keepRecording(recording);
      } catch {
        // where the browser keeps nothing, the meeting that was just made is finished again
        release();
        await this.end(recording).catch(() => undefined);
        throw new CaptureProblem('full');
      }
      this.adopt(recording, release);
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
    void this.sayAlive(recording);
    await this.attempt(phase, async () => (await this.prepare(recording.source))());
  }

  async pause(): Promise<void> {
    await this.capture?.pause();
    if (this.state.phase === 'recording') this.set({ phase: 'paused', level: 0 });
  }

  async finish(): Promise<void> {
    const { recording } = this;
    if (!recording) return;
    this.set({ phase: 'finishing', level: 0, problem: null });
    await this.stopCapture();
    await this.keepAll();
    if (this.unkept.length > 0) return;
    await this.sendAll();
    if (this.state.phase !== 'finishing') return;
    await this.attempt('paused', async () => {
      const { response, error } = await this.end(recording);
      if (!response.ok && judgeRefusal(response.status, error ?? null) !== 'later') {
        return this.refuse('over');
      }
      take({ response, error });
      await this.leave();
      this.set({ phase: 'finished' });
    });
  }

  private end({ meetingId, source, lastSeq }: OpenRecording) {
    const params = { path: { id: meetingId } };
    const body = lastSeq > 0 ? { lastSeqs: { [source]: lastSeq } } : {};
    return this.deps.api.client.POST('/api/meetings/{id}/recorder/finish', { params, body });
  }

  /** Sends what was refused once more. */
  sendAgain(): void {
    this.set({ phase: 'interrupted', problem: null });
    void this.sender?.send();
  }

  /** What the API did not take, as a sound file; pauses are left out. */
  async readUnsent(): Promise<Blob | null> {
    const { recording } = this;
    if (!recording) return null;
    const kept = await chunkStore.listChunks(recording.meetingId);
    const unkept = this.unkept.map(({ piece }) => encodeWav(piece.samples));
    return joinWavs([...kept.map(({ wav }) => wav), ...unkept]);
  }

  /** Throws away what the API did not take. */
  async discard(): Promise<void> {
    await this.leave();
    this.reset();
  }

  reset(): void {
    this.set(IDLE);
    void this.recover();
  }

  /** Whether something of it is lost with the page. */
  isFragile(): boolean {
    return this.state.phase === 'recording' || this.unkept.length > 0;
  }

  /** Lets go of the microphone when the session ends; what waits is sent by the next one. */
  async dispose(): Promise<void> {
    this.isDisposed = true;
    await this.stopCapture();
    await this.keepAll();
    this.letGo();
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
      // while the browser asked, somebody may have signed out, or the API refused it
      if (!recording || this.state.phase !== 'asking') return void this.stopCapture();
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
    if (this.recording && !this.isRefused()) {
      this.set({ phase: 'paused', level: 0, problem: record.problems.full });
    }
  }

  private async keep({ startMs, samples }: Piece, sinceMs: number): Promise<void> {
    const { recording } = this;
    if (!recording) return;
    const durationMs = Math.round((samples.length / SAMPLE_RATE_HZ) * 1_000);
    if (durationMs === 0) return;
    const seq = recording.lastSeq + 1;
    const wav = encodeWav(samples);
    const start = Math.round(sinceMs + startMs);
    const recordedMs = recording.recordedMs + durationMs;
    await chunkStore.keepChunk(
      { ...recording, lastSeq: seq, recordedMs },
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
    Object.assign(recording, { lastSeq: seq, recordedMs });
    this.set({ recordedMs });
    if (!this.isRefused()) void this.sender?.send();
  }

  private async lose(): Promise<void> {
    if (this.state.phase !== 'recording' && this.state.phase !== 'paused') return;
    await this.stopCapture();
    this.set({ phase: 'paused', level: 0, problem: record.problems.stopped });
  }

  private adopt(recording: OpenRecording, release: () => void): void {
    this.recording = recording;
    this.release = release;
    const { api, session } = this.deps;
    const { meetingId, recordedMs } = recording;
    this.set({ meetingId, recordedMs });
    this.sender = new ChunkSender(
      meetingId,
      { api, session, store: chunkStore },
      {
        onWaiting: (waiting) => this.set({ waiting }),
        onOffline: (isOffline) => this.set({ isOffline }),
        onRefused: (refusal) => void this.refuse(refusal),
      },
    );
    void this.sender.send();
    void this.sayAlive(recording);
    this.alive = setInterval(() => {
      // one that nobody goes on with ends like any other that is lost
      if (this.state.phase !== 'interrupted') void this.sayAlive(recording);
    }, ALIVE_EVERY_MS);
  }

  private async sayAlive(recording: OpenRecording): Promise<void> {
    const params = { path: { id: recording.meetingId } };
    // a lost sign of life is not worth a word: the next one follows
    const answer = await this.deps.api.client
      .POST('/api/meetings/{id}/recorder/alive', { params })
      .catch(() => null);
    if (!answer || answer.response.ok || this.recording !== recording) return;
    const refusal = judgeRefusal(answer.response.status, answer.error ?? null);
    if (refusal !== 'later') await this.refuse(refusal);
  }

  private async sendAll(): Promise<void> {
    const { recording, sender } = this;
    if (!recording || !sender) return;
    const isGoingOn = (): boolean => this.recording === recording && !this.isRefused();
    while (isGoingOn() && (await chunkStore.countChunks(recording.meetingId)) > 0) {
      await sender.send();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** The API takes no more: the sound stops, and what was not sent stays until somebody says so. */
  private async refuse(refusal: Refusal): Promise<void> {
    const { recording } = this;
    if (!recording || this.isRefused()) return;
    this.set({ phase: refusal, level: 0, problem: record.problems[refusal] });
    await this.stopCapture();
    await this.keepAll();
    const waiting = await chunkStore.countChunks(recording.meetingId);
    if (waiting > 0 || this.unkept.length > 0) return this.set({ waiting });
    await this.leave();
    this.set({ ...IDLE, problem: record.problems[refusal] });
  }

  private isRefused(): boolean {
    return this.state.phase === 'over' || this.state.phase === 'refused';
  }

  /** The recording is over: nothing of it is kept here any more. */
  private async leave(): Promise<void> {
    const { recording } = this;
    this.unkept.splice(0);
    if (recording) await chunkStore.forget(recording);
    this.letGo();
  }

  private letGo(): void {
    clearInterval(this.alive);
    this.sender?.stop();
    this.recording = null;
    this.release();
    this.release = () => undefined;
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
