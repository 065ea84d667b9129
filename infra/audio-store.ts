/** Where everything heard is kept. Keys are slash-separated and made by the functions below. */
export interface AudioStore {
  /** Stores `bytes` durably under `key`; storing the same key again replaces it whole. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** The bytes under `key`; throws `AudioNotFoundError` when there are none. */
  get(key: string): Promise<Uint8Array>;
  /**
   * The bytes from `start` to and with `end`, which lie inside the object; throws
   * `AudioNotFoundError` when there is none.
   */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>;
  /** Deletes one object; deleting what is not there is success. */
  delete(key: string): Promise<void>;
  /** Deletes all keys under `prefix`, which ends in a slash; returns how many objects that were. */
  deletePrefix(prefix: string): Promise<number>;
  /** Keys under `prefix` that were stored before `olderThan`, in pages through an async iterator. */
  list(prefix: string, olderThan: Date): AsyncIterable<string>;
  /** Throws when the store cannot be written to right now. */
  check(): Promise<void>;
}

/** There is no object under the key. */
export class AudioNotFoundError extends Error {
  override readonly name = 'AudioNotFoundError';
}

const KEY_PART = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
/** S3's own limit on a key, in bytes. */
const MAX_KEY_LENGTH = 1024;

/** The key itself when it can be one: slash-separated parts that lead nowhere else. */
export function requireAudioKey(key: string): string {
  if (key.length <= MAX_KEY_LENGTH && key.split('/').every((part) => KEY_PART.test(part))) {
    return key;
  }
  throw new Error(
    `Expected a key of parts made of letters, digits, dots, _ and -, got ${JSON.stringify(key)}`,
  );
}

/** The prefix itself when it can be one: a key and a slash, so that `meetings/1/` never means 10. */
export function requireAudioPrefix(prefix: string): string {
  if (!prefix.endsWith('/')) {
    throw new Error(`Expected a prefix that ends in a slash, got ${JSON.stringify(prefix)}`);
  }
  requireAudioKey(prefix.slice(0, -1));
  return prefix;
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
  /** One upload's own: whoever is refused can delete what it stored without a thought for others. */
  uploadId: string;
}

/** Key of a chunk's audio. */
export function makeChunkKey(parts: ChunkKeyParts): string {
  const { meetingId, attempt, track, seq, sha256, uploadId } = parts;
  const name = `${String(seq).padStart(8, '0')}-${sha256.slice(0, 16)}-${uploadId}.wav`;
  return `${makeMeetingPrefix(meetingId)}${attempt}/${track}/${name}`;
}

/** Key of one part of an attempt's recording; each upload has its own, as with chunks. */
export function makeRecordingPartKey(parts: Omit<ChunkKeyParts, 'track'>): string {
  const { meetingId, attempt, seq, sha256, uploadId } = parts;
  const name = `${String(seq).padStart(8, '0')}-${sha256.slice(0, 16)}-${uploadId}.webm`;
  return `${makeMeetingPrefix(meetingId)}${attempt}/recording/${name}`;
}

/** Key of a meeting's assembled recording; each assembly has its own. */
export function makeRecordingKey(meetingId: number, assemblyId: string): string {
  return `${makeMeetingPrefix(meetingId)}recording/${assemblyId}.webm`;
}

/** Key of a piece of evidence; each upload has its own, so a replaced one can be deleted. */
export function makeEvidenceKey(parts: {
  meetingId: number;
  attempt: number;
  name: string;
  uploadId: string;
}): string {
  const { meetingId, attempt, name, uploadId } = parts;
  return `${makeMeetingPrefix(meetingId)}${attempt}/evidence/${uploadId}-${name}`;
}

/** Key of one part of an uploaded file; each has its own. */
export function makeUploadPartKey(meetingId: number, partId: string): string {
  return `${makeMeetingPrefix(meetingId)}upload/${partId}.part`;
}

/** Key of something a bot is to say. */
export function makeSpeechKey(meetingId: number, speechId: string): string {
  return `${makeMeetingPrefix(meetingId)}speech/${speechId}.wav`;
}
