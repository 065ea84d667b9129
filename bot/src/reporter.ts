import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { BotReport } from '../../domain/bot-api';
import { SupersededError, type ApiClient } from './api/api-client';
import { Outbox } from './api/outbox';
import type { ServerClock } from './api/server-clock';
import type { Spool } from './spool/spool';

const DISK_RETRY_MS = 1_000;

export interface ReporterOptions {
  api: Pick<ApiClient, 'sendReport'>;
  spool: Spool;
  clock: ServerClock;
  logger: Logger;
  onClockOrigin(clockOriginMs: number): void;
  onSuperseded(): void;
}

type ReportContent = Pick<BotReport, 'reason' | 'detail' | 'confidence' | 'signs' | 'lastSeqs'>;

/** Sends the reports of this attempt, numbered and in order, also across restarts. */
export class Reporter {
  private readonly outbox: Outbox;

  constructor(private readonly options: ReporterOptions) {
    this.outbox = new Outbox((error) => {
      if (error instanceof SupersededError) options.onSuperseded();
      else options.logger.error({ error }, 'report not accepted');
    });
  }

  report(state: BotReport['state'], content: ReportContent = {}): Promise<void> {
    const atMs = Math.round(this.options.clock.nowMs());
    return this.outbox.add(() => this.send({ state, atMs, ...content }));
  }

  /** The last report: true when the API has it. */
  async reportEnd(
    state: 'ended' | 'failed',
    content: ReportContent,
    signal: AbortSignal,
  ): Promise<boolean> {
    const atMs = Math.round(this.options.clock.nowMs());
    let isAcknowledged = false;
    const sent = this.outbox.add(async () => {
      await this.send({ state, atMs, ...content }, signal);
      await this.options.spool.updateState({ hasReportedEnd: true });
      isAcknowledged = true;
    });
    const gaveUp = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([sent, gaveUp]);
    return isAcknowledged;
  }

  /** Without the number on disk a restarted process would use it again; a full disk is waited for. */
  private async rememberReport(reportSeq: number, signal?: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return await this.options.spool.updateState({ reportSeq });
      } catch (error) {
        this.options.logger.error({ error }, 'report cannot be numbered on disk; tried again');
        await delay(DISK_RETRY_MS, undefined, { signal });
      }
    }
  }

  private async send(report: Omit<BotReport, 'reportSeq'>, signal?: AbortSignal): Promise<void> {
    const { api, spool, logger } = this.options;
    const reportSeq = spool.state.reportSeq + 1;
    await this.rememberReport(reportSeq, signal);
    const { clockOriginMs } = await api.sendReport({ reportSeq, ...report }, signal);
    logger.info({ state: report.state, reason: report.reason, reportSeq }, 'report acknowledged');
    if (clockOriginMs !== null) this.options.onClockOrigin(clockOriginMs);
  }
}
