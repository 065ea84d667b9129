import { createHash, randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import PQueue from 'p-queue';
import { CHUNK_SAMPLE_RATE_HZ } from '../domain/bot-api';
import type { EndReason } from '../domain/end-reasons';
import { FILE_PIECES, Segmenter, type SpeechSegment } from '../domain/segmenter';
import { LONGEST_UPLOAD_MS } from '../domain/uploads';
import { encodeWav } from '../domain/wav';
import {
  AudioNotFoundError,
  makeChunkKey,
  makeRecordingKey,
  type AudioStore,
} from '../infra/audio-store';
import type { Attempt } from '../infra/database/attempts';
import { insertChunk } from '../infra/database/chunks';
import type { Database } from '../infra/database/client';
import { settleRecording } from '../infra/database/recordings';
import { endHearing } from '../infra/database/sources';
import {
  findLastFileChunk,
  findUpload,
  forgetUploadParts,
  listUploadParts,
  measureUpload,
  noteDecoded,
  settleUpload,
} from '../infra/database/uploads';
import type { Doorbell } from '../infra/doorbell';
import { decodeSound, probeSound, UnusableSoundError } from '../infra/media/sound-decoder';
import { loadVoiceDetectors } from '../infra/media/voice-detectors';
import { withHeartbeats } from './heartbeats';
import { isShutdown, makeHandover } from './look-until';
import { makeDeletedFailure, requireAttempt } from './meetings';

export interface UploadDeps {
  db: Database;
  audioStore: AudioStore;
  doorbell: Pick<Doorbell, 'ring'>;
  /** Path of the ffmpeg program. */
  ffmpeg: string;
  environment: Record<string, string | undefined>;
  /** Longest sound of a file, in milliseconds. */
  longestMs?: number;
}

export type DecodedUpload =
  | { kind: 'decoded'; chunks: number }
  | { kind: 'unusable'; reason: EndReason }
  /** It was cancelled, or given up, by an earlier run. */
  | { kind: 'over' };

export type UploadActivities = ReturnType<typeof createUploadActivities>;

/** Decoders that run in one process at the same time: each takes most of a core. */
const DECODERS = 2;
const TRACK = 'file';
const SAMPLES_PER_MS = CHUNK_SAMPLE_RATE_HZ / 1_000;

/** The decoding of uploaded files, on the queue `analysis`. */
export function createUploadActivities(deps: UploadDeps) {
  const decoders = new PQueue({ concurrency: DECODERS });
  return {
    /**
     * Decodes a meeting's file, cuts it at its pauses and puts the pieces into the inbox. Idempotent
     * by number and end of the last piece: another try goes on behind it.
     */
    async decodeUpload({ meetingId }: { meetingId: number }): Promise<DecodedUpload> {
      const upload = await findUpload(deps.db, meetingId);
      if (!upload) throw makeDeletedFailure(meetingId);
      if (upload.status === 'failed' || upload.status === 'cancelled') return { kind: 'over' };
      const signal = Context.current().cancellationSignal;
      const decoding = new FileDecoding(deps, meetingId, signal);
      try {
        return await withHeartbeats(
          async () => {
            const decoded = await decoders.add(() => decoding.run(), { signal });
            return decoded ?? { kind: 'over' };
          },
          () => ({ decodedMs: decoding.decodedMs }),
        );
      } catch (error) {
        throw isShutdown(error) ? makeHandover() : error;
      }
    },
  };
}

/** One try at one file. */
class FileDecoding {
  decodedMs = 0;
  private seq = 0;
  private readonly pieces: SpeechSegment[] = [];

  constructor(
    private readonly deps: UploadDeps,
    private readonly meetingId: number,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<DecodedUpload> {
    const { deps, meetingId } = this;
    const attempt = await requireAttempt(deps.db, { meetingId, attempt: 1 });
    const { seq, endMs } = await findLastFileChunk(deps.db, attempt.id);
    this.seq = seq;
    // whoever was here before had decoded it and died before the answer
    const upload = await findUpload(deps.db, meetingId);
    if (upload?.status === 'received') {
      const prefix = `upload-${meetingId}-`;
      await removeFolders(prefix);
      const folder = await mkdtemp(path.join(os.tmpdir(), prefix));
      try {
        await this.decode(folder, { attempt, endMs });
      } catch (error) {
        if (!(error instanceof UnusableSoundError)) throw error;
        return { kind: 'unusable', reason: error.problem };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
    await this.clear();
    return { kind: 'decoded', chunks: this.seq };
  }

  private async decode(
    folder: string,
    { attempt, endMs }: { attempt: Attempt; endMs: number },
  ): Promise<void> {
    const { deps, meetingId, signal } = this;
    const { ffmpeg, environment, db, longestMs = LONGEST_UPLOAD_MS } = deps;
    const file = path.join(folder, 'file');
    await this.fetch(file);
    const sound = { ffmpeg, environment, file, longestMs, signal };
    const { durationMs } = await probeSound(sound);
    await noteDecoded(db, meetingId, { decodedMs: 0, durationMs });
    const recording = path.join(folder, 'recording.webm');
    const detector = (await loadVoiceDetectors())();
    const segmenter = new Segmenter({
      isSpeech: (frame) => detector.isSpeech(frame),
      onSegment: (piece) => this.pieces.push(piece),
      lengths: FILE_PIECES,
    });
    let skip = endMs * SAMPLES_PER_MS;
    let samples = 0;
    try {
      await decodeSound(sound, {
        recording,
        onSamples: async (block) => {
          samples += block.length;
          this.decodedMs = Math.floor(samples / SAMPLES_PER_MS);
          if (skip < block.length) segmenter.push(skip > 0 ? block.slice(skip) : block);
          skip = Math.max(skip - block.length, 0);
          await this.storePieces(attempt, endMs);
        },
      });
      segmenter.flush();
      await this.storePieces(attempt, endMs);
    } finally {
      detector.close();
    }
    await noteDecoded(db, meetingId, { decodedMs: this.decodedMs, durationMs: this.decodedMs });
    await this.keepRecording(recording);
    await endHearing(db, meetingId, { reason: null, lastSeqs: { [TRACK]: this.seq } });
    await settleUpload(db, meetingId, 'decoded');
  }

  /** Puts the parts together on this machine: formats such as MP4 are read back and forth. */
  private async fetch(file: string): Promise<void> {
    const { audioStore, db } = this.deps;
    for (const key of await listUploadParts(db, this.meetingId)) {
      this.signal.throwIfAborted();
      const bytes = await audioStore.get(key).catch((error: unknown) => {
        if (!(error instanceof AudioNotFoundError)) throw error;
        throw new UnusableSoundError('decoding_failed', 'A part of the file is gone');
      });
      await appendFile(file, bytes);
    }
  }

  private async storePieces(attempt: Attempt, offsetMs: number): Promise<void> {
    const { db, doorbell } = this.deps;
    for (const piece of this.pieces.splice(0)) {
      await this.storePiece(attempt, { ...piece, offsetMs });
      await noteDecoded(db, this.meetingId, { decodedMs: this.decodedMs, durationMs: null });
      await measureUpload(db, this.meetingId);
      doorbell.ring('chunks', this.meetingId);
      doorbell.ring('meeting', this.meetingId);
    }
  }

  private async storePiece(
    { id: attemptId, attempt }: Attempt,
    { samples, startSample, offsetMs }: SpeechSegment & { offsetMs: number },
  ): Promise<void> {
    const { audioStore, db } = this.deps;
    const { meetingId } = this;
    const seq = this.seq + 1;
    const bytes = encodeWav(samples);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const parts = { meetingId, attempt, track: TRACK, seq, sha256, uploadId: randomUUID() };
    const objectKey = makeChunkKey(parts);
    const startMs = offsetMs + Math.round(startSample / SAMPLES_PER_MS);
    await audioStore.put(objectKey, bytes);
    const result = await insertChunk(db, {
      ...{ meetingId, attemptId, track: TRACK, seq, sha256, objectKey },
      participantKey: null,
      spans: null,
      startMs,
      endMs: startMs + Math.round(samples.length / SAMPLES_PER_MS),
      capturedAt: new Date(),
      sizeBytes: bytes.length,
    });
    if (result.kind !== 'accepted') {
      await audioStore.delete(objectKey);
      if (result.kind === 'meeting_deleted') throw makeDeletedFailure(meetingId);
      // somebody else decodes it as well: the next try goes on behind what that one stored
      if (result.kind !== 'already_accepted') throw new Error(`Piece ${seq}: ${result.kind}`);
    }
    this.seq = seq;
  }

  private async keepRecording(file: string): Promise<void> {
    const { audioStore, db, doorbell } = this.deps;
    const bytes = await readFile(file);
    const key = makeRecordingKey(this.meetingId, randomUUID());
    await audioStore.put(key, bytes);
    const replaced = await settleRecording(db, this.meetingId, {
      status: 'ready',
      file: { key, bytes: bytes.length, durationMs: this.decodedMs },
      url: `/api/meetings/${this.meetingId}/recording`,
    });
    if (replaced !== null) await audioStore.delete(replaced);
    doorbell.ring('meeting', this.meetingId);
  }

  /** The file itself is needed no more: the recording and the pieces are what is kept. */
  private async clear(): Promise<void> {
    await clearUpload(this.deps, this.meetingId);
  }
}

/** Deletes a file's parts: the objects first, while their rows still tell of them. */
export async function clearUpload(
  { db, audioStore }: Pick<UploadDeps, 'db' | 'audioStore'>,
  meetingId: number,
): Promise<void> {
  for (const key of await listUploadParts(db, meetingId)) await audioStore.delete(key);
  await forgetUploadParts(db, meetingId);
}

/** What a process left that was killed while it decoded this file. */
async function removeFolders(prefix: string): Promise<void> {
  const names = await readdir(os.tmpdir());
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    await rm(path.join(os.tmpdir(), name), { recursive: true, force: true });
  }
}
