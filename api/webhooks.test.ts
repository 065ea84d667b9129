import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { allEventsPageSchema } from '../domain/all-events';
import { deliverySchema, endpointSchema, newEndpointSchema } from '../domain/webhook-api';
import { appendEvent } from '../infra/database/events';
import { insertDelivery, type NewDelivery } from '../infra/database/webhook-deliveries';
import { disableEndpoint } from '../infra/database/webhook-health';
import { makeSessionToken, PRACTICE_ROOM, startTestApi, type TestApi } from '../test/api-server';
import { startConsumer, type WebhookConsumer } from '../test/webhook-consumer';

let api: TestApi;
let consumer: WebhookConsumer;
beforeAll(async () => {
  consumer = await startConsumer();
  api = await startTestApi({
    limits: { lookIntervalMs: 20 },
    settings: { OUTGOING_ALLOWED_HOSTS: consumer.host },
  });
});
afterAll(async () => {
  await api.close();
  await consumer.close();
});

const URL = 'https://hooks.example.com/meetings';

/** A person with a meeting, and how they ask. */
async function makePerson() {
  const headers = { authorization: `Bearer ${await makeSessionToken()}` };
  const ask = (method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: object) => {
    const request = api.http[method](path).set(headers);
    return body === undefined ? request : request.send(body);
  };
  const meeting = { meetingUrl: `${PRACTICE_ROOM}/r/${randomUUID()}` };
  const { body } = await ask('post', '/api/meetings', meeting);
  const meetingId = body.id as number;
  const makeEndpoint = async (fields: object = {}) => {
    const made = await ask('post', '/api/webhooks/endpoints', { url: URL, ...fields });
    expect(made.status).toBe(201);
    return newEndpointSchema.parse(made.body);
  };
  return { ask, meetingId, makeEndpoint };
}

const say = (meetingId: number, text: string) =>
  appendEvent(api.db, meetingId, { body: { type: 'chat.message', from: null, text } });

/** A message of the meeting's first two events that was given up. */
const makeDead = (endpointId: number, meetingId: number): NewDelivery => ({
  endpointId,
  meetingId,
  messageId: `msg_${endpointId}_${meetingId}_1-2`,
  type: 'transcript.segment',
  fromSeq: 1,
  throughSeq: 2,
  attempt: 1,
  outcome: 'dead_lettered',
  url: URL,
  requestHead: {},
  status: 500,
  error: 'Expected a success, got status 500',
  responseHead: '',
  latencyMs: 3,
  createdAt: new Date(),
});

describe('/api/webhooks/endpoints', () => {
  test('shows the secret once, keeps it encrypted and never gives it back', async () => {
    const { ask, makeEndpoint } = await makePerson();
    const { secret, ...endpoint } = await makeEndpoint({ description: 'to the CRM' });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const read = await ask('get', `/api/webhooks/endpoints/${endpoint.id}`);
    expect(endpointSchema.strict().parse(read.body)).toEqual(endpoint);
    const rows = await api.db.query('SELECT * FROM webhook_endpoints WHERE id = $1', [endpoint.id]);
    expect(JSON.stringify(rows.rows)).not.toContain(secret);
  });

  test('begins at the present cursor of the meetings that are there', async () => {
    const { meetingId, makeEndpoint } = await makePerson();
    await say(meetingId, 'before');
    const { id } = await makeEndpoint({ meetingId });
    const rows = await api.db.query(
      'SELECT meeting_id, after_seq FROM webhook_positions WHERE endpoint_id = $1',
      [id],
    );
    // its making and what was said
    expect(rows.rows).toEqual([{ meeting_id: meetingId, after_seq: 2 }]);
  });

  test.each([
    [{ url: 'http://example.com/' }, 'url'],
    [{ url: 'https://user:secret@example.com/' }, 'url'],
    [{ url: 'file:///etc/passwd' }, 'url'],
    [{ url: URL, eventTypes: ['meeting.ended'] }, 'eventTypes.0'],
    [{ url: URL, eventTypes: [] }, 'eventTypes'],
    [{ url: URL, secret: 'whsec_mine' }, 'secret'],
  ])('refuses %j', async (body, field) => {
    const { ask } = await makePerson();
    const refused = await ask('post', '/api/webhooks/endpoints', body);
    expect([refused.status, refused.body.error.code]).toEqual([422, 'invalid_request']);
    expect(refused.body.error.details).toMatchObject([{ field }]);
  });

  test('takes no meeting of somebody else, and no more than a hundred', async () => {
    const [one, two] = [await makePerson(), await makePerson()];
    const body = { url: URL, meetingId: two.meetingId };
    const refused = await one.ask('post', '/api/webhooks/endpoints', body);
    expect([refused.status, refused.body.error.code]).toEqual([404, 'meeting_not_found']);
    const all = await Promise.all(
      Array.from({ length: 105 }, () => one.ask('post', '/api/webhooks/endpoints', { url: URL })),
    );
    expect(all.filter(({ status }) => status === 201)).toHaveLength(100);
    expect(all.filter(({ body: { error } }) => error?.code === 'too_many_endpoints')).toHaveLength(
      5,
    );
  });

  test('are told apart by their owner on every route', async () => {
    const [one, two] = [await makePerson(), await makePerson()];
    const { id } = await one.makeEndpoint();
    const path = `/api/webhooks/endpoints/${id}`;
    const answers = await Promise.all([
      two.ask('get', path),
      two.ask('patch', path, { enabled: false }),
      two.ask('delete', path),
      two.ask('post', `${path}/rotate-secret`),
      two.ask('post', `${path}/test`),
      two.ask('get', `${path}/deliveries`),
      two.ask('post', `${path}/deliveries/1/resend`),
      two.ask('post', `${path}/replay`, { meetingId: two.meetingId, fromSeq: 1, toSeq: 1 }),
    ]);
    for (const { status, body } of answers) {
      expect([status, body.error.code]).toEqual([404, 'endpoint_not_found']);
    }
    expect((await one.ask('get', path)).body).toMatchObject({ enabled: true });
  });

  test('are pointed anywhere only by keys that may read what is posted there', async () => {
    const { ask, meetingId, makeEndpoint } = await makePerson();
    const { id } = await makeEndpoint();
    const path = `/api/webhooks/endpoints/${id}`;
    const askAs = async (scopes: string[]) => {
      const { body } = await ask('post', '/api/api-keys', { name: 'program', scopes });
      const key = { 'x-api-key': body.key as string };
      const answers = [
        await api.http.post('/api/webhooks/endpoints').set(key).send({ url: URL }),
        await api.http
          .patch(path)
          .set(key)
          .send({ url: `${URL}/mine`, enabled: true }),
        await api.http.post(`${path}/replay`).set(key).send({ meetingId, fromSeq: 1, toSeq: 1 }),
        await api.http.post(`${path}/deliveries/2000000000/resend`).set(key),
      ];
      return answers.map(({ status, body: { error } }) => [status, error?.code]);
    };
    await say(meetingId, 'secret');
    const refused = [403, 'scope_missing'];
    expect(await askAs(['webhooks'])).toEqual([refused, refused, refused, refused]);
    expect((await ask('get', path)).body).toMatchObject({ url: URL });
    expect((await ask('get', '/api/webhooks/endpoints')).body.endpoints).toHaveLength(1);
    expect(await askAs(['webhooks', 'transcripts:read'])).toEqual([
      [201, undefined],
      [200, undefined],
      [202, undefined],
      [404, 'delivery_not_found'],
    ]);
  });

  test('are listed page by page, and by their meeting', async () => {
    const { ask, meetingId, makeEndpoint } = await makePerson();
    const first = await makeEndpoint();
    const second = await makeEndpoint({ meetingId });
    const page = await ask('get', '/api/webhooks/endpoints?limit=1');
    expect(page.body.endpoints).toMatchObject([{ id: second.id }]);
    const next = `/api/webhooks/endpoints?limit=1&cursor=${page.body.nextCursor}`;
    expect((await ask('get', next)).body).toMatchObject({
      endpoints: [{ id: first.id }],
      nextCursor: null,
    });
    const own = await ask('get', `/api/webhooks/endpoints?meetingId=${meetingId}`);
    expect(own.body.endpoints).toMatchObject([{ id: second.id }]);
  });

  test('go on where they stopped when they are enabled again', async () => {
    const { ask, makeEndpoint } = await makePerson();
    const { id } = await makeEndpoint();
    const path = `/api/webhooks/endpoints/${id}`;
    await disableEndpoint(api.db, id, { reason: 'gone', now: new Date() });
    expect((await ask('get', path)).body).toMatchObject({ enabled: false, disabledReason: 'gone' });
    const enabled = await ask('patch', path, { enabled: true });
    expect(enabled.body).toMatchObject({ enabled: true, disabledReason: null, disabledAt: null });
    expect(api.temporal.deliveries).toContain(id);
    const disabled = await ask('patch', path, { enabled: false });
    expect(disabled.body).toMatchObject({ enabled: false, disabledReason: 'by_user' });
    expect((await ask('delete', path)).status).toBe(204);
    expect((await ask('get', path)).status).toBe(404);
  });
});

describe('a test event', () => {
  test('is signed by both secrets after a rotation, and its answer is kept', async () => {
    const { ask, makeEndpoint } = await makePerson();
    const { id, secret } = await makeEndpoint({ url: `${consumer.url}/hook` });
    const path = `/api/webhooks/endpoints/${id}`;
    const rotated = await ask('post', `${path}/rotate-secret`);
    expect(rotated.body.secret).not.toBe(secret);
    consumer.answer = (_message, response) => void response.writeHead(202).end('thanks');
    const sent = await ask('post', `${path}/test`);
    const delivery = deliverySchema.strict().parse(sent.body);
    expect(delivery).toMatchObject({ type: 'webhook.test', outcome: 'delivered', status: 202 });
    expect(delivery.responseHead).toContain('thanks');
    const message = consumer.received.at(-1);
    for (const each of [secret, rotated.body.secret as string]) {
      const headers = message?.headers as Record<string, string>;
      expect(new Webhook(each).verify(message?.text ?? '', headers)).toEqual(message?.body);
    }
    const log = await ask('get', `${path}/deliveries`);
    expect(log.body.deliveries).toEqual([sent.body]);
  });

  test('to an address inside says only that it cannot be reached', async () => {
    const { ask, makeEndpoint } = await makePerson();
    const { id } = await makeEndpoint({ url: 'https://169.254.169.254/latest/meta-data/' });
    const { body } = await ask('post', `/api/webhooks/endpoints/${id}/test`);
    expect(body).toMatchObject({
      outcome: 'failed',
      status: null,
      error: 'The address could not be reached',
      responseHead: null,
    });
  });
});

describe('sending once more', () => {
  const count = async (endpointId: number) =>
    (
      await api.db.query(
        `SELECT after_seq, until_seq, through_seq FROM webhook_positions
         WHERE endpoint_id = $1 AND until_seq < 2147483647`,
        [endpointId],
      )
    ).rows;

  test('replays a stretch up to the newest event, and begins at once', async () => {
    const { ask, meetingId, makeEndpoint } = await makePerson();
    const { id } = await makeEndpoint();
    const path = `/api/webhooks/endpoints/${id}/replay`;
    for (const text of ['one', 'two', 'three']) await say(meetingId, text);
    const replayed = await ask('post', path, { meetingId, fromSeq: 2, toSeq: 900 });
    expect([replayed.status, replayed.body]).toEqual([202, { meetingId, fromSeq: 2, toSeq: 4 }]);
    expect(await count(id)).toEqual([{ after_seq: 1, until_seq: 4, through_seq: null }]);
    expect(api.temporal.deliveries).toContain(id);
    const beyond = await ask('post', path, { meetingId, fromSeq: 5, toSeq: 6 });
    expect(beyond.status).toBe(422);
    const reversed = await ask('post', path, { meetingId, fromSeq: 2, toSeq: 1 });
    expect(reversed.status).toBe(422);
    await ask('patch', `/api/webhooks/endpoints/${id}`, { enabled: false });
    const refused = await ask('post', path, { meetingId, fromSeq: 1, toSeq: 2 });
    expect([refused.status, refused.body.error.code]).toEqual([409, 'endpoint_disabled']);
  });

  test('sends nothing of somebody else’s meetings or deliveries', async () => {
    const [one, two] = [await makePerson(), await makePerson()];
    const [own, foreign] = [await one.makeEndpoint(), await two.makeEndpoint()];
    await say(two.meetingId, 'secret');
    const delivery = await insertDelivery(api.db, makeDead(foreign.id, two.meetingId));
    const path = `/api/webhooks/endpoints/${own.id}`;
    const stretch = { meetingId: two.meetingId, fromSeq: 1, toSeq: 1 };
    const replayed = await one.ask('post', `${path}/replay`, stretch);
    expect([replayed.status, replayed.body.error.code]).toEqual([404, 'meeting_not_found']);
    const resent = await one.ask('post', `${path}/deliveries/${delivery?.id}/resend`);
    expect([resent.status, resent.body.error.code]).toEqual([404, 'delivery_not_found']);
    expect([await count(own.id), await count(foreign.id)]).toEqual([[], []]);
    expect(api.temporal.deliveries).not.toContain(own.id);
    expect(api.temporal.deliveries).not.toContain(foreign.id);
  });

  test('resends one message as it was, and knows no others', async () => {
    const { ask, meetingId, makeEndpoint } = await makePerson();
    const { id } = await makeEndpoint();
    for (const text of ['one', 'two', 'three']) await say(meetingId, text);
    const delivery = await insertDelivery(api.db, makeDead(id, meetingId));
    const path = `/api/webhooks/endpoints/${id}/deliveries`;
    const dead = await ask('get', `${path}?outcome=dead_lettered&meetingId=${meetingId}`);
    expect(dead.body.deliveries).toMatchObject([{ id: delivery?.id, attempt: 1 }]);
    expect((await ask('post', `${path}/${delivery?.id}/resend`)).status).toBe(202);
    expect(await count(id)).toEqual([{ after_seq: 0, until_seq: 2, through_seq: 2 }]);
    const unknown = await ask('post', `${path}/2000000000/resend`);
    expect([unknown.status, unknown.body.error.code]).toEqual([404, 'delivery_not_found']);
  });
});

describe('GET /api/events', () => {
  test('reads on from page to page over all meetings, and waits for what is new', async () => {
    const { ask, meetingId } = await makePerson();
    for (const text of ['one', 'two', 'three']) await say(meetingId, text);
    const seen: string[] = [];
    let after = '';
    const read = async (wait: number) => {
      const place = after === '' ? '' : `&after=${after}`;
      const { body } = await ask('get', `/api/events?limit=2&wait=${wait}${place}`);
      const page = allEventsPageSchema.parse(body);
      seen.push(
        ...page.events.map(({ event }) => {
          if (event.type === 'meeting.status') return event.status;
          return event.type === 'chat.message' ? event.text : '';
        }),
      );
      after = page.nextAfter;
      return page;
    };
    while (seen.length < 4) await read(1);
    expect(seen).toEqual(['created', 'one', 'two', 'three']);
    expect(await read(0)).toMatchObject({ events: [], nextAfter: after, hasMore: false });
    const waiting = read(20);
    await say(meetingId, 'four');
    await waiting;
    expect(seen).toEqual(['created', 'one', 'two', 'three', 'four']);
  });

  test.each(['x', Buffer.from('log:1:2').toString('base64url')])(
    'refuses the place %s',
    async (place) => {
      const { ask } = await makePerson();
      const { status, body } = await ask('get', `/api/events?after=${place}`);
      expect([status, body.error.code]).toEqual([422, 'invalid_request']);
    },
  );

  test('refuses a transaction that no database has', async () => {
    const { ask } = await makePerson();
    const place = Buffer.from('log:99999999999999999999:1:1').toString('base64url');
    expect((await ask('get', `/api/events?after=${place}`)).status).toBe(422);
  });
});

describe('/openapi.json', () => {
  test('describes each type of message with its data', async () => {
    const { body } = await api.http.get('/openapi.json');
    const { post } = body.webhooks['transcript.segment'];
    const schema = JSON.stringify(post.requestBody.content['application/json'].schema);
    expect(schema).toContain('corrected');
    expect(Object.keys(body.webhooks)).toContain('analysis.ready');
  });
});
