import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { DropCounts } from '../domain/transcription';
import type { WhisperFailureKind } from '../infra/runpod/whisper-error';

/** What operators see of transcription. */
export interface TranscriptionMetrics {
  /** A chunk's words stand in the database; seconds since it was acknowledged. */
  chunkDone(lagSeconds: number, dropped: DropCounts): void;
  chunkFailed(reason: string): void;
  whisperFailed(kind: WhisperFailureKind): void;
  /** Meetings that this process transcribes; call with 1 at the start and -1 at the end. */
  meetingsChanged(by: 1 | -1): void;
}

/** Registers the metrics of transcription; call once per registry. */
export function createTranscriptionMetrics(registry: Registry): TranscriptionMetrics {
  const registers = [registry];
  const lag = new Histogram({
    name: 'transcription_chunk_seconds',
    help: 'From a chunk acknowledged to its words in the database',
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300],
    registers,
  });
  const failedChunks = new Counter({
    name: 'transcription_chunks_failed_total',
    help: 'Chunks given up, by reason',
    labelNames: ['reason'],
    registers,
  });
  const dropped = new Counter({
    name: 'transcription_segments_dropped_total',
    help: 'Heard segments that were not kept, by cause',
    labelNames: ['cause'],
    registers,
  });
  const whisperFailures = new Counter({
    name: 'whisper_failures_total',
    help: 'Failed tries at Whisper, by kind',
    labelNames: ['kind'],
    registers,
  });
  const meetings = new Gauge({
    name: 'transcription_meetings',
    help: 'Meetings that this process transcribes now',
    registers,
  });
  return {
    chunkDone(lagSeconds, counts) {
      lag.observe(lagSeconds);
      for (const [cause, count] of Object.entries(counts)) dropped.inc({ cause }, count);
    },
    chunkFailed: (reason) => failedChunks.inc({ reason }),
    whisperFailed: (kind) => whisperFailures.inc({ kind }),
    meetingsChanged: (by) => meetings.inc(by),
  };
}
