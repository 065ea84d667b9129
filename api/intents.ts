import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Queryable } from '../infra/database/client';
import {
  answerIntent,
  hashRequest,
  recordIntent,
  type IntentAnswer,
  type IntentKind,
} from '../infra/database/intents';
import { currentUserId } from './auth/current-user';
import { ApiError, makeErrorBody } from './errors';
import { refuseField } from './validate';

export interface Exchange {
  request: Request;
  response: Response;
}

interface IntentOfRequest {
  kind: IntentKind;
  meetingId: number | null;
  /** What stands for the body where it is no JSON. */
  body?: unknown;
}

/**
 * Keeps what was asked for as a row, before anything is done about it. Returns the intent to carry
 * out, or the answer that the same `Idempotency-Key` had got; another request with that key is
 * refused.
 */
export async function beginIntent(
  db: Queryable,
  { request, response }: Exchange,
  { body = request.body, ...what }: IntentOfRequest,
): Promise<{ intentId: string; answer: IntentAnswer | null }> {
  const result = await recordIntent(db, {
    ...what,
    id: randomUUID(),
    userId: currentUserId(response),
    idempotencyKey: readIdempotencyKey(request),
    bodyHash: hashRequest(request.method, request.originalUrl, body),
  });
  if (result.kind === 'key_conflict') {
    throw new ApiError(
      'idempotency_key_reused',
      'Expected a new Idempotency-Key: another request had come with this one',
    );
  }
  if (result.kind === 'new') return { intentId: result.intentId, answer: null };
  response.set('Idempotency-Replayed', 'true');
  return { intentId: result.intentId, answer: result.answer };
}

/** Keeps an answer for repeated requests and sends it. Refusals are answers as well. */
export async function settleAnswer(
  db: Queryable,
  response: Response,
  { intentId, answer }: { intentId: string; answer: IntentAnswer },
): Promise<void> {
  const kept = await answerIntent(db, intentId, answer);
  sendAnswer(response, kept);
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
