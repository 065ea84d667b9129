import { MockActivityEnvironment } from '@temporalio/testing';
import { Webhook } from 'standardwebhooks';
import type { DeliveryTiming } from '../domain/webhook-retries';
import { completeChunk, insertChunk } from '../infra/database/chunks';
import type { Database } from '../infra/database/client';
import { appendEvent, readCursor } from '../infra/database/events';
import { listDeliveries } from '../infra/database/webhook-deliveries';
import {
  findOwnEndpoint,
  insertEndpoint,
  rotateSecret,
  updateEndpoint,
  type NewEndpoint,
  type WebhookEndpoint,
} from '../infra/database/webhook-endpoints';
import { holdLease } from '../infra/database/webhook-health';
import { listEndpointsToWake, orderReplay } from '../infra/database/webhook-positions';
import { createEncryption } from '../infra/encryption';
import { createMemoryDoorbell } from '../test/factories';
import { insertAttempt, insertMeeting, makeChunk, openTestDatabase } from '../test/records';
import {
  startConsumer,
  type ReceivedMessage,
  type WebhookConsumer,
} from '../test/webhook-consumer';
import { createDeliveryActivities } from './delivery';
import type { DeliveryPace, DeliveryRest } from './endpoint-deliverer';

const encryption = createEncryption([Buffer.alloc(32, 7).toString('base64')]);
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const OLD_SECRET = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let db: Database;
let close: () => Promise<void>;
let consumer: WebhookConsumer;
/** The clock that retries go by. */
let now: Date;
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
afterAll(() => close());
beforeEach(async () => {
  consumer = await startConsumer();
  now = new Date();
});
afterEach(() => consumer.close());

const doorbell = createMemoryDoorbell();
/** Ends as soon as nothing is due. */
const BRISK: Partial<DeliveryPace> = { idleMs: 0, leaseMs: 500, ringPauseMs: 1 };

function begin(
  endpointId: number,
  options: { pace?: Partial<DeliveryPace>; timing?: Partial<DeliveryTiming> } = {},
) {
  const environment = new MockActivityEnvironment();
  const { deliverWebhooks } = createDeliveryActivities({
    db,
    doorbell,
    encryption,
    outgoing: { allowedHosts: [consumer.host], timeLimitMs: 5_000 },
    now: () => now,
    random: () => 0.5,
    timing: options.timing ?? {},
    pace: { ...BRISK, ...options.pace },
  });
  const result: Promise<DeliveryRest> = environment.run(deliverWebhooks, { endpointId });
  return { environment, result };
}

const deliver = (endpointId: number, options: Parameters<typeof begin>[1] = {}) =>
  begin(endpointId, options).result;

/** Runs deliveries as their workflow does, with the clock going from one retry to the next. */
async function deliverUntil(endpointId: number, end: Date): Promise<void> {
  for (;;) {
    const { nextDueInMs } = await deliver(endpointId);
    if (nextDueInMs === null || now.getTime() + nextDueInMs > end.getTime()) break;
    now = new Date(now.getTime() + nextDueInMs);
  }
  now = end;
}

async function makeEndpoint(
  userId: number,
  overrides: Partial<NewEndpoint> = {},
): Promise<WebhookEndpoint> {
  const endpoint = await insertEndpoint(db, {
    userId,
    meetingId: null,
    url: `${consumer.url}/hook`,
    description: null,
    eventTypes: null,
    secretEncrypted: encryption.encrypt(SECRET),
    ...overrides,
  });
  if (!endpoint) throw new Error('Expected an endpoint');
  return endpoint;
}

const say = (meetingId: number, text: string) =>
  appendEvent(db, meetingId, { body: { type: 'chat.message', from: null, text } });

/** Somebody says these words, each a segment. */
async function speak(meetingId: number, words: string[]): Promise<void> {
  const chunk = await insertChunk(db, makeChunk(await insertAttempt(db, meetingId)));
  if (chunk.kind !== 'accepted') throw new Error(`Expected accepted, got ${chunk.kind}`);
  const rest = { startMs: 0, endMs: 1, language: null, confidence: null, words: [] };
  await completeChunk(db, {
    chunkId: chunk.chunkId,
    version: 1,
    segments: words.map((text) => ({ ...rest, text })),
    dropped: {},
  });
}

const textsOf = (messages: ReceivedMessage[]) => messages.map(({ body }) => body.data.text);
const refuse: WebhookConsumer['answer'] = (_message, response) =>
  void response.writeHead(500, { 'content-type': 'text/plain' }).end('out of order');
const accept: WebhookConsumer['answer'] = (_message, response) => void response.end();

const reread = async ({ id, userId }: WebhookEndpoint) => {
  const found = await findOwnEndpoint(db, { endpointId: id, userId });
  if (!found) throw new Error('Expected the endpoint');
  return found;
};
const readLog = ({ id }: WebhookEndpoint) =>
  listDeliveries(db, {
    endpointId: id,
    meetingId: null,
    outcome: null,
    beforeId: null,
    limit: 200,
  });

describe('what is delivered', () => {
  test('is everything since the endpoint was made, in order, also of later meetings', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    await say(meetingId, 'before');
    const endpoint = await makeEndpoint(userId);
    const later = await insertMeeting(db, { userId });
    await say(meetingId, 'one');
    await say(meetingId, 'two');
    await say(later.meetingId, 'first of another');
    await deliver(endpoint.id);
    const of = (id: number) => consumer.received.filter(({ body }) => body.data.meetingId === id);
    expect(textsOf(of(meetingId))).toEqual(['one', 'two']);
    expect(textsOf(of(later.meetingId))).toEqual(['first of another']);
  });

  test('is signed as Standard Webhooks says, by both secrets after a rotation', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const endpoint = await makeEndpoint(userId, {
      secretEncrypted: encryption.encrypt(OLD_SECRET),
    });
    await rotateSecret(
      db,
      { endpointId: endpoint.id, userId },
      { secretEncrypted: encryption.encrypt(SECRET), oldUntil: new Date(now.getTime() + DAY_MS) },
    );
    await say(meetingId, 'signed');
    await deliver(endpoint.id);
    const message = consumer.received[0];
    const headers = message?.headers as Record<string, string>;
    for (const secret of [SECRET, OLD_SECRET]) {
      expect(new Webhook(secret).verify(message?.text ?? '', headers)).toEqual(message?.body);
    }
    expect(() => new Webhook(SECRET).verify(`${message?.text} `, headers)).toThrow();
  });

  test('carries segments that follow each other in one message, and skips what is not wanted', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const endpoint = await makeEndpoint(userId, { eventTypes: ['transcript.*'] });
    await say(meetingId, 'not wanted');
    const words = Array.from({ length: 130 }, (_, index) => `word ${index}`);
    await speak(meetingId, words);
    await deliver(endpoint.id);
    const segments = consumer.received.map(({ body }) =>
      (body.data.segments ?? []).map(({ text }) => text),
    );
    expect(segments.map(({ length }) => length)).toEqual([100, 30]);
    expect(segments.flat()).toEqual(words);
  });

  test('reaches an endpoint of the meeting and one of the user, not those of others', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const other = await insertMeeting(db, { userId });
    const stranger = await insertMeeting(db);
    const endpoints = [
      await makeEndpoint(userId),
      await makeEndpoint(userId, { meetingId }),
      await makeEndpoint(userId, { meetingId: other.meetingId }),
      await makeEndpoint(stranger.userId),
    ];
    await say(meetingId, 'hello');
    for (const { id } of endpoints) await deliver(id);
    expect(consumer.received.map(({ body }) => body.id)).toEqual([
      `msg_${endpoints[0]?.id}_${meetingId}_1`,
      `msg_${endpoints[1]?.id}_${meetingId}_1`,
    ]);
  });

  test('is nothing of a meeting that was deleted meanwhile', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const endpoint = await makeEndpoint(userId);
    await say(meetingId, 'secret');
    await db.query('UPDATE meetings SET deleted_at = now() WHERE id = $1', [meetingId]);
    await expect(deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: null });
    expect(consumer.received).toEqual([]);
  });
});

describe('a consumer that is down', () => {
  test('for two and a half days receives every event in order with none missing', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const endpoint = await makeEndpoint(userId);
    consumer.answer = refuse;
    const begun = now.getTime();
    const expected: string[] = [];
    for (let hour = 0; hour < 60; hour += 1) {
      expected.push(`hour ${hour}`);
      await say(meetingId, `hour ${hour}`);
      await deliverUntil(endpoint.id, new Date(begun + hour * HOUR_MS));
    }
    const attempts = consumer.received.length;
    expect(attempts).toBeGreaterThan(50);
    expect(attempts).toBeLessThan(80);
    expect(new Set(consumer.received.map(({ body }) => body.id)).size).toBe(1);
    consumer.received.length = 0;
    consumer.answer = accept;
    await deliverUntil(endpoint.id, new Date(begun + 62 * HOUR_MS));
    expect(textsOf(consumer.received)).toEqual(expected);
    expect(await reread(endpoint)).toMatchObject({ failingSince: null, isEnabled: true });
  });

  test('for more than three days misses what was given up, until it is replayed', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const endpoint = await makeEndpoint(userId);
    consumer.answer = refuse;
    await say(meetingId, 'one');
    await say(meetingId, 'two');
    await deliverUntil(endpoint.id, new Date(now.getTime() + 3 * DAY_MS + HOUR_MS));
    const dead = (await readLog(endpoint)).filter(({ outcome }) => outcome === 'dead_lettered');
    expect(dead).toMatchObject([{ meetingId, fromSeq: 1, throughSeq: 1, status: 500 }]);
    consumer.received.length = 0;
    consumer.answer = accept;
    await deliverUntil(endpoint.id, new Date(now.getTime() + 2 * HOUR_MS));
    expect(textsOf(consumer.received)).toEqual(['two']);
    const stretch = { meetingId, fromSeq: 1, toSeq: 2 };
    await orderReplay(db, { endpointId: endpoint.id, ...stretch, asOneMessage: false });
    await deliver(endpoint.id);
    expect(textsOf(consumer.received)).toEqual(['two', 'one', 'two']);
    const ids = consumer.received.map(({ headers }) => headers['webhook-id']);
    expect(ids[2]).toBe(ids[0]);
  });

  test('for five days is disabled, which the audit log says, and goes on where it stopped', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const endpoint = await makeEndpoint(userId);
    consumer.answer = refuse;
    for (const text of ['one', 'two', 'three']) await say(meetingId, text);
    await deliverUntil(endpoint.id, new Date(now.getTime() + 6 * DAY_MS));
    expect(await reread(endpoint)).toMatchObject({ isEnabled: false, disabledReason: 'failing' });
    const entry = await db.prisma.auditEntry.findFirst({
      where: { action: 'webhook.disabled_failing', userId },
    });
    expect(entry).toMatchObject({
      actorKind: 'system',
      actorId: `webhook-endpoint-${endpoint.id}`,
    });
    consumer.received.length = 0;
    consumer.answer = accept;
    await updateEndpoint(db, { endpointId: endpoint.id, userId }, { enabled: true });
    await deliver(endpoint.id);
    expect(textsOf(consumer.received)).toEqual(['two', 'three']);
  });

  test('gets nothing while its user is disabled, and all of it in order afterwards', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const endpoint = await makeEndpoint(userId);
    const setDisabled = (at: Date | null) =>
      db.query('UPDATE users SET disabled_at = $2 WHERE id = $1', [userId, at]);
    await setDisabled(now);
    for (const text of ['one', 'two']) await say(meetingId, text);
    await expect(deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: null });
    expect(await listEndpointsToWake(db, [meetingId])).toEqual([]);
    expect(consumer.received).toEqual([]);
    await setDisabled(null);
    expect(await listEndpointsToWake(db, [meetingId])).toEqual([endpoint.id]);
    await deliver(endpoint.id);
    expect(textsOf(consumer.received)).toEqual(['one', 'two']);
  });

  test('says 410 and is disabled at once', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const endpoint = await makeEndpoint(userId);
    consumer.answer = (_message, response) => void response.writeHead(410).end();
    await say(meetingId, 'one');
    await say(meetingId, 'two');
    await expect(deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: null });
    expect(consumer.received).toHaveLength(1);
    expect(await reread(endpoint)).toMatchObject({ isEnabled: false, disabledReason: 'gone' });
  });

  test('asks for silence and is left alone as a whole for as long', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const other = await insertMeeting(db, { userId });
    const endpoint = await makeEndpoint(userId);
    consumer.answer = (_message, response) =>
      void response.writeHead(429, { 'retry-after': '600' }).end();
    await say(meetingId, 'one');
    await expect(deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: 600_000 });
    await say(other.meetingId, 'two');
    await expect(deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: 600_000 });
    expect(consumer.received).toHaveLength(1);
    consumer.answer = accept;
    now = new Date(now.getTime() + 600_000);
    await deliver(endpoint.id);
    expect(consumer.received).toHaveLength(3);
  });
});

describe('deliveries that disturb each other', () => {
  test('do not: a meeting whose events fail delays no other', async () => {
    const poisoned = await insertMeeting(db);
    const { userId } = poisoned;
    const well = await insertMeeting(db, { userId });
    const endpoint = await makeEndpoint(userId);
    consumer.answer = (message, response) =>
      (message.body.data.meetingId === poisoned.meetingId ? refuse : accept)(message, response);
    await say(poisoned.meetingId, 'poison');
    for (const text of ['one', 'two', 'three']) await say(well.meetingId, text);
    await expect(deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: 5_000 });
    const got = consumer.received.filter(({ body }) => body.data.meetingId === well.meetingId);
    expect(textsOf(got)).toEqual(['one', 'two', 'three']);
    expect(await reread(endpoint)).toMatchObject({ isEnabled: true });
  });

  test('do not: an endpoint that does not answer delays no other', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const slow = await makeEndpoint(userId, { url: `${consumer.url}/slow` });
    const quick = await makeEndpoint(userId, { url: `${consumer.url}/quick` });
    consumer.answer = (message, response) => {
      if (message.path === '/quick') response.end();
    };
    await say(meetingId, 'one');
    const hanging = begin(slow.id);
    await consumer.until(() => consumer.received.length === 1);
    await deliver(quick.id);
    expect(consumer.received.map(({ path }) => path)).toEqual(['/slow', '/quick']);
    hanging.environment.cancel('CANCELLED');
    await expect(hanging.result).rejects.toThrow();
  });

  test('do not: a meeting that does not answer leaves room for others', async () => {
    const hanging = await insertMeeting(db);
    const { userId } = hanging;
    const well = await insertMeeting(db, { userId });
    const endpoint = await makeEndpoint(userId);
    consumer.answer = ({ body }, response) => {
      if (body.data.meetingId === well.meetingId) response.end();
    };
    await say(hanging.meetingId, 'waits');
    const running = begin(endpoint.id);
    await consumer.until(() => consumer.received.length === 1);
    await say(well.meetingId, 'one');
    doorbell.ring('meeting', well.meetingId);
    await consumer.until(() => consumer.received.length === 2);
    running.environment.cancel('CANCELLED');
    await expect(running.result).rejects.toThrow();
  });
});

describe('a worker that dies', () => {
  test('while a message is under way repeats it under its id, though more was said since', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const endpoint = await makeEndpoint(userId);
    consumer.answer = () => undefined;
    await speak(meetingId, ['one', 'two']);
    const dying = begin(endpoint.id);
    await consumer.until(() => consumer.received.length === 1);
    dying.environment.cancel('WORKER_SHUTDOWN');
    await expect(dying.result).rejects.toMatchObject({ type: 'WorkerShuttingDown' });
    await speak(meetingId, ['three']);
    consumer.answer = accept;
    await deliver(endpoint.id);
    const [first, again, next] = consumer.received;
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(again?.body.data.segments?.map(({ text }) => text)).toEqual(['one', 'two']);
    expect(next?.body.data.segments?.map(({ text }) => text)).toEqual(['three']);
    expect(consumer.received).toHaveLength(3);
  });

  test('without a word holds its endpoint no longer than its lease', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const endpoint = await makeEndpoint(userId);
    const dead = { endpointId: endpoint.id, token: '00000000-0000-4000-8000-000000000000' };
    await holdLease(db, dead, 400);
    await say(meetingId, 'one');
    const waiting = deliver(endpoint.id);
    await waiting;
    const { rows } = await db.query<{ late: boolean }>(
      'SELECT leased_until IS NULL AS late FROM webhook_endpoints WHERE id = $1',
      [endpoint.id],
    );
    expect(rows).toEqual([{ late: true }]);
    expect(textsOf(consumer.received)).toEqual(['one']);
  });

  test('and its second copy deliver everything once while both are there', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const endpoint = await makeEndpoint(userId);
    const expected = Array.from({ length: 20 }, (_, index) => `${index}`);
    for (const text of expected) await say(meetingId, text);
    const copy = () => deliver(endpoint.id, { pace: { leaseMs: 20_000 } });
    await Promise.all([copy(), copy(), copy()]);
    expect(textsOf(consumer.received)).toEqual(expected);
    expect(await readCursor(db, meetingId)).toBe(20);
  });
});

describe('the delivery log', () => {
  test('keeps what was sent and what was answered, without signature and beyond 2 KiB nothing', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const endpoint = await makeEndpoint(userId);
    consumer.answer = (_message, response) =>
      void response.writeHead(302, { location: 'http://127.0.0.1/' }).end('x'.repeat(10_000));
    await say(meetingId, 'one');
    await deliver(endpoint.id);
    const [entry] = await readLog(endpoint);
    expect(entry).toMatchObject({
      type: 'chat.message',
      attempt: 1,
      outcome: 'failed',
      status: 302,
      error: 'Redirects are not followed, got status 302',
      requestHead: { 'webhook-id': `msg_${endpoint.id}_${meetingId}_1` },
    });
    expect(Object.keys(entry?.requestHead ?? {})).not.toContain('webhook-signature');
    expect(entry?.responseHead).toMatch(/location: http:\/\/127\.0\.0\.1\/[^]*xxx/);
    expect(Buffer.byteLength(entry?.responseHead ?? '')).toBe(2_048);
    expect(JSON.stringify(entry)).not.toContain(SECRET);
  });
});
