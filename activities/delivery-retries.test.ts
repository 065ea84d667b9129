import { updateEndpoint } from '../infra/database/webhook-endpoints';
import { listEndpointsToWake, orderReplay } from '../infra/database/webhook-positions';
import { insertMeeting } from '../test/records';
import {
  accept,
  DAY_MS,
  HOUR_MS,
  refuse,
  setUpDeliveries,
  textsOf,
} from '../test/webhooks/delivery-runs';

const s = setUpDeliveries();

describe('a consumer that is down', () => {
  test('for two and a half days receives every event in order with none missing', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    s.consumer.answer = refuse;
    const begun = s.now.getTime();
    const expected: string[] = [];
    for (let hour = 0; hour < 60; hour += 1) {
      expected.push(`hour ${hour}`);
      await s.say(meetingId, `hour ${hour}`);
      await s.deliverUntil(endpoint.id, new Date(begun + hour * HOUR_MS));
    }
    const attempts = s.consumer.received.length;
    expect(attempts).toBeGreaterThan(50);
    expect(attempts).toBeLessThan(80);
    expect(new Set(s.consumer.received.map(({ body }) => body.id)).size).toBe(1);
    s.consumer.received.length = 0;
    s.consumer.answer = accept;
    await s.deliverUntil(endpoint.id, new Date(begun + 62 * HOUR_MS));
    expect(textsOf(s.consumer.received)).toEqual(expected);
    expect(await s.reread(endpoint)).toMatchObject({ failingSince: null, isEnabled: true });
  });

  test('for more than three days misses what was given up, until it is replayed', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    s.consumer.answer = refuse;
    await s.say(meetingId, 'one');
    await s.say(meetingId, 'two');
    await s.deliverUntil(endpoint.id, new Date(s.now.getTime() + 3 * DAY_MS + HOUR_MS));
    const dead = (await s.readLog(endpoint)).filter(({ outcome }) => outcome === 'dead_lettered');
    expect(dead).toMatchObject([{ meetingId, fromSeq: 1, throughSeq: 1, status: 500 }]);
    s.consumer.received.length = 0;
    s.consumer.answer = accept;
    await s.deliverUntil(endpoint.id, new Date(s.now.getTime() + 2 * HOUR_MS));
    expect(textsOf(s.consumer.received)).toEqual(['two']);
    const stretch = { meetingId, fromSeq: 1, toSeq: 2 };
    await orderReplay(s.db, { endpointId: endpoint.id, ...stretch, asOneMessage: false });
    await s.deliver(endpoint.id);
    expect(textsOf(s.consumer.received)).toEqual(['two', 'one', 'two']);
    const ids = s.consumer.received.map(({ headers }) => headers['webhook-id']);
    expect(ids[2]).toBe(ids[0]);
  });

  test('for five days is disabled, which the audit log says, and goes on where it stopped', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    s.consumer.answer = refuse;
    for (const text of ['one', 'two', 'three']) await s.say(meetingId, text);
    await s.deliverUntil(endpoint.id, new Date(s.now.getTime() + 6 * DAY_MS));
    expect(await s.reread(endpoint)).toMatchObject({ isEnabled: false, disabledReason: 'failing' });
    const entry = await s.db.prisma.auditEntry.findFirst({
      where: { action: 'webhook.disabled_failing', userId },
    });
    expect(entry).toMatchObject({
      actorKind: 'system',
      actorId: `webhook-endpoint-${endpoint.id}`,
    });
    s.consumer.received.length = 0;
    s.consumer.answer = accept;
    await updateEndpoint(s.db, { endpointId: endpoint.id, userId }, { enabled: true });
    await s.deliver(endpoint.id);
    expect(textsOf(s.consumer.received)).toEqual(['two', 'three']);
  });

  test('gets nothing while its user is disabled, and all of it in order afterwards', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    const setDisabled = (at: Date | null) =>
      s.db.query('UPDATE users SET disabled_at = $2 WHERE id = $1', [userId, at]);
    await setDisabled(s.now);
    for (const text of ['one', 'two']) await s.say(meetingId, text);
    await expect(s.deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: null });
    expect(await listEndpointsToWake(s.db, [meetingId])).toEqual([]);
    expect(s.consumer.received).toEqual([]);
    await setDisabled(null);
    expect(await listEndpointsToWake(s.db, [meetingId])).toEqual([endpoint.id]);
    await s.deliver(endpoint.id);
    expect(textsOf(s.consumer.received)).toEqual(['one', 'two']);
  });

  test('says 410 and is disabled at once', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    s.consumer.answer = (_message, response) => void response.writeHead(410).end();
    await s.say(meetingId, 'one');
    await s.say(meetingId, 'two');
    await expect(s.deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: null });
    expect(s.consumer.received).toHaveLength(1);
    expect(await s.reread(endpoint)).toMatchObject({ isEnabled: false, disabledReason: 'gone' });
  });

  test('asks for silence and is left alone as a whole for as long', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const other = await insertMeeting(s.db, { userId });
    const endpoint = await s.makeEndpoint(userId);
    s.consumer.answer = (_message, response) =>
      void response.writeHead(429, { 'retry-after': '600' }).end();
    await s.say(meetingId, 'one');
    await expect(s.deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: 600_000 });
    await s.say(other.meetingId, 'two');
    await expect(s.deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: 600_000 });
    expect(s.consumer.received).toHaveLength(1);
    s.consumer.answer = accept;
    s.now = new Date(s.now.getTime() + 600_000);
    await s.deliver(endpoint.id);
    expect(s.consumer.received).toHaveLength(3);
  });
});

describe('a failure', () => {
  test('after days in which nothing was to be sent disables nothing, and is tried again', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const later = await insertMeeting(s.db, { userId });
    const endpoint = await s.makeEndpoint(userId);
    s.consumer.answer = refuse;
    await s.say(meetingId, 'one');
    await s.deliver(endpoint.id);
    await s.db.query('UPDATE meetings SET deleted_at = now() WHERE id = $1', [meetingId]);
    s.now = new Date(s.now.getTime() + 6 * DAY_MS);
    await s.say(later.meetingId, 'two');
    await expect(s.deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: 5_000 });
    expect(await s.reread(endpoint)).toMatchObject({ isEnabled: true });
    s.consumer.answer = accept;
    await s.deliverUntil(endpoint.id, new Date(s.now.getTime() + 5_000));
    expect(textsOf(s.consumer.received)).toEqual(['one', 'two', 'two']);
    expect(await s.reread(endpoint)).toMatchObject({ isEnabled: true, failingSince: null });
  });

  test('after such days that lasts disables all the same', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    s.consumer.answer = refuse;
    await s.say(meetingId, 'one');
    await s.deliverUntil(endpoint.id, new Date(s.now.getTime() + 6 * DAY_MS));
    expect(await s.reread(endpoint)).toMatchObject({ isEnabled: true });
    await s.say(meetingId, 'two');
    await s.deliverUntil(endpoint.id, new Date(s.now.getTime() + 3 * HOUR_MS));
    expect(await s.reread(endpoint)).toMatchObject({ isEnabled: false, disabledReason: 'failing' });
  });

  test.each([
    ['600', 600_000],
    ['86400', 12 * HOUR_MS],
  ])('with 503 and Retry-After %s is tried again after %i ms', async (header, pauseMs) => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    s.consumer.answer = (_message, response) =>
      void response.writeHead(503, { 'retry-after': header }).end();
    await s.say(meetingId, 'one');
    await expect(s.deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: pauseMs });
    s.consumer.answer = accept;
    await s.deliverUntil(endpoint.id, new Date(s.now.getTime() + pauseMs - 1));
    expect(s.consumer.received).toHaveLength(1);
    s.now = new Date(s.now.getTime() + 1);
    await s.deliver(endpoint.id);
    expect(textsOf(s.consumer.received)).toEqual(['one', 'one']);
  });
});

describe('a message that is sent once more', () => {
  test('has its own id and its own segments', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    await s.speak(meetingId, ['one', 'two']);
    await s.deliver(endpoint.id);
    await s.speak(meetingId, ['three']);
    await s.deliver(endpoint.id);
    const [sent] = await s.readLog(endpoint).then((log) => log.reverse());
    const { fromSeq, throughSeq } = sent ?? {};
    if (fromSeq == null || throughSeq == null) throw new Error('Expected a stretch');
    const stretch = { meetingId, fromSeq, toSeq: throughSeq, asOneMessage: true };
    await orderReplay(s.db, { endpointId: endpoint.id, ...stretch });
    await s.deliver(endpoint.id);
    const [first, , again] = s.consumer.received;
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(again?.text).toBe(first?.text);
    expect(s.consumer.received).toHaveLength(3);
  });

  test('is sent at once when it is asked for again while it waits after a failure', async () => {
    const { meetingId, userId } = await insertMeeting(s.db);
    const endpoint = await s.makeEndpoint(userId);
    await s.say(meetingId, 'one');
    await s.deliver(endpoint.id);
    const order = { endpointId: endpoint.id, meetingId, fromSeq: 1, toSeq: 1, asOneMessage: true };
    s.consumer.answer = refuse;
    await orderReplay(s.db, order);
    await expect(s.deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: 5_000 });
    s.consumer.answer = accept;
    await orderReplay(s.db, order);
    await expect(s.deliver(endpoint.id)).resolves.toEqual({ nextDueInMs: null });
    const ids = s.consumer.received.map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual(Array(3).fill(`msg_${endpoint.id}_${meetingId}_1`));
  });
});
