import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { EVIDENCE_TYPES, evidenceNameSchema, MAX_EVIDENCE_BYTES } from '../../domain/bot-api';
import { makeEvidenceKey } from '../../infra/audio-store';
import { keepEvidence } from '../../infra/database/evidence';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { readRequest } from '../validate';
import { currentBot, makeMeetingDeleted, requireAttempt } from './bot-auth';
import { readBody } from './read-body';

const pathSchema = z.object({ name: evidenceNameSchema });

/** `PUT /evidence/:name`: the type follows from the name, whatever the request claims. */
export function createEvidenceRoute(deps: ApiDeps): RequestHandler {
  const { database, audioStore, logger } = deps;
  return async (request, response) => {
    const { path } = readRequest(request, { path: pathSchema });
    const bot = currentBot(response);
    const bytes = await readBody(request, MAX_EVIDENCE_BYTES);
    if (bytes.length === 0) throw new ApiError('malformed_request', 'Expected a body, got none');
    if (EVIDENCE_TYPES[path.name] === 'application/json') requireJson(bytes);
    // a superseded attempt may still say why it failed
    const attempt = await requireAttempt(deps, bot);
    const objectKey = makeEvidenceKey({ ...bot, ...path, uploadId: randomUUID() });
    await audioStore.put(objectKey, bytes).catch((cause: unknown) => {
      throw Object.assign(new ApiError('unavailable', 'The audio store took nothing'), { cause });
    });
    // When this throws, the row may stand or not: then reconciliation removes what has no row.
    const result = await keepEvidence(database, bot.meetingId, {
      attemptId: attempt.id,
      name: path.name,
      contentType: EVIDENCE_TYPES[path.name],
      sizeBytes: bytes.length,
      objectKey,
    });
    const leftover = result.kind === 'kept' ? result.replacedKey : objectKey;
    if (leftover !== null) {
      await audioStore.delete(leftover).catch((error: unknown) => {
        logger.warn({ meetingId: bot.meetingId, err: error }, 'evidence left in the audio store');
      });
    }
    if (result.kind === 'meeting_deleted') throw makeMeetingDeleted();
    response.status(204).end();
  };
}

/** Who reads it later is told that it is JSON. */
function requireJson(bytes: Buffer): void {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ApiError('malformed_request', 'Expected JSON, as the name says');
  }
}
