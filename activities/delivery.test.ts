import { Webhook } from 'standardwebhooks';
import { readCursor } from '../infra/database/events';
import { rotateSecret } from '../infra/database/webhook-endpoints';
import { holdLease } from '../infra/database/webhook-health';
import { insertMeeting } from '../test/records';
import {
  accept,
  DAY_MS,
  encryption,
  OLD_SECRET,
  refuse,
  SECRET,
  setUpDeliveries,
  textsOf,
} from '../test/webhooks/delivery-runs';

const s = setUpDeliveries();

describe('what is delivered', () => {
  test('is everything since the endpoint was made, in order, also of later meetings', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    await s.say(meetingId, 'before');
    const endpoint = await s.makeEndpoint(userId);
    const later = await insertMeeting(s.db, { userId });
    await s.say(meetingId, 'one');
    await s.say(meetingId, 'two');
    await s.say(later.meetingId, 'first of another');
    await s.deliver(endpoint.id);
    const of = (id: number) => s.consumer.received.filter(({ body }) => body.data.meetingId === id);
    expect(textsOf(of(meetingId))).toEqual(['one', 'two']);
    expect(textsOf(of(later.meetingId))).toEqual(['first of another']);
  });

  /** What is sent after a rotation, and how each secret likes it. */
  async function sendRotated(oldUntil: Date) {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId, {
      secretEncrypted: encryption.encrypt(OLD_SECRET),
    });
    const next = { secretEncrypted: encryption.encrypt(SECRET), oldUntil };
    await rotateSecret(s.db, { endpointId: endpoint.id, userId }, next);
    await s.say(meetingId, 'signed');
    await s.deliver(endpoint.id);
    const message = s.consumer.received[0];
    const headers = message?.headers as Record<string, string>;
    const verify = (secret: string, text = message?.text ?? ''): unknown =>
      new Webhook(secret).verify(text, headers);
    return { message, verify };
  }

  test('is signed as Standard Webhooks says, by both secrets after a rotation', async () => {
    const { message, verify } = await sendRotated(new Date(s.now.getTime() + DAY_MS));
    for (const secret of [SECRET, OLD_SECRET]) expect(verify(secret)).toEqual(message?.body);
    expect(() => verify(SECRET, `${message?.text} `)).toThrow();
  });

  test('is signed by the new secret alone when the old one’s day is over', async () => {
    const { message, verify } = await sendRotated(s.now);
    expect(verify(SECRET)).toEqual(message?.body);
    expect(() => verify(OLD_SECRET)).toThrow();
  });

  test('carries segments that follow each other in one message, and skips what is not wanted', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId, { eventTypes: ['transcript.*'] });
    await s.say(meetingId, 'not wanted');
    const words = Array.from({ length: 130 }, (_, index) => `word ${index}`);
    await s.speak(meetingId, words);
    await s.deliver(endpoint.id);
    const segments = s.consumer.received.map(({ body }) =>
      (body.data.segments ?? []).map(({ text }) => text),
    );
    expect(segments.map(({ length }) => length)).toEqual([100, 30]);
    expect(segments.flat()).toEqual(words);
  });

  test('reaches an endpoint of the meeting and one of the user, not those of others', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const other = await insertMeeting(s.db, { userId });
    const stranger = await insertMeeting(s.db);
    const endpoints = [
      await s.makeEndpoint(userId),
      await s.makeEndpoint(userId, { meetingId }),
      await s.makeEndpoint(userId, { meetingId: other.meetingId }),
      await s.makeEndpoint(stranger.userId),
    ];
    await s.say(meetingId, 'hello');
    for (const { id } of endpoints) await s.deliver(id);
    expect(s.consumer.received.map(({ body }) => body.id)).toEqual([
      `msg_${endpoints[0]?.id}_${meetingId}_1`,
      `msg_${endpoints[1]?.id}_${meetingId}_1`,
    ]);
  });

  test('is nothing of a meeting that was deleted meanwhile', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    await s.say(meetingId, 'secret');
    await s.db.query('UPDATE meetings SET deleted_at = now() WHERE id = $1', [meetingId]);
    await expect(s.deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: null });
    expect(s.consumer.received).toEqual([]);
  });
});

describe('deliveries that disturb each other', () => {
  test('do not: a meeting whose events fail delays no other', async () => {
    const poisoned = await insertMeeting(s.db);
    const { userId } = poisoned;
    const well = await insertMeeting(s.db, { userId });
    const endpoint = await s.makeEndpoint(userId);
    s.consumer.answer = (message, response) =>
      (message.body.data.meetingId === poisoned.meetingId ? refuse : accept)(message, response);
    await s.say(poisoned.meetingId, 'poison');
    for (const text of ['one', 'two', 'three']) await s.say(well.meetingId, text);
    await expect(s.deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: 5_000 });
    const got = s.consumer.received.filter(({ body }) => body.data.meetingId === well.meetingId);
    expect(textsOf(got)).toEqual(['one', 'two', 'three']);
    expect(await s.reread(endpoint)).toMatchObject({ isEnabled: true });
  });

  test('do not: an endpoint that does not answer delays no other', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const slow = await s.makeEndpoint(userId, { url: `${s.consumer.url}/slow` });
    const quick = await s.makeEndpoint(userId, { url: `${s.consumer.url}/quick` });
    s.consumer.answer = (message, response) => {
      if (message.path === '/quick') response.end();
    };
    await s.say(meetingId, 'one');
    const hanging = s.begin(slow.id);
    await s.consumer.until(() => s.consumer.received.length === 1);
    await s.deliver(quick.id);
    expect(s.consumer.received.map(({ path }) => path)).toEqual(['/slow', '/quick']);
    hanging.environment.cancel('CANCELLED');
    await expect(hanging.result).rejects.toThrow();
  });

  test('do not: a meeting that does not answer leaves room for others', async () => {
    const hanging = await insertMeeting(s.db);
    const { userId } = hanging;
    const well = await insertMeeting(s.db, { userId });
    const endpoint = await s.makeEndpoint(userId);
    s.consumer.answer = ({ body }, response) => {
      if (body.data.meetingId === well.meetingId) response.end();
    };
    await s.say(hanging.meetingId, 'waits');
    const running = s.begin(endpoint.id);
    await s.consumer.until(() => s.consumer.received.length === 1);
    await s.say(well.meetingId, 'one');
    s.doorbell.ring('meeting', well.meetingId);
    await s.consumer.until(() => s.consumer.received.length === 2);
    running.environment.cancel('CANCELLED');
    await expect(running.result).rejects.toThrow();
  });
});

describe('a worker that dies', () => {
  test('while a message is under way repeats it under its id, though more was said since', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    s.consumer.answer = () => undefined;
    await s.speak(meetingId, ['one', 'two']);
    const dying = s.begin(endpoint.id);
    await s.consumer.until(() => s.consumer.received.length === 1);
    dying.environment.cancel('WORKER_SHUTDOWN');
    await expect(dying.result).rejects.toMatchObject({ type: 'WorkerShuttingDown' });
    await s.speak(meetingId, ['three']);
    s.consumer.answer = accept;
    await s.deliver(endpoint.id);
    const [first, again, next] = s.consumer.received;
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(again?.body.data.segments?.map(({ text }) => text)).toEqual(['one', 'two']);
    expect(next?.body.data.segments?.map(({ text }) => text)).toEqual(['three']);
    expect(s.consumer.received).toHaveLength(3);
  });

  test('without a word holds its endpoint no longer than its lease', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    const dead = { endpointId: endpoint.id, token: '00000000-0000-4000-8000-000000000000' };
    await holdLease(s.db, dead, 400);
    await s.say(meetingId, 'one');
    const waiting = s.deliver(endpoint.id);
    await waiting;
    const { rows } = await s.db.query<{ late: boolean }>(
      'SELECT leased_until IS NULL AS late FROM webhook_endpoints WHERE id = $1',
      [endpoint.id],
    );
    expect(rows).toEqual([{ late: true }]);
    expect(textsOf(s.consumer.received)).toEqual(['one']);
  });

  test('and its second copy deliver everything once while both are there', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    const expected = Array.from({ length: 20 }, (_, index) => `${index}`);
    for (const text of expected) await s.say(meetingId, text);
    const copy = () => s.deliver(endpoint.id, { pace: { leaseMs: 20_000 } });
    await Promise.all([copy(), copy(), copy()]);
    expect(textsOf(s.consumer.received)).toEqual(expected);
    expect(await readCursor(s.db, meetingId)).toBe(20);
  });
});

describe('the delivery log', () => {
  test('keeps what was sent and what was answered, without signature and beyond 2 KiB nothing', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    s.consumer.answer = (_message, response) =>
      void response.writeHead(302, { location: 'http://127.0.0.1/' }).end('x'.repeat(10_000));
    await s.say(meetingId, 'one');
    await s.deliver(endpoint.id);
    const [entry] = await s.readLog(endpoint);
    expect(entry).toMatchObject({
      type: 'chat.message',
      attempt: 1,
      outcome: 'failed',
      status: 302,
      error: 'Redirects are not followed, got status 302',
      url: `${s.consumer.url}/hook`,
      requestHead: { 'webhook-id': `msg_${endpoint.id}_${meetingId}_1` },
      latencyMs: expect.any(Number),
    });
    expect(Object.keys(entry?.requestHead ?? {})).not.toContain('webhook-signature');
    expect(entry?.responseHead).toMatch(/location: http:\/\/127\.0\.0\.1\/[^]*xxx/);
    expect(Buffer.byteLength(entry?.responseHead ?? '')).toBe(2_048);
    expect(JSON.stringify(entry)).not.toContain(SECRET);
  });
});
