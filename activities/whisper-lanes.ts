import PQueue from 'p-queue';
import type { Heard } from '../domain/transcription';
import type { PendingChunk } from '../infra/database/chunks';

/** The order in which one process sends chunks to Whisper. */
export interface WhisperLanes {
  hear(
    chunk: Pick<PendingChunk, 'isOfFile'>,
    signal: AbortSignal,
    ask: () => Promise<Heard>,
  ): Promise<Heard>;
}

const LIVE = 1;
const FILE = 0;

/**
 * Chunks of calls go before those of files, and one place is never taken by a file where there are
 * two or more: a call waits for a whole job of a file only behind other calls.
 */
export function createWhisperLanes(concurrency: number): WhisperLanes {
  const all = new PQueue({ concurrency });
  const files = new PQueue({ concurrency: Math.max(1, concurrency - 1) });
  return {
    hear(chunk, signal, ask) {
      const send = (priority: number): Promise<Heard> => all.add(ask, { signal, priority });
      return chunk.isOfFile ? files.add(() => send(FILE), { signal }) : send(LIVE);
    },
  };
}
