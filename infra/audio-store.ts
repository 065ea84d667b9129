/** Where chunks' audio is kept. Keys are slash-separated and made by `makeChunkKey`. */
export interface AudioStore {
  /** Stores `bytes` durably under `key`; storing the same key again replaces it whole. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** The bytes under `key`; throws `AudioNotFoundError` when there are none. */
  get(key: string): Promise<Uint8Array>;
  /** Deletes one object; deleting what is not there is success. */
  delete(key: string): Promise<void>;
  /** Deletes everything whose key starts with `prefix`; returns how many objects that were. */
  deletePrefix(prefix: string): Promise<number>;
  /** Keys under `prefix` that were stored before `olderThan`, in pages through an async iterator. */
  list(prefix: string, olderThan: Date): AsyncIterable<string>;
  /** Throws when the store cannot be written to right now. */
  check(): Promise<void>;
}

/** There is no object under the key. */
export class AudioNotFoundError extends Error {
  override readonly name = "AudioNotFoundError";
}

/** Prefix of everything a meeting keeps in the audio store. */
export function makeMeetingPrefix(meetingId: number): string {
  return `meetings/${meetingId}/`;
}

export interface ChunkKeyParts {
  meetingId: number;
  attempt: number;
  track: string;
  seq: number;
  /** Lower-case hex; part of the key so that other bytes for the same chunk never overwrite. */
  sha256: string;
}

/** Key of a chunk's audio. */
export function makeChunkKey(parts: ChunkKeyParts): string {
  const { meetingId, attempt, track, seq, sha256 } = parts;
  return `${makeMeetingPrefix(meetingId)}${attempt}/${track}/${String(seq).padStart(8, "0")}-${sha256.slice(0, 16)}.wav`;
}
