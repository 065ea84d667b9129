import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { RefusedError, SupersededError, type ApiClient } from '../api/api-client';
import type { PartSpool } from './part-spool';

const DISK_RETRY_MS = 1_000;

export interface PartUploaderOptions {
  parts: PartSpool;
  api: Pick<ApiClient, 'putRecordingPart'>;
  logger: Logger;
}

/** Sends the parts of a recording in order, each until it is acknowledged. */
export class PartUploader {
  private running: Promise<void> | null = null;

  constructor(private readonly options: PartUploaderOptions) {}

  /** Sends what waits, in the background. */
  wake(): void {
    this.running ??= this.sendAll()
      .catch((error: unknown) => {
        this.options.logger.error({ error }, 'parts of the recording cannot be listed');
      })
      .finally(() => (this.running = null));
  }

  /** Resolves when nothing waits, or at the latest when `signal` says so. */
  async drain(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.wake();
    await Promise.race([this.running, aborted]);
  }

  private async sendAll(): Promise<void> {
    const { parts, logger } = this.options;
    for (let [seq] = await parts.list(); seq !== undefined; [seq] = await parts.list()) {
      try {
        await this.send(seq);
      } catch (error) {
        if (error instanceof SupersededError) {
          // what came after the fence is the newer attempt's to record
          if (error.message !== 'superseded') return;
          await parts.remove(seq);
          continue;
        }
        logger.error({ seq, error }, 'part of the recording not settled; it is tried again');
        await delay(DISK_RETRY_MS);
      }
    }
  }

  private async send(seq: number): Promise<void> {
    const { parts, api, logger } = this.options;
    const part = await parts.read(seq);
    if (part) {
      await api.putRecordingPart(part).catch((error: unknown) => {
        if (!(error instanceof RefusedError)) throw error;
        const { status, code } = error;
        logger.error({ seq, status, code }, 'part of the recording refused');
      });
    } else {
      logger.error({ seq }, 'part of the recording is damaged on disk');
    }
    await parts.remove(seq);
  }
}
