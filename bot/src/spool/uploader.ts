import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { RefusedError, SupersededError, type ApiClient } from '../api/api-client';
import type { Spool, SpooledMetadata, SpoolEntry } from './spool';

const TRACKS_AT_ONCE = 4;
const DISK_RETRY_MS = 1_000;

export interface UploaderOptions {
  spool: Spool;
  api: Pick<ApiClient, 'putChunk'>;
  logger: Logger;
  onSuperseded(): void;
}

/** Sends spooled chunks: in order within a track, several tracks at once. */
export class Uploader {
  private readonly waiting = new Map<string, SpoolEntry[]>();
  private readonly busy = new Set<string>();
  private readonly fenced = new Set<string>();
  private clockOriginMs: number | null = null;
  private drained: (() => void)[] = [];
  acknowledged = 0;

  constructor(private readonly options: UploaderOptions) {}

  get pending(): number {
    let count = 0;
    for (const [track, entries] of this.waiting)
      if (!this.fenced.has(track)) count += entries.length;
    return count;
  }

  /** Chunks can be placed on the meeting's clock, and so sent, from now on. */
  start(clockOriginMs: number): void {
    this.clockOriginMs ??= clockOriginMs;
    this.pump();
  }

  enqueue(entry: SpoolEntry): void {
    const entries = this.waiting.get(entry.track) ?? [];
    this.waiting.set(entry.track, [...entries, entry]);
    this.pump();
  }

  /** Resolves when nothing waits, or at the latest when `signal` says so. */
  async drain(signal: AbortSignal): Promise<void> {
    if (this.pending === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.drained.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  private pump(): void {
    if (this.clockOriginMs === null) return;
    for (const [track, entries] of this.waiting) {
      const next = entries[0];
      if (!next || this.busy.has(track) || this.fenced.has(track)) continue;
      if (this.busy.size >= TRACKS_AT_ONCE) return;
      this.busy.add(track);
      void this.send(next, this.clockOriginMs).finally(() => {
        this.busy.delete(track);
        this.pump();
      });
    }
    if (this.pending === 0) for (const resolve of this.drained.splice(0)) resolve();
  }

  private async send(entry: SpoolEntry, clockOriginMs: number): Promise<void> {
    const { spool, logger } = this.options;
    const where = { track: entry.track, seq: entry.seq };
    try {
      const chunk = await spool.read(entry);
      if (!chunk) {
        logger.error(where, 'chunk on disk is damaged; set aside');
        await spool.setAside(entry);
      } else if (await this.isTaken(chunk, clockOriginMs)) {
        await this.acknowledge(entry);
      } else {
        await spool.setAside(entry);
      }
      this.waiting.get(entry.track)?.shift();
    } catch (error) {
      if (error instanceof SupersededError) return this.fence(entry);
      // the disk's trouble, as a rule: the chunk stays first in its track, and a repeat is harmless
      logger.error({ ...where, error }, 'chunk not settled; it is tried again');
      await delay(DISK_RETRY_MS);
    }
  }

  /** False when the API will never take this chunk. */
  private async isTaken(
    chunk: { metadata: SpooledMetadata; wav: Buffer },
    clockOriginMs: number,
  ): Promise<boolean> {
    try {
      await this.options.api.putChunk({ ...chunk, clockOriginMs });
      return true;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const { track, seq } = chunk.metadata;
      const { status, code } = error;
      this.options.logger.error({ track, seq, status, code }, 'chunk refused; set aside');
      return false;
    }
  }

  private async acknowledge(entry: SpoolEntry): Promise<void> {
    const { spool } = this.options;
    await spool.updateState({
      acknowledgedSeqs: { ...spool.state.acknowledgedSeqs, [entry.track]: entry.seq },
    });
    await spool.remove(entry);
    this.acknowledged += 1;
  }

  /** What was heard after the fence is the newer attempt's to send. */
  private fence(entry: SpoolEntry): void {
    this.fenced.add(entry.track);
    this.options.onSuperseded();
  }
}
