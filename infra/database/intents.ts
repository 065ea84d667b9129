import { createHash } from 'node:crypto';
import type { Queryable } from './client';

export type IntentKind =
  | 'start_bot'
  | 'stop_bot'
  | 'plan_meeting'
  | 'create_meeting'
  | 'create_schedule'
  | 'create_recorder'
  | 'create_upload'
  | 'finish_recorder'
  | 'analyse'
  | 'send_chat'
  | 'speak'
  | 'stop_speaking';
export type IntentStatus = 'pending' | 'sent' | 'carried_out' | 'refused';

/** What somebody asked for; a row before anything is done about it. */
export interface NewIntent {
  id: string;
  userId: number;
  meetingId: number | null;
  kind: IntentKind;
  idempotencyKey: string | null;
  bodyHash: string;
}

/** The first answer to an intent, given again when the same request is repeated. */
export interface IntentAnswer {
  status: number;
  body: unknown;
}

export type IntentResult =
  | { kind: 'new'; intentId: string }
  /** Same key, same request: `answer` is null while the first one is still being answered. */
  | { kind: 'repeated'; intentId: string; answer: IntentAnswer | null }
  /** Same key, another request. */
  | { kind: 'key_conflict' };

/** SHA-256 in hex over method, path and body: what makes two requests the same request. */
export function hashRequest(method: string, path: string, body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([method, path, body ?? null]))
    .digest('hex');
}

/** Stores an intent, or finds the one that its `Idempotency-Key` had made within 24 hours. */
export async function recordIntent(db: Queryable, intent: NewIntent): Promise<IntentResult> {
  if (intent.idempotencyKey !== null) {
    await db.query(
      `DELETE FROM intents WHERE user_id = $1 AND idempotency_key = $2
         AND created_at < now() - interval '24 hours'`,
      [intent.userId, intent.idempotencyKey],
    );
  }
  const made = await db.query(
    `INSERT INTO intents (id, user_id, meeting_id, kind, idempotency_key, body_hash)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (user_id, idempotency_key) DO NOTHING RETURNING id`,
    [
      intent.id,
      intent.userId,
      intent.meetingId,
      intent.kind,
      intent.idempotencyKey,
      intent.bodyHash,
    ],
  );
  if (made.rows.length > 0) return { kind: 'new', intentId: intent.id };
  return findRepeated(db, intent);
}

async function findRepeated(db: Queryable, intent: NewIntent): Promise<IntentResult> {
  const { rows } = await db.query<{
    id: string;
    body_hash: string;
    answer_status: number | null;
    answer: unknown;
  }>(
    `SELECT id, body_hash, answer_status, answer FROM intents
     WHERE user_id = $1 AND idempotency_key = $2`,
    [intent.userId, intent.idempotencyKey],
  );
  const known = rows[0];
  if (!known || known.body_hash !== intent.bodyHash) return { kind: 'key_conflict' };
  return {
    kind: 'repeated',
    intentId: known.id,
    answer:
      known.answer_status === null ? null : { status: known.answer_status, body: known.answer },
  };
}

/** Notes what became of an intent; a settled one keeps its first state. */
export async function settleIntent(
  db: Queryable,
  intentId: string,
  status: Exclude<IntentStatus, 'pending'>,
): Promise<void> {
  await db.query(
    `UPDATE intents SET status = $2, carried_out_at = now()
     WHERE id = $1 AND status IN ('pending', 'sent')`,
    [intentId, status],
  );
}

/**
 * Keeps the answer that a repeated request will get and returns it: when two requests with the same
 * key were answered at the same time, both get what the first one kept.
 */
export async function answerIntent(
  db: Queryable,
  intentId: string,
  answer: IntentAnswer,
): Promise<IntentAnswer> {
  const { rows } = await db.query<IntentAnswer>(
    `UPDATE intents SET answer = CASE WHEN answer_status IS NULL THEN $3::jsonb ELSE answer END,
       answer_status = coalesce(answer_status, $2)
     WHERE id = $1 RETURNING answer_status AS status, answer AS body`,
    [intentId, answer.status, JSON.stringify(answer.body)],
  );
  return rows[0] ?? answer;
}
