import { createHash, randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import {
  chunkHeadersSchema,
  chunkPathSchema,
  MAX_CHUNK_BYTES,
  soundSpansSchema,
} from '../../domain/bot-api';
import { toStorableText } from '../../domain/text';
import { inspectWav } from '../../domain/wav';
import { makeChunkKey } from '../../infra/audio-store';
import type { Attempt } from '../../infra/database/attempts';
import { insertChunk, type ChunkInsertResult, type NewChunk } from '../../infra/database/chunks';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import type { ApiMetrics } from '../metrics';
import { readHeaders, readRequest } from '../validate';
import { currentBot, makeMeetingDeleted, makeSuperseded, requireAttempt } from './bot-auth';
import { readBody } from './read-body';

/** How far the audio's length may be from its place on the clock, in milliseconds. */
const LENGTH_TOLERANCE_MS = 500;

const headersSchema = chunkHeadersSchema.extend({
  'x-chunk-spans': chunkHeadersSchema.shape['x-chunk-spans']
    .transform((header, context) => {
      if (header === undefined) return undefined;
      try {
        const spans: unknown = JSON.parse(decodeURIComponent(header));
        return spans;
      } catch {
        context.addIssue({ code: 'custom', message: 'Expected percent-encoded JSON' });
        return z.NEVER;
      }
    })
    .pipe(soundSpansSchema.optional()),
});
type ChunkHeaders = z.infer<typeof headersSchema>;

/** `PUT /chunks/:track/:seq`: acknowledged means stored and in the inbox. */
export function createChunkRoute(deps: ApiDeps, metrics: ApiMetrics): RequestHandler {
  return async (request, response) => {
    const { path } = readRequest(request, { path: chunkPathSchema });
    const readAttempt = () => requireAttempt(deps, currentBot(response));
    await takeChunk({ ...deps, metrics }, { request, response, ...path, readAttempt });
  };
}

interface ArrivingChunk {
  request: Request;
  response: Response;
  track: string;
  seq: number;
  /** Asked once the bytes are here and sound. */
  readAttempt(): Promise<Attempt>;
}

/** Takes a chunk that a bot or a recorder sends, and answers. */
export async function takeChunk(
  deps: Pick<ApiDeps, 'audioStore' | 'database' | 'doorbell' | 'logger'> & { metrics: ApiMetrics },
  { request, response, track, seq, readAttempt }: ArrivingChunk,
): Promise<void> {
  const headers = readHeaders(request, headersSchema);
  const bytes = await readBody(request, MAX_CHUNK_BYTES);
  checkAudio(bytes, headers);
  const chunk = makeChunk(await readAttempt(), { track, seq, headers, bytes });
  await deps.audioStore.put(chunk.objectKey, bytes).catch((cause: unknown) => {
    throw Object.assign(new ApiError('unavailable', 'The audio store took nothing'), { cause });
  });
  // When this throws, the row may stand or not: then the object stays, and reconciliation
  // removes objects without a row.
  const result = await insertChunk(deps.database, chunk);
  deps.metrics.chunks.inc({ result: result.kind });
  if (result.kind !== 'accepted') await dropOwnObject(deps, chunk, result);
  answer(response, result);
  if (result.kind === 'accepted') deps.doorbell.ring('chunks', chunk.meetingId);
}

function checkAudio(bytes: Buffer, headers: ChunkHeaders): void {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== headers['x-chunk-sha256']) {
    throw new ApiError('hash_mismatch', 'Expected a body with the SHA-256 of the header');
  }
  const wav = inspectWav(bytes);
  if (!wav.ok) throw new ApiError('invalid_audio', wav.problem);
  const startMs = headers['x-chunk-start-ms'];
  const spanMs = headers['x-chunk-end-ms'] - startMs;
  // What was heard before the clock's origin is placed at 0: that audio is longer than its span.
  const isClipped = startMs === 0 && wav.durationMs >= spanMs;
  const isOff = !isClipped && Math.abs(wav.durationMs - spanMs) > LENGTH_TOLERANCE_MS;
  if (spanMs <= 0 || isOff) {
    throw new ApiError(
      'invalid_audio',
      `Expected audio as long as its span of ${spanMs} ms, got ${Math.round(wav.durationMs)} ms`,
    );
  }
}

function makeChunk(
  { id: attemptId, meetingId, attempt }: Attempt,
  given: { track: string; seq: number; headers: ChunkHeaders; bytes: Buffer },
): NewChunk {
  const { track, seq, headers, bytes } = given;
  const sha256 = headers['x-chunk-sha256'];
  const participant = headers['x-chunk-participant'];
  const spans = headers['x-chunk-spans'];
  return {
    meetingId,
    attemptId,
    track,
    seq,
    participantKey: participant === undefined ? null : decodeParticipant(participant),
    spans: spans?.map((span) => ({ ...span, source: toStorableText(span.source) })) ?? null,
    startMs: headers['x-chunk-start-ms'],
    endMs: headers['x-chunk-end-ms'],
    capturedAt: new Date(headers['x-chunk-captured-at']),
    sizeBytes: bytes.length,
    sha256,
    objectKey: makeChunkKey({
      meetingId,
      attempt,
      track,
      seq,
      sha256,
      uploadId: randomUUID(),
    }),
  };
}

function decodeParticipant(header: string): string {
  try {
    return toStorableText(decodeURIComponent(header));
  } catch {
    return header;
  }
}

/** Each upload has a key of its own, so nobody else can need what is deleted here. */
async function dropOwnObject(
  { audioStore, logger }: Pick<ApiDeps, 'audioStore' | 'logger'>,
  { meetingId, objectKey }: NewChunk,
  { kind }: ChunkInsertResult,
): Promise<void> {
  await audioStore.delete(objectKey).catch((error: unknown) => {
    logger.warn({ meetingId, result: kind, err: error }, 'refused chunk left in the audio store');
  });
}

function answer(response: Response, result: ChunkInsertResult): void {
  switch (result.kind) {
    case 'accepted':
      response.status(201).json({ chunkId: result.chunkId, status: result.kind });
      return;
    case 'already_accepted':
      response.status(200).json({ chunkId: result.chunkId, status: result.kind });
      return;
    case 'hash_conflict':
      throw new ApiError('chunk_conflict', 'Other bytes had come under this track and seq');
    case 'superseded':
      throw makeSuperseded();
    case 'intake_closed':
      throw new ApiError('intake_closed', 'The meeting takes no more audio');
    case 'meeting_deleted':
      throw makeMeetingDeleted();
  }
}
