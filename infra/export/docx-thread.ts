import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import PQueue from 'p-queue';
import type { ExportChoices } from '../../domain/export';
import type { ReadableMeeting, TranscriptEntry } from '../../domain/transcript';

/** A meeting without its words, which follow as messages: pages, and null at their end. */
export interface DocxTask {
  meeting: Omit<ReadableMeeting, 'readPages'>;
  choices: ExportChoices;
}
export type DocxMessage = TranscriptEntry[] | null;

/** As many documents are asked for as may wait to be made. */
export class DocumentsBusyError extends Error {
  override readonly name = 'DocumentsBusyError';
}

/** Each holds a whole meeting: one is made after the other. */
const documents = new PQueue({ concurrency: 1 });
/** At a second or two for each, whoever waits behind them would think that nothing comes. */
const MOST_WAITING = 8;
/** A transcript of 30,000 segments takes half of it. */
const MOST_MEMORY_MB = 1_024;

const EXTENSION = path.extname(__filename);
/** Required and not started: Node takes no TypeScript as a thread's first file. */
const PROGRAM = `require(${JSON.stringify(path.join(__dirname, `docx-worker${EXTENSION}`))})`;
/** From its source, as on a developer's machine, it needs what compiles it. */
const EXEC_ARGV = EXTENSION === '.ts' ? ['--require', 'tsx/cjs'] : [];

/** Makes a Word document on a thread of its own, so that nobody else waits for it. */
export async function makeDocx(
  meeting: ReadableMeeting,
  choices: ExportChoices,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (documents.size >= MOST_WAITING) {
    throw new DocumentsBusyError(`Expected at most ${MOST_WAITING} documents to wait`);
  }
  return documents.add(() => makeOnThread(meeting, choices, signal), { signal });
}

async function makeOnThread(
  { readPages, ...meeting }: ReadableMeeting,
  choices: ExportChoices,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const task: DocxTask = { meeting, choices };
  const worker = new Worker(PROGRAM, {
    eval: true,
    workerData: task,
    execArgv: EXEC_ARGV,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  const ending = new AbortController();
  const until = AbortSignal.any([signal, ending.signal]);
  const made = once(worker, 'message', { signal: until }) as Promise<[Uint8Array]>;
  const ended = once(worker, 'exit', { signal: until }).then(() => {
    throw new Error('Expected a document, got the end of its thread');
  });
  const outcome = Promise.race([made, ended]);
  outcome.catch(() => undefined);
  try {
    for await (const page of readPages()) {
      signal.throwIfAborted();
      worker.postMessage(page satisfies DocxMessage);
    }
    worker.postMessage(null satisfies DocxMessage);
    return (await outcome)[0];
  } finally {
    ending.abort();
    await worker.terminate();
  }
}
