import type { EndReason } from '../domain/end-reasons';
import type { AudioStore } from '../infra/audio-store';
import { countChunks } from '../infra/database/chunks';
import type { Database } from '../infra/database/client';
import { dropPendingChunks, endHearing, readRecorder } from '../infra/database/sources';
import { measureUpload, settleUpload } from '../infra/database/uploads';
import type { Doorbell } from '../infra/doorbell';
import { lookUntil } from './look-until';
import { makeDeletedFailure } from './meetings';
import { clearUpload } from './uploads';

export interface SourceDeps {
  db: Database;
  audioStore: AudioStore;
  doorbell: Pick<Doorbell, 'ring' | 'listen'>;
}

export interface UploadProgress {
  percent: number;
  isOver: boolean;
  chunks: { pending: number; done: number; failed: number };
}

export type SourceActivities = ReturnType<typeof createSourceActivities>;

/** Longest time until a change is seen while no doorbell rings. */
const LOOK_INTERVAL_MS = 2_000;
/** Operators see an upload's progress in these steps. */
const STEP_PERCENT = 10;

/** Activities of meetings that no bot hears, on the queue `meetings`. */
export function createSourceActivities(deps: SourceDeps) {
  return { ...createRecorderActivities(deps), ...createFileActivities(deps) };
}

function createRecorderActivities({ db, doorbell }: SourceDeps) {
  return {
    /** Only reads: waits until a recorder is finished, or has been silent for too long. */
    async watchRecorder(input: {
      meetingId: number;
      silenceMs: number;
    }): Promise<{ reason: EndReason }> {
      const { meetingId, silenceMs } = input;
      let silentMs = 0;
      return lookUntil(
        {
          doorbell,
          channel: 'meeting',
          meetingId,
          everyMs: LOOK_INTERVAL_MS,
          details: () => ({ silentMs }),
        },
        async () => {
          const recorder = await readRecorder(db, meetingId);
          if (recorder === null) throw makeDeletedFailure(meetingId);
          silentMs = recorder.silentMs;
          if (recorder.isOver) return { reason: recorder.reason ?? 'recording_finished' };
          return silentMs > silenceMs ? { reason: 'recorder_lost' } : null;
        },
      );
    },

    /** Idempotent: what ended it first stays. */
    async endHearing(input: { meetingId: number; reason: EndReason }): Promise<void> {
      await endHearing(db, input.meetingId, { reason: input.reason });
      doorbell.ring('meeting', input.meetingId);
    },
  };
}

function createFileActivities({ db, audioStore, doorbell }: SourceDeps) {
  return {
    /** Waits until a file is a step further than `abovePercent`, or all that was heard is written. */
    async followUpload(input: {
      meetingId: number;
      abovePercent: number;
    }): Promise<UploadProgress> {
      const { meetingId, abovePercent } = input;
      let percent = abovePercent;
      return lookUntil(
        {
          doorbell,
          channel: 'meeting',
          meetingId,
          everyMs: LOOK_INTERVAL_MS,
          details: () => ({ percent }),
        },
        async () => {
          const { meetingDeleted, pending, done, failed } = await countChunks(db, meetingId);
          if (meetingDeleted) throw makeDeletedFailure(meetingId);
          percent = await measureUpload(db, meetingId);
          const chunks = { pending, done, failed };
          if (pending === 0) return { percent, isOver: true, chunks };
          const isFurther = percent >= abovePercent + STEP_PERCENT;
          return isFurther ? { percent, isOver: false, chunks } : null;
        },
      );
    },

    /** Idempotent: gives a file up, with what of it waits to be transcribed. */
    async giveUpUpload(input: {
      meetingId: number;
      status: 'failed' | 'cancelled';
      reason: EndReason;
    }): Promise<void> {
      const { meetingId, status, reason } = input;
      await settleUpload(db, meetingId, status);
      await dropPendingChunks(db, meetingId);
      await endHearing(db, meetingId, { reason, lastSeqs: {} });
      await clearUpload({ db, audioStore }, meetingId);
      doorbell.ring('meeting', meetingId);
    },
  };
}
