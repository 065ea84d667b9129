import { randomUUID } from 'node:crypto';
import type { Database } from '../../infra/database/client';
import { answerIntent, hashRequest, recordIntent } from '../../infra/database/intents';
import { insertMeeting, openTestDatabase } from '../records';

let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
afterAll(() => close());

async function makeIntent(overrides: { idempotencyKey?: string | null; body?: unknown } = {}) {
  const { meetingId, userId } = await insertMeeting(db);
  return {
    id: randomUUID(),
    userId,
    meetingId,
    kind: 'start_bot' as const,
    idempotencyKey: overrides.idempotencyKey ?? null,
    bodyHash: hashRequest('POST', '/start-bot', overrides.body),
  };
}

describe('recordIntent', () => {
  test('gives a repeated key the first answer', async () => {
    const intent = await makeIntent({ idempotencyKey: 'k1' });
    await recordIntent(db, intent);
    await answerIntent(db, intent.id, { status: 201, body: { id: 7 } });
    expect(await recordIntent(db, { ...intent, id: randomUUID() })).toEqual({
      kind: 'repeated',
      intentId: intent.id,
      answer: { status: 201, body: { id: 7 } },
    });
  });

  test('refuses a known key with another request', async () => {
    const intent = await makeIntent({ idempotencyKey: 'k2' });
    await recordIntent(db, intent);
    const other = {
      ...intent,
      id: randomUUID(),
      bodyHash: hashRequest('POST', '/stop-bot', {}),
    };
    expect(await recordIntent(db, other)).toEqual({ kind: 'key_conflict' });
  });

  test('makes one intent of ten simultaneous requests with the same key', async () => {
    const intent = await makeIntent({ idempotencyKey: 'k3' });
    const results = await Promise.all(
      Array.from({ length: 10 }, () => recordIntent(db, { ...intent, id: randomUUID() })),
    );
    expect(results.filter((result) => result.kind === 'new')).toHaveLength(1);
    expect(results.filter((result) => result.kind === 'repeated')).toHaveLength(9);
  });

  test('forgets a key after 24 hours', async () => {
    const intent = await makeIntent({ idempotencyKey: 'k4' });
    await recordIntent(db, intent);
    await db.query(`UPDATE intents SET created_at = now() - interval '25 hours' WHERE id = $1`, [
      intent.id,
    ]);
    const later = { ...intent, id: randomUUID() };
    expect(await recordIntent(db, later)).toEqual({
      kind: 'new',
      intentId: later.id,
    });
  });
});
