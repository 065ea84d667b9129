import type { Logger } from 'pino';
import { RefusedError, SupersededError, type ApiClient } from '../api/api-client';
import type { Spool, SpoolEntry } from './spool';

export interface DeliverOptions {
  spool: Spool;
  api: Pick<ApiClient, 'putChunk' | 'getAssignment'>;
  logger: Logger;
  signal: AbortSignal;
}

/**
 * Sends every chunk of the spool, in order, for a bot that is no more. True when nothing is left that
 * could be sent: what the API refuses for good is set aside, as is what was heard after the fence.
 */
export async function deliverSpool(options: DeliverOptions): Promise<boolean> {
  const { spool, logger, signal } = options;
  const entries = await spool.list();
  if (entries.length === 0) return true;
  const gaveUp = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  const clockOriginMs = await Promise.race([findClockOrigin(options), gaveUp]);
  if (clockOriginMs === null) {
    logger.warn({ left: entries.length }, 'spool waits: its place in the meeting is not known');
    return false;
  }
  for (const [index, entry] of entries.entries()) {
    const isSettled = await Promise.race([deliver(entry, clockOriginMs, options), gaveUp]);
    if (isSettled) continue;
    logger.warn({ left: entries.length - index }, 'spool not delivered as a whole');
    return false;
  }
  logger.info({ chunks: entries.length }, 'spool delivered');
  return true;
}

/** Chunks are only recorded inside a meeting, whose clock the bot wrote down when it learnt it. */
async function findClockOrigin({ spool, api, signal }: DeliverOptions): Promise<number | null> {
  if (spool.state.clockOriginMs !== null) return spool.state.clockOriginMs;
  try {
    return (await api.getAssignment(signal)).clockOriginMs;
  } catch {
    return null;
  }
}

/** False when the API does not know this attempt at all: then nothing else will get through. */
async function deliver(
  entry: SpoolEntry,
  clockOriginMs: number,
  { spool, api, logger }: DeliverOptions,
): Promise<boolean> {
  const where = { track: entry.track, seq: entry.seq };
  const chunk = await spool.read(entry);
  if (!chunk) {
    logger.error(where, 'chunk on disk is damaged; set aside');
    await spool.setAside(entry);
    return true;
  }
  try {
    await api.putChunk({ ...chunk, clockOriginMs });
    await spool.remove(entry);
    return true;
  } catch (error) {
    if (error instanceof SupersededError && error.message !== 'superseded') return false;
    if (!(error instanceof SupersededError || error instanceof RefusedError)) throw error;
    logger.warn({ ...where, cause: error.message }, 'chunk refused; set aside');
    await spool.setAside(entry);
    return true;
  }
}
