import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { BotCommand, BotCommandAck } from '../../domain/bot-api';
import { SupersededError, type ApiClient } from './api/api-client';
import { Outbox } from './api/outbox';
import type { Spool } from './spool/spool';

const RETRY_MS = 5_000;

export interface CommandLoopOptions {
  api: Pick<ApiClient, 'getCommands' | 'acknowledgeCommand'>;
  spool: Spool;
  /** Resolves when the command has been carried out, or never will be. */
  obey(command: BotCommand): Promise<BotCommandAck>;
  onSuperseded(): void;
  signal: AbortSignal;
  logger: Logger;
}

/** Hands commands on in order, and acknowledges each once it is known what became of it. */
export class CommandLoop {
  private readonly acknowledgements: Outbox;
  private lastSeq: number;

  constructor(private readonly options: CommandLoopOptions) {
    this.lastSeq = options.spool.state.commandSeq;
    this.acknowledgements = new Outbox((error) => this.onRefused(error));
  }

  async run(): Promise<void> {
    const { signal, logger } = this.options;
    this.failInterrupted();
    while (!signal.aborted) {
      try {
        await this.takeNext();
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof SupersededError) return this.options.onSuperseded();
        logger.error({ error }, 'commands could not be followed; trying again');
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Resolves when the API knows what became of every command that is settled. */
  async idle(): Promise<void> {
    await this.acknowledgements.idle();
  }

  private async takeNext(): Promise<void> {
    const { api, signal, logger, obey } = this.options;
    const { commands } = await api.getCommands(this.lastSeq, signal);
    for (const command of commands) {
      const { seq } = command;
      logger.info({ seq, kind: command.command.kind }, 'command received');
      this.lastSeq = Math.max(this.lastSeq, seq);
      void obey(command).then((ack) => this.acknowledge(seq, ack));
    }
  }

  private acknowledge(seq: number, ack: BotCommandAck): void {
    const { api, spool, signal } = this.options;
    void this.acknowledgements.add(async () => {
      await api.acknowledgeCommand(seq, ack, signal);
      if (spool.state.commandBegun === seq) await spool.updateState({ commandBegun: null });
    });
  }

  /** What an earlier process had begun is not done again: rather missing than there twice. */
  private failInterrupted(): void {
    const seq = this.options.spool.state.commandBegun;
    if (seq === null) return;
    this.acknowledge(seq, {
      status: 'failed',
      detail: 'The bot was restarted in the middle of it',
    });
  }

  private onRefused(error: unknown): void {
    const { signal, logger, onSuperseded } = this.options;
    if (error instanceof SupersededError) onSuperseded();
    else if (!signal.aborted) logger.error({ error }, 'acknowledgement not accepted');
  }
}
