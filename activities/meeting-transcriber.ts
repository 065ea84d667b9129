import { attributeSegments } from '../domain/attribution';
import { toSegments, type Heard } from '../domain/transcription';
import type { TranscriptWorkflowInput } from '../domain/workflow-messages';
import { AudioNotFoundError } from '../infra/audio-store';
import {
  completeChunk,
  countChunkFailure,
  countChunks,
  failChunk,
  listStaleChunks,
  type PendingChunk,
} from '../infra/database/chunks';
import type { Database } from '../infra/database/client';
import type { Doorbell } from '../infra/doorbell';
import { WHISPER_FAILURES, WhisperError } from '../infra/runpod/whisper-error';
import type { ChunkFeed, Following, InboxState } from './chunk-feed';
import { ChunksFailedError, MeetingDeletedError } from './transcription-failures';
import type { TranscriptionMetrics } from './transcription-metrics';
import { WhisperJobs, type WhisperJobsDeps } from './whisper-jobs';
import type { WhisperLanes } from './whisper-lanes';

export interface TranscriptionDeps extends WhisperJobsDeps {
  db: Database;
  feed: ChunkFeed;
  doorbell: Pick<Doorbell, 'ring'>;
  metrics: TranscriptionMetrics;
  /** Jobs at Whisper at the same time, over all meetings of this process. */
  concurrency: number;
  /** Chunks of one meeting in flight at the same time. */
  windowPerMeeting?: number;
}

/** Heartbeat details: counts, and the ids of jobs that another attempt can resume. */
export interface TranscriptionProgress {
  /** Chunks done and given up by all attempts so far; at least so many. */
  done: number;
  failed: number;
  /** Chunks known to wait now; a full inbox is counted up to the feed's limit. */
  pending: number;
  /** Age of the oldest of them, in milliseconds. */
  lagMs: number;
  /** RunPod's job ids by chunk id. */
  jobs: Record<string, string>;
  /** Attempts in a row that ended in failure without a chunk done. */
  failuresInARow: number;
}

type Deps = TranscriptionDeps & { lanes: WhisperLanes };

const DEFAULT_WINDOW = 4;
/** Tries of a chunk, each in an attempt in which Whisper was well. */
const MAX_CHUNK_ATTEMPTS = 5;
const STALE_AFTER_MS = 24 * 3_600_000;

/** One attempt at one meeting: takes its pending chunks in order, some at a time. */
export class MeetingTranscriber {
  private inbox: InboxState = {
    chunks: [],
    isFull: false,
    intakeClosed: false,
    meetingDeleted: false,
  };
  private following: Following | undefined;
  private readonly inFlight = new Set<number>();
  /** Done or given up by us; forgotten once the inbox no longer shows them. */
  private finished = new Set<number>();
  /** Chunks that failed in this attempt, while it is not clear whose fault it was. */
  private readonly setAside = new Map<number, WhisperError>();
  private failure: { error: unknown } | undefined;
  private isConcluding = false;
  private readonly abort = new AbortController();
  private doneNow = 0;
  private readonly done: number;
  private failed: number;
  private failuresInARow: number;
  private readonly jobs: WhisperJobs;
  private settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;

  constructor(
    private readonly deps: Deps,
    private readonly input: TranscriptWorkflowInput,
    before: Partial<TranscriptionProgress>,
  ) {
    this.done = before.done ?? 0;
    this.failed = before.failed ?? 0;
    this.failuresInARow = before.failuresInARow ?? 0;
    this.jobs = new WhisperJobs(deps, this.abort.signal, before.jobs ?? {});
  }

  /** Resolves when the intake is closed and nothing is pending. */
  run(onJobSent: () => void): Promise<void> {
    this.jobs.onSent = onJobSent;
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.following = this.deps.feed.follow(this.input.meetingId, (inbox) => {
        this.inbox = inbox;
        const shown = new Set(inbox.chunks.map(({ id }) => id));
        this.finished = new Set([...this.finished].filter((id) => shown.has(id)));
        this.advance();
      });
    });
  }

  /** Lets go of everything; what was in flight changes nothing that another attempt would not. */
  stop(): void {
    this.following?.stop();
    this.abort.abort();
  }

  /** Calls off the jobs that nobody will fetch. */
  cancelJobs(): Promise<void> {
    return this.jobs.cancelAll();
  }

  /** Counts this attempt as failed; returns how many have failed in a row. */
  noteFailure(): number {
    this.failuresInARow = this.doneNow > 0 ? 1 : this.failuresInARow + 1;
    return this.failuresInARow;
  }

  progress(): TranscriptionProgress {
    const waiting = this.inbox.chunks.filter(({ id }) => !this.finished.has(id));
    const oldest = Math.min(...waiting.map(({ acknowledgedAt }) => acknowledgedAt.getTime()));
    return {
      done: this.done + this.doneNow,
      failed: this.failed,
      pending: waiting.length,
      lagMs: waiting.length === 0 ? 0 : Date.now() - oldest,
      jobs: this.jobs.ids(),
      failuresInARow: this.failuresInARow,
    };
  }

  /** The one place that decides what comes next; called whenever something has changed. */
  private advance(): void {
    if (this.abort.signal.aborted || this.isConcluding) return;
    const isEnding = this.failure !== undefined || this.setAside.size > 0;
    if (!isEnding) this.takeChunks();
    if (this.inFlight.size > 0) return;
    if (isEnding) this.conclude(() => this.endAttempt());
    else if (this.inbox.meetingDeleted) this.conclude(() => this.endDeleted());
    else if (this.inbox.intakeClosed && !this.inbox.isFull) this.conclude(() => this.endMeeting());
  }

  private conclude(end: () => Promise<void>): void {
    this.isConcluding = true;
    end().then(
      () => {
        this.isConcluding = false;
      },
      (error: unknown) => this.settle?.reject(error),
    );
  }

  private takeChunks(): void {
    if (this.inbox.meetingDeleted) return;
    const waiting = this.inbox.chunks.filter(
      ({ id }) => !this.inFlight.has(id) && !this.finished.has(id),
    );
    const free = (this.deps.windowPerMeeting ?? DEFAULT_WINDOW) - this.inFlight.size;
    for (const chunk of waiting.slice(0, Math.max(free, 0))) {
      this.inFlight.add(chunk.id);
      void this.handle(chunk).finally(() => {
        this.inFlight.delete(chunk.id);
        this.advance();
      });
    }
    if (waiting.length <= free && this.inbox.isFull) this.following?.refresh();
  }

  private async handle(chunk: PendingChunk): Promise<void> {
    const { signal } = this.abort;
    try {
      const heard = await this.deps.lanes.hear(chunk, signal, () => this.jobs.hear(chunk));
      await this.finish(chunk, heard);
    } catch (error) {
      if (signal.aborted) return;
      await this.judge(chunk, error).catch((judgeError: unknown) => {
        this.failure ??= { error: judgeError };
      });
    }
  }

  private async finish(chunk: PendingChunk, heard: Heard): Promise<void> {
    const { segments, dropped } = toSegments(heard, chunk);
    const { version, meetingId } = this.input;
    const isOurs = await completeChunk(this.deps.db, {
      chunkId: chunk.id,
      version,
      segments: chunk.spans ? attributeSegments(segments, chunk.spans, chunk.startMs) : segments,
      dropped,
    });
    this.finished.add(chunk.id);
    if (!isOurs) return;
    this.doneNow += 1;
    this.failuresInARow = 0;
    this.deps.metrics.chunkDone((Date.now() - chunk.acknowledgedAt.getTime()) / 1000, dropped);
    this.deps.doorbell.ring('meeting', meetingId);
  }

  private async judge(chunk: PendingChunk, error: unknown): Promise<void> {
    if (error instanceof AudioNotFoundError) return this.giveUp(chunk.id, 'audio_missing');
    if (!(error instanceof WhisperError)) {
      this.failure ??= { error };
      return;
    }
    const { fault } = WHISPER_FAILURES[error.kind];
    if (fault === 'chunk') await this.giveUp(chunk.id, error.kind);
    else if (fault === 'unclear') this.setAside.set(chunk.id, error);
    else this.failure ??= { error };
  }

  private async giveUp(chunkId: number, reason: string): Promise<void> {
    const isOurs = await failChunk(this.deps.db, chunkId, reason);
    this.finished.add(chunkId);
    this.jobs.forget(chunkId);
    if (!isOurs) return;
    this.failed += 1;
    this.deps.metrics.chunkFailed(reason);
    this.deps.doorbell.ring('meeting', this.input.meetingId);
  }

  /** The attempt ends in failure, unless the chunks set aside turn out to be given up for good. */
  private async endAttempt(): Promise<void> {
    if (this.failure) return this.endByService(this.failure.error);
    const first = [...this.setAside.values()][0];
    if (this.doneNow === 0 && !(await this.jobs.isWhisperWell())) return this.endByService(first);
    let retried = 0;
    for (const [chunkId, error] of this.setAside) {
      const attempts = await countChunkFailure(this.deps.db, chunkId);
      if (attempts >= MAX_CHUNK_ATTEMPTS) await this.giveUp(chunkId, error.kind);
      else retried += 1;
    }
    this.setAside.clear();
    if (retried > 0) throw new ChunksFailedError(`${retried} chunks failed and are tried again`);
    this.following?.refresh();
  }

  private async endByService(error: unknown): Promise<never> {
    if (error instanceof WhisperError) {
      const stale = await listStaleChunks(this.deps.db, this.input.meetingId, STALE_AFTER_MS);
      for (const chunkId of stale) await this.giveUp(chunkId, 'pending_too_long');
    }
    throw error;
  }

  private async endMeeting(): Promise<void> {
    const { pending, intakeClosed } = await countChunks(this.deps.db, this.input.meetingId);
    if (intakeClosed && pending === 0) return this.settle?.resolve();
    // A chunk that we had given up may have been put back meanwhile.
    this.finished.clear();
    this.following?.refresh();
  }

  private endDeleted(): Promise<never> {
    return Promise.reject(new MeetingDeletedError('The meeting is deleted'));
  }
}
