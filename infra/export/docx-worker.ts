import { on } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { TranscriptEntry } from '../../domain/transcript';
import { writeDocx } from './docx';
import type { DocxMessage, DocxTask } from './docx-thread';

/** The thread on which a Word document is made. */
async function main(): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('Expected to be started as a thread');
  const { meeting, choices } = workerData as DocxTask;
  const messages = on(port, 'message') as AsyncIterableIterator<[DocxMessage]>;
  const readPages = async function* (): AsyncIterable<TranscriptEntry[]> {
    for await (const [page] of messages) {
      if (page === null) return;
      yield page;
    }
  };
  port.postMessage(await writeDocx({ ...meeting, readPages }, choices));
}

void main();
