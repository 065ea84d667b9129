import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { CaptureSource } from './capture';

/** A recording that is not finished, also after a reload. */
export interface OpenRecording {
  meetingId: number;
  source: CaptureSource;
  /** Where times count from, in the server's clock. */
  clockOriginMs: number;
  /** What the server's clock is ahead of this one. */
  serverAheadMs: number;
  /** The last number that was given to a chunk. */
  lastSeq: number;
}

/** A chunk that the API has not acknowledged. */
export interface WaitingChunk {
  meetingId: number;
  seq: number;
  track: string;
  startMs: number;
  endMs: number;
  capturedAtMs: number;
  sha256: string;
  wav: ArrayBuffer;
}

interface Schema extends DBSchema {
  recordings: { key: number; value: OpenRecording };
  chunks: { key: [number, number]; value: WaitingChunk; indexes: { meeting: number } };
}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

function open(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>('recordings', 1, {
    upgrade(database) {
      database.createObjectStore('recordings', { keyPath: 'meetingId' });
      const chunks = database.createObjectStore('chunks', { keyPath: ['meetingId', 'seq'] });
      chunks.createIndex('meeting', 'meetingId');
    },
  });
  return opened;
}

/** What must survive a reload or a lost network, kept by the browser. */
export const chunkStore = {
  async keepRecording(recording: OpenRecording): Promise<void> {
    await (await open()).put('recordings', recording);
  },

  /** The chunk and its number are kept together, or not at all. */
  async keepChunk(recording: OpenRecording, chunk: WaitingChunk): Promise<void> {
    const transaction = (await open()).transaction(['recordings', 'chunks'], 'readwrite');
    await Promise.all([
      transaction.objectStore('recordings').put(recording),
      transaction.objectStore('chunks').put(chunk),
      transaction.done,
    ]);
  },

  async findRecording(): Promise<OpenRecording | undefined> {
    return (await (await open()).getAll('recordings', undefined, 1))[0];
  },

  async firstChunk(meetingId: number): Promise<WaitingChunk | undefined> {
    return (await open()).getFromIndex('chunks', 'meeting', meetingId);
  },

  async countChunks(meetingId: number): Promise<number> {
    return (await open()).countFromIndex('chunks', 'meeting', meetingId);
  },

  async dropChunk({ meetingId, seq }: WaitingChunk): Promise<void> {
    await (await open()).delete('chunks', [meetingId, seq]);
  },

  async forget(meetingId: number): Promise<void> {
    const database = await open();
    await database.delete('recordings', meetingId);
    const keys = await database.getAllKeysFromIndex('chunks', 'meeting', meetingId);
    for (const key of keys) await database.delete('chunks', key);
  },
};
