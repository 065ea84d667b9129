import { z } from 'zod';
import type { Heard, HeardSegment, HeardWord } from '../../domain/transcription';

/** Input of RunPod's public faster-whisper worker, as far as we use it. */
export interface WhisperInput {
  audio_base64: string;
  model?: string;
  language?: string;
  initial_prompt?: string;
  enable_vad?: boolean;
  word_timestamps?: boolean;
  condition_on_previous_text?: boolean;
  beam_size?: number;
}

const optionalNumber = z
  .number()
  .nullish()
  .transform((value) => value ?? null);

const segmentSchema = z
  .object({
    start: z.number(),
    end: z.number(),
    text: z.string(),
    avg_logprob: optionalNumber,
    compression_ratio: optionalNumber,
    no_speech_prob: optionalNumber,
  })
  .transform((segment): HeardSegment => ({
    startSeconds: segment.start,
    endSeconds: segment.end,
    text: segment.text,
    avgLogprob: segment.avg_logprob,
    compressionRatio: segment.compression_ratio,
    noSpeechProb: segment.no_speech_prob,
  }));

const wordSchema = z
  .object({
    start: z.number(),
    end: z.number(),
    word: z.string(),
    /** The public worker has none. */
    probability: optionalNumber,
  })
  .transform((word): HeardWord => ({
    startSeconds: word.start,
    endSeconds: word.end,
    text: word.word,
    probability: word.probability,
  }));

/** Output of the worker, read into our own words; times stay seconds from the audio's start. */
export const whisperOutputSchema = z
  .object({
    segments: z.array(segmentSchema),
    detected_language: z.string().nullish(),
    word_timestamps: z.array(wordSchema).nullish(),
  })
  .transform((output): Heard => ({
    language: output.detected_language ?? null,
    segments: output.segments,
    words: output.word_timestamps ?? [],
  }));

/** A job as RunPod's API tells it; `output` is judged apart, because failures have none. */
export const jobSchema = z.object({
  id: z.string().min(1),
  status: z.enum(['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED', 'FAILED', 'TIMED_OUT', 'CANCELLED']),
  output: z.unknown().optional(),
  error: z.unknown().optional(),
});
export type Job = z.infer<typeof jobSchema>;
