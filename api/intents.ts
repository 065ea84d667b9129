import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Queryable } from '../infra/database/client';
import {
  hashRequest,
  recordIntent,
  type IntentAnswer,
  type IntentKind,
} from '../infra/database/intents';
import { currentUserId } from './auth/current-user';
import { ApiError, makeErrorBody } from './errors';
import { refuseField } from './validate';

/** A request to do something, whichever door it came through. */
export interface Asked {
  userId: number;
  idempotencyKey: string | null;
  /** What makes two requests with the same key the same request. */
  hash: string;
  /** Called when the key had come before with this request. */
  onReplay?(): void;
}

/** A request that came over HTTP; `body` stands for the body where it is no JSON. */
export function readAsked(
  request: Request,
  response: Response,
  body: unknown = request.body,
): Asked {
  return {
    userId: currentUserId(response),
    idempotencyKey: readIdempotencyKey(request),
    hash: hashRequest(request.method, request.originalUrl, body),
    onReplay: () => void response.set('Idempotency-Replayed', 'true'),
  };
}

/**
 * Keeps what was asked for as a row, before anything is done about it. Returns the intent to carry
 * out, or the answer that the same key had got; another request with that key is refused.
 */
export async function beginIntent(
  db: Queryable,
  { userId, idempotencyKey, hash, onReplay }: Asked,
  what: { kind: IntentKind; meetingId: number | null },
): Promise<{ intentId: string; answer: IntentAnswer | null }> {
  const id = randomUUID();
  const result = await recordIntent(db, { ...what, id, userId, idempotencyKey, bodyHash: hash });
  if (result.kind === 'key_conflict') {
    throw new ApiError(
      'idempotency_key_reused',
      'Expected a new Idempotency-Key: another request had come with this one',
    );
  }
  if (result.kind === 'new') return { intentId: result.intentId, answer: null };
  onReplay?.();
  return { intentId: result.intentId, answer: result.answer };
}

export function sendAnswer(response: Response, answer: IntentAnswer): void {
  response.status(answer.status).json(answer.body);
}

/** A refusal in the shape that is kept for repeated requests. */
export function toAnswer(error: ApiError): IntentAnswer {
  return { status: error.status, body: makeErrorBody(error) };
}

const KEY_SHAPE = /^[\x21-\x7e]{1,200}$/;

function readIdempotencyKey(request: Request): string | null {
  const key = request.get('idempotency-key');
  if (key === undefined) return null;
  if (KEY_SHAPE.test(key)) return key;
  return refuseField('Idempotency-Key', 'Expected 1 to 200 printable ASCII characters');
}
