import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { CaptureSource } from './capture';
import { openRecordings } from './open-recordings';

/** A recording that is not finished, also after a reload. */
export interface OpenRecording {
  meetingId: number;
  /** Whose it is: nobody else who signs in with this browser sees it. */
  userId: number;
  source: CaptureSource;
  /** Where times count from, in the server's clock. */
  clockOriginMs: number;
  /** What the server's clock is ahead of this one. */
  serverAheadMs: number;
  /** The last number that was given to a chunk. */
  lastSeq: number;
  /** How long was heard. */
  recordedMs: number;
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
  recordings: { key: number; value: OpenRecording; indexes: { user: number } };
  chunks: { key: [number, number]; value: WaitingChunk; indexes: { meeting: number } };
}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

function open(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>('recorder', 1, {
    upgrade(database) {
      const recordings = database.createObjectStore('recordings', { keyPath: 'meetingId' });
      recordings.createIndex('user', 'userId');
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
    openRecordings.note(recording.userId);
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

  async findRecording(meetingId: number): Promise<OpenRecording | undefined> {
    return (await open()).get('recordings', meetingId);
  },

  async listRecordings(userId: number): Promise<OpenRecording[]> {
    return (await open()).getAllFromIndex('recordings', 'user', userId);
  },

  async firstChunk(meetingId: number): Promise<WaitingChunk | undefined> {
    return (await open()).getFromIndex('chunks', 'meeting', meetingId);
  },

  async countChunks(meetingId: number): Promise<number> {
    return (await open()).countFromIndex('chunks', 'meeting', meetingId);
  },

  /** In the order of the sound. */
  async listChunks(meetingId: number): Promise<WaitingChunk[]> {
    return (await open()).getAllFromIndex('chunks', 'meeting', meetingId);
  },

  async dropChunk({ meetingId, seq }: WaitingChunk): Promise<void> {
    await (await open()).delete('chunks', [meetingId, seq]);
  },

  async forget({ meetingId, userId }: OpenRecording): Promise<void> {
    const database = await open();
    await database.delete('recordings', meetingId);
    const keys = await database.getAllKeysFromIndex('chunks', 'meeting', meetingId);
    for (const key of keys) await database.delete('chunks', key);
    if ((await this.listRecordings(userId)).length === 0) openRecordings.drop(userId);
  },
};
