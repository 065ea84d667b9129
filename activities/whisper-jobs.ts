import { CHUNK_SAMPLE_RATE_HZ } from '../domain/bot-api';
import { encodeWav } from '../domain/wav';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Heard } from '../domain/transcription';
import type { AudioStore } from '../infra/audio-store';
import type { PendingChunk } from '../infra/database/chunks';
import type { WhisperClient } from '../infra/runpod/client';
import type { WhisperInput } from '../infra/runpod/contract';
import { quickRetryDelayMs, WHISPER_FAILURES, WhisperError } from '../infra/runpod/whisper-error';
import type { TranscriptionMetrics } from './transcription-metrics';

export interface WhisperJobsDeps {
  audioStore: Pick<AudioStore, 'get'>;
  whisper: WhisperClient;
  metrics: Pick<TranscriptionMetrics, 'whisperFailed'>;
  logger: Pick<Logger, 'warn'>;
  /** Model to ask for; without one the endpoint's own default serves. */
  model?: string | undefined;
}

/** Audio longer than this goes by `/run`, whose result can be fetched by another process. */
const LONG_AUDIO_MS = 60_000;
/** RunPod's limits on a request's body: `/run` takes 10 MB, `/runsync` 20 MB. */
const MAX_RUN_BASE64_BYTES = 10_000_000;
const PROBE_MS = 1_000;
const PROBE_TIMEOUT_MS = 30_000;

/** One attempt's conversation with Whisper, and the jobs in it that another attempt can resume. */
export class WhisperJobs {
  /** Told when a resumable job was sent, so that its id can be kept. */
  onSent = (): void => {};
  private readonly idByChunk: Map<string, string>;

  constructor(
    private readonly deps: WhisperJobsDeps,
    private readonly signal: AbortSignal,
    before: Record<string, string>,
  ) {
    this.idByChunk = new Map(Object.entries(before));
  }

  /** RunPod's job ids by chunk id. */
  ids(): Record<string, string> {
    return Object.fromEntries(this.idByChunk);
  }

  forget(chunkId: number): void {
    this.idByChunk.delete(String(chunkId));
  }

  /** Asks Whisper, with a few quick tries where the failure may pass within a second. */
  async hear(chunk: PendingChunk): Promise<Heard> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.ask(chunk);
      } catch (error) {
        if (!(error instanceof WhisperError)) throw error;
        this.deps.metrics.whisperFailed(error.kind);
        const delayMs = quickRetryDelayMs(error, tries);
        if (delayMs === null) throw error;
        await sleep(delayMs, undefined, { signal: this.signal });
      }
    }
  }

  /** A second of silence tells a sick Whisper from a chunk that it cannot digest. */
  async isWhisperWell(): Promise<boolean> {
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]);
    const silence = new Int16Array((PROBE_MS * CHUNK_SAMPLE_RATE_HZ) / 1000);
    const input = this.makeInput(encodeWav(silence), null);
    return this.deps.whisper.runSync(input, signal).then(
      () => true,
      () => false,
    );
  }

  /** Calls off the jobs that nobody will fetch. */
  async cancelAll(): Promise<void> {
    const cancels = [...this.idByChunk.values()].map((id) => this.deps.whisper.cancel(id));
    const results = await Promise.allSettled(cancels);
    const uncancelled = results.filter(({ status }) => status === 'rejected').length;
    if (uncancelled > 0) this.deps.logger.warn({ uncancelled }, 'jobs could not be cancelled');
  }

  private async ask(chunk: PendingChunk): Promise<Heard> {
    const known = this.idByChunk.get(String(chunk.id));
    if (known !== undefined) return this.fetchResult(chunk.id, known);
    const bytes = await this.deps.audioStore.get(chunk.objectKey);
    const input = this.makeInput(bytes, chunk.language);
    const isLong = chunk.endMs - chunk.startMs > LONG_AUDIO_MS;
    if (!isLong || input.audio_base64.length > MAX_RUN_BASE64_BYTES) {
      return this.deps.whisper.runSync(input, this.signal);
    }
    const jobId = await this.deps.whisper.run(input, this.signal);
    this.idByChunk.set(String(chunk.id), jobId);
    this.onSent();
    return this.fetchResult(chunk.id, jobId);
  }

  private async fetchResult(chunkId: number, jobId: string): Promise<Heard> {
    try {
      const heard = await this.deps.whisper.waitFor(jobId, this.signal);
      this.forget(chunkId);
      return heard;
    } catch (error) {
      // A service that fails says nothing about the job: it is fetched again, not paid again.
      if (error instanceof WhisperError && WHISPER_FAILURES[error.kind].fault !== 'service') {
        this.forget(chunkId);
      }
      throw error;
    }
  }

  private makeInput(bytes: Uint8Array, language: string | null): WhisperInput {
    const { buffer, byteOffset, byteLength } = bytes;
    const baseLanguage = language?.split('-')[0]?.toLowerCase();
    return {
      audio_base64: Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
      ...(this.deps.model !== undefined && { model: this.deps.model }),
      // Whisper knows languages without their region.
      ...(baseLanguage && { language: baseLanguage }),
      enable_vad: true,
      word_timestamps: true,
      // Chunks are independent; a text carried over is what decoder loops start from.
      condition_on_previous_text: false,
    };
  }
}
