import { createHash, randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import {
  MAX_RECORDING_PART_BYTES,
  recordingPartHeadersSchema,
  recordingPartPathSchema,
} from '../../domain/bot-api';
import { makeRecordingPartKey } from '../../infra/audio-store';
import { insertRecordingPart, type PartInsertResult } from '../../infra/database/recordings';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { readHeaders, readRequest } from '../validate';
import { currentBot, makeMeetingDeleted, makeSuperseded, requireAttempt } from './bot-auth';
import { readBody } from './read-body';

/** `PUT /recording/:seq`: acknowledged means stored, as with chunks. */
export function createRecordingPartRoute(deps: ApiDeps): RequestHandler {
  const { database, audioStore, logger } = deps;
  return async (request, response) => {
    const { path } = readRequest(request, { path: recordingPartPathSchema });
    const headers = readHeaders(request, recordingPartHeadersSchema);
    const bytes = await readBody(request, MAX_RECORDING_PART_BYTES);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== headers['x-part-sha256']) {
      throw new ApiError('hash_mismatch', 'Expected a body with the SHA-256 of the header');
    }
    const bot = currentBot(response);
    const attempt = await requireAttempt(deps, bot);
    const { meetingId } = bot;
    const place = { meetingId, attempt: bot.attempt, seq: path.seq, sha256 };
    const objectKey = makeRecordingPartKey({ ...place, uploadId: randomUUID() });
    await audioStore.put(objectKey, bytes).catch((cause: unknown) => {
      throw Object.assign(new ApiError('unavailable', 'The audio store took nothing'), { cause });
    });
    const result = await insertRecordingPart(database, {
      ...place,
      attemptId: attempt.id,
      startAt: new Date(headers['x-part-start-at']),
      endAt: new Date(Math.max(headers['x-part-end-at'], headers['x-part-start-at'])),
      sizeBytes: bytes.length,
      objectKey,
    });
    if (result !== 'accepted') {
      await audioStore.delete(objectKey).catch((error: unknown) => {
        logger.warn({ meetingId, result, err: error }, 'refused part left in the audio store');
      });
    }
    answer(response, result);
  };
}

function answer(response: Response, result: PartInsertResult): void {
  switch (result) {
    case 'accepted':
    case 'already_accepted':
      response.status(204).end();
      return;
    case 'hash_conflict':
      throw new ApiError('chunk_conflict', 'Other bytes had come under this seq');
    case 'superseded':
      throw makeSuperseded();
    case 'intake_closed':
      throw new ApiError('intake_closed', 'The meeting takes no more sound');
    case 'meeting_deleted':
      throw makeMeetingDeleted();
  }
}
