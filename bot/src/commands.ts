import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { BotCommand } from '../../domain/bot-api';
import { SupersededError, type ApiClient } from './api/api-client';
import type { Spool } from './spool/spool';

const RETRY_MS = 5_000;

export interface CommandLoopOptions {
  api: Pick<ApiClient, 'getCommands' | 'acknowledgeCommand'>;
  spool: Spool;
  obey(command: BotCommand['command']): void;
  onSuperseded(): void;
  signal: AbortSignal;
  logger: Logger;
}

/** Obeys commands in order and acknowledges each. */
export async function followCommands(options: CommandLoopOptions): Promise<void> {
  const { signal, logger } = options;
  while (!signal.aborted) {
    try {
      await obeyNext(options);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof SupersededError) return options.onSuperseded();
      logger.error({ error }, 'commands could not be followed; trying again');
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function obeyNext({ api, spool, obey, signal, logger }: CommandLoopOptions): Promise<void> {
  const { commands } = await api.getCommands(spool.state.commandSeq, signal);
  for (const { seq, command } of commands) {
    logger.info({ seq, kind: command.kind }, 'command received');
    // After a crash a chat message is rather missing than there twice; leaving twice is leaving.
    if (command.kind !== 'leave') await spool.updateState({ commandSeq: seq });
    obey(command);
    await api.acknowledgeCommand(seq, signal);
    await spool.updateState({ commandSeq: seq });
  }
}
