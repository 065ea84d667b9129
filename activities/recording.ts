import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import { AudioNotFoundError, makeRecordingKey, type AudioStore } from '../infra/audio-store';
import type { Database } from '../infra/database/client';
import {
  listRecordedAttempts,
  settleRecording,
  type RecordedAttempt,
} from '../infra/database/recordings';
import type { Doorbell } from '../infra/doorbell';
import {
  assembleRecording,
  measureRecordingMs,
  type RecordedStream,
} from '../infra/recording/assemble-recording';
import { withHeartbeats } from './heartbeats';

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
      const attempts = await listRecordedAttempts(db, meetingId);
      if (attempts.length === 0) return { durationMs: 0 };
      await settleRecording(db, meetingId, { status: 'assembling' });
      doorbell.ring('meeting', meetingId);
      const { bytes, durationMs } = await withHeartbeats(() => assemble(deps, attempts));
      const key = makeRecordingKey(meetingId, randomUUID());
      await audioStore.put(key, bytes);
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

async function assemble(
  { audioStore, ffmpeg }: RecordingDeps,
  attempts: readonly RecordedAttempt[],
): Promise<{ bytes: Buffer; durationMs: number }> {
  const signal = Context.current().cancellationSignal;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'recording-'));
  try {
    const streams: RecordedStream[] = [];
    for (const { attempt, startMs, objectKeys } of attempts) {
      const file = path.join(folder, `${attempt}.webm`);
      await fetchParts(audioStore, objectKeys, file);
      streams.push({ file, startMs });
    }
    const output = path.join(folder, 'recording.webm');
    await assembleRecording({ ffmpeg, streams, output, signal });
    const durationMs = await measureRecordingMs(ffmpeg, output, signal);
    return { bytes: await readFile(output), durationMs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A part that is gone from the store leaves a hole, not a meeting without its recording. */
async function fetchParts(
  audioStore: AudioStore,
  keys: readonly string[],
  file: string,
): Promise<void> {
  await writeFile(file, '');
  for (const key of keys) {
    try {
      await appendFile(file, await audioStore.get(key));
    } catch (error) {
      if (!(error instanceof AudioNotFoundError)) throw error;
    }
  }
}
