import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import { CHUNK_SAMPLE_RATE_HZ } from '../domain/bot-api';
import { readSound } from '../domain/wav';
import { AudioNotFoundError, makeRecordingKey, type AudioStore } from '../infra/audio-store';
import type { Database } from '../infra/database/client';
import {
  listRecordedChunks,
  listRecordedParts,
  settleRecording,
  type RecordedChunk,
  type RecordedPart,
} from '../infra/database/recordings';
import type { Doorbell } from '../infra/doorbell';
import {
  assembleRecording,
  measureRecordingMs,
  type RecordedStream,
} from '../infra/recording/assemble-recording';
import { withHeartbeats } from './heartbeats';
import { makeDeletedFailure } from './meetings';

export interface RecordingDeps {
  db: Database;
  audioStore: AudioStore;
  doorbell: Pick<Doorbell, 'ring'>;
  /** Path of the ffmpeg program. */
  ffmpeg: string;
}

export type RecordingActivities = ReturnType<typeof createRecordingActivities>;

/** The recording of a meeting that is over, on the queue `analysis`. */
export function createRecordingActivities(deps: RecordingDeps) {
  const { db, audioStore, doorbell } = deps;
  return {
    /** Idempotent by meeting: done again, the new file takes the old one's place. */
    async assembleRecording({ meetingId }: { meetingId: number }): Promise<{ durationMs: number }> {
      const sound = await readRecorded(db, meetingId);
      if (isSilent(sound)) return { durationMs: 0 };
      await settleRecording(db, meetingId, { status: 'assembling' });
      doorbell.ring('meeting', meetingId);
      const key = makeRecordingKey(meetingId, randomUUID());
      const { bytes, durationMs } = await withHeartbeats(async () => {
        const made = await assemble(deps, sound);
        if (isSilent(await readRecorded(db, meetingId))) throw makeDeletedFailure(meetingId);
        await audioStore.put(key, made.bytes);
        return made;
      });
      const replaced = await settleRecording(db, meetingId, {
        status: 'ready',
        file: { key, bytes: bytes.length, durationMs },
        url: `/api/meetings/${meetingId}/recording`,
      });
      if (replaced !== null) await audioStore.delete(replaced);
      doorbell.ring('meeting', meetingId);
      return { durationMs };
    },

    /** Idempotent: a second time it changes nothing. The parts are kept. */
    async giveUpRecording({ meetingId }: { meetingId: number }): Promise<void> {
      await settleRecording(db, meetingId, { status: 'failed' });
      doorbell.ring('meeting', meetingId);
    },
  };
}

/** What bots recorded, or what a recorder in a browser sent: a meeting has the one or the other. */
interface RecordedSound {
  parts: readonly RecordedPart[];
  chunks: readonly RecordedChunk[];
}

/** Behind it nothing is assembled: a single late chunk must not make hours of silence. */
const LONGEST_RECORDING_MS = 24 * 3_600_000;

async function readRecorded(db: Database, meetingId: number): Promise<RecordedSound> {
  const parts = await listRecordedParts(db, meetingId);
  const wanted = { meetingId, longestMs: LONGEST_RECORDING_MS };
  return { parts, chunks: await listRecordedChunks(db, wanted) };
}

function isSilent({ parts, chunks }: RecordedSound): boolean {
  return parts.length === 0 && chunks.length === 0;
}

async function assemble(
  { audioStore, ffmpeg }: RecordingDeps,
  { parts, chunks }: RecordedSound,
): Promise<{ bytes: Buffer; durationMs: number }> {
  const signal = Context.current().cancellationSignal;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'recording-'));
  try {
    const streams = [
      ...(await fetchStreams(audioStore, parts, folder)),
      ...(await fetchTracks(audioStore, chunks, folder)),
    ];
    if (streams.length === 0) throw new Error('Expected the beginning of a recording, got none');
    const output = path.join(folder, 'recording.webm');
    await assembleRecording({ ffmpeg, streams, output, signal });
    const durationMs = await measureRecordingMs(ffmpeg, output, signal);
    return { bytes: await readFile(output), durationMs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How every WebM stream begins (RFC 8794, section 11.2.1): a bot that was started anew makes one anew. */
const EBML = Buffer.from([0x1a, 0x45, 0xdf, 0xa3]);

/**
 * Each stream lies where its first part began; within it the times that the browser wrote count, which
 * are those of the capture, not of so many samples: holes stay holes, and nothing adds up. A part that
 * is gone from the store leaves a hole, too, not a meeting without its recording.
 */
async function fetchStreams(
  audioStore: AudioStore,
  parts: readonly RecordedPart[],
  folder: string,
): Promise<RecordedStream[]> {
  const streams: (RecordedStream & { attempt: number })[] = [];
  for (const { attempt, startMs, objectKey } of parts) {
    const bytes = await getIfThere(audioStore, objectKey);
    if (bytes === null) continue;
    if (EBML.equals(bytes.subarray(0, EBML.length))) {
      const file = path.join(folder, `${streams.length + 1}.webm`);
      streams.push({ attempt, file, startMs });
    }
    // without its beginning a stream cannot be read
    const stream = streams.at(-1);
    if (stream?.attempt === attempt) await appendFile(stream.file, bytes);
  }
  return streams;
}

const BYTES_PER_MS = (CHUNK_SAMPLE_RATE_HZ * 2) / 1_000;

/** Each chunk lies at its own time, whatever comes before it: what was never sent is silence. */
async function fetchTracks(
  audioStore: AudioStore,
  chunks: readonly RecordedChunk[],
  folder: string,
): Promise<RecordedStream[]> {
  const files = new Map<string, string>();
  for (const { track, startMs, objectKey } of chunks) {
    const bytes = await getIfThere(audioStore, objectKey);
    if (bytes === null) continue;
    const file = files.get(track) ?? path.join(folder, `track-${files.size + 1}.pcm`);
    // holes take no room on the disk
    const handle = await open(file, files.has(track) ? 'r+' : 'w');
    files.set(track, file);
    try {
      const sound = readSound(bytes);
      await handle.write(sound, 0, sound.length, startMs * BYTES_PER_MS);
    } finally {
      await handle.close();
    }
  }
  return [...files.values()].map((file) => ({ file, isBare: true, startMs: 0 }));
}

async function getIfThere(audioStore: AudioStore, key: string): Promise<Uint8Array | null> {
  return audioStore.get(key).catch((error: unknown) => {
    if (error instanceof AudioNotFoundError) return null;
    throw error;
  });
}
