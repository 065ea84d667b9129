import { randomUUID } from 'node:crypto';
import { appendEvent } from '../../infra/database/events';
import { findOrMakeUser } from '../../infra/database/users';
import {
  makeSessionToken,
  startTestApi,
  type TestApi,
  type TestApiOptions,
} from '../../test/api-server';
import { insertMeeting } from '../../test/records';

const apis: TestApi[] = [];
afterEach(async () => {
  for (const each of apis.splice(0)) await each.close();
});

async function start(options: TestApiOptions = {}): Promise<TestApi> {
  const api = await startTestApi(options);
  apis.push(api);
  return api;
}
/** Looks by itself so seldom that only bells tell. */
const BELLS_ONLY = { limits: { lookIntervalMs: 10_000_000 } };
const END_OF_LOG = Buffer.from('log:9000000000000000000:1:1').toString('base64url');
const OFTEN = { limits: { lookIntervalMs: 50 } };

async function makePerson(api: TestApi) {
  const sub = `user_${randomUUID()}`;
  const userId = await findOrMakeUser(api.db, sub);
  const { meetingId } = await insertMeeting(api.db, { userId });
  const headers = { authorization: `Bearer ${await makeSessionToken({ sub })}` };
  const read = (query: string) => api.http.get(`/api/events?${query}`).set(headers);
  const { nextAfter } = (await read('wait=0')).body;
  const wait = (seconds = 25) => read(`wait=${seconds}&after=${nextAfter}`);
  return { userId, meetingId, read, wait, headers, nextAfter };
}
type Person = Awaited<ReturnType<typeof makePerson>>;

async function chat(api: TestApi, meetingId: number, text: string): Promise<void> {
  await appendEvent(api.db, meetingId, { body: { type: 'chat.message', from: null, text } });
}

const textsOf = ({ body }: { body: { events: { event: { text: string } }[] } }) =>
  body.events.map(({ event }) => event.text);

/** Sends a request now: supertest sends when somebody waits for it. */
async function send<Answer>(request: PromiseLike<Answer>): Promise<Answer> {
  return request;
}

/**
 * A log shows nothing newer than the oldest transaction of the whole server, so what was just
 * written stays hidden for as long as another database has one open.
 */
async function untilShown({ read, nextAfter }: Person): Promise<void> {
  for (;;) {
    if ((await read(`after=${nextAfter}&wait=0`)).body.events.length > 0) return;
  }
}

async function untilWaiting(api: TestApi, count: number): Promise<void> {
  for (;;) {
    const { values } = await api.server.metrics.waitingReads.get();
    if (values[0]?.value === count) return;
    await new Promise(setImmediate);
  }
}

describe('GET /api/events?wait', () => {
  test('answers as soon as a bell rings for any of the user’s meetings', async () => {
    const api = await start(BELLS_ONLY);
    const person = await makePerson(api);
    const { meetingId } = await insertMeeting(api.db, { userId: person.userId });
    const waiting = send(person.wait());
    await untilWaiting(api, 1);
    await chat(api, meetingId, 'hello');
    await untilShown(person);
    api.bell.ring('meeting', meetingId);
    expect(textsOf(await waiting)).toEqual(['hello']);
  });

  test('wakes everybody who waits for the user, and nobody else', async () => {
    const api = await start(BELLS_ONLY);
    const [maya, tom] = [await makePerson(api), await makePerson(api)];
    const answers = Promise.all([send(maya.wait()), send(maya.wait())]);
    let hasTomHeard = false;
    const others = send(tom.wait()).then((answer) => {
      hasTomHeard = true;
      return answer;
    });
    await untilWaiting(api, 3);
    await chat(api, maya.meetingId, 'hello');
    await untilShown(maya);
    api.bell.ring('meeting', maya.meetingId);
    expect((await answers).map(textsOf)).toEqual([['hello'], ['hello']]);
    expect(hasTomHeard).toBe(false);
    await chat(api, tom.meetingId, 'for Tom');
    await untilShown(tom);
    api.bell.ring('meeting', tom.meetingId);
    expect(textsOf(await others)).toEqual(['for Tom']);
  });

  test('finds by itself what no bell told', async () => {
    const api = await start(OFTEN);
    const { wait, meetingId } = await makePerson(api);
    api.bell.isDown = true;
    const waiting = send(wait());
    await untilWaiting(api, 1);
    await chat(api, meetingId, 'unheard');
    expect(textsOf(await waiting)).toEqual(['unheard']);
  });

  test('finds what an older transaction hid when it was rung for', async () => {
    const api = await start(OFTEN);
    const { wait, read, nextAfter, meetingId } = await makePerson(api);
    const waiting = send(wait());
    await untilWaiting(api, 1);
    await api.db.transaction(async (tx) => {
      await tx.query('SELECT pg_current_xact_id()');
      await chat(api, meetingId, 'hidden');
      api.bell.ring('meeting', meetingId);
      expect(textsOf(await read(`after=${nextAfter}&wait=0`))).toEqual([]);
    });
    expect(textsOf(await waiting)).toEqual(['hidden']);
  });

  test('answers with nothing when the time is over', async () => {
    const api = await start();
    const { wait } = await makePerson(api);
    expect(textsOf(await wait(1))).toEqual([]);
    await untilWaiting(api, 0);
  });

  test('goes on after PostgreSQL was away', async () => {
    const api = await start(OFTEN);
    const { wait, meetingId } = await makePerson(api);
    const waiting = send(wait());
    await untilWaiting(api, 1);
    await api.postgres.cut();
    await chat(api, meetingId, 'after the storm');
    await api.postgres.mend();
    const answer = await waiting;
    if (answer.status === 200) expect(textsOf(answer)).toEqual(['after the storm']);
    else expect(answer.status).toBe(503);
  });
});

describe('reads that wait', () => {
  test('are refused beyond so many of one user, until one was answered', async () => {
    const settings = { MAX_WAITING_READS_PER_USER: '2' };
    const api = await start({ ...BELLS_ONLY, settings });
    const { wait, meetingId, headers } = await makePerson(api);
    const held = [send(wait()), send(wait())];
    await untilWaiting(api, 2);
    const refused = await wait();
    expect([refused.status, refused.body.error.code]).toEqual([429, 'rate_limited']);
    expect(refused.headers['retry-after']).toBe('5');
    const poll = api.http.get(`/api/meetings/${meetingId}/events?after=1000&wait=25`);
    expect((await poll.set(headers)).status).toBe(429);
    expect((await (await makePerson(api)).wait(1)).status).toBe(200);
    await chat(api, meetingId, 'hello');
    api.bell.ring('meeting', meetingId);
    await Promise.all(held);
    await untilWaiting(api, 0);
    expect((await wait(1)).status).toBe(200);
  });

  test('are refused beyond so many in one process', async () => {
    const api = await start({ ...BELLS_ONLY, settings: { MAX_WAITING_READS: '1' } });
    const person = await makePerson(api);
    const path = `/api/meetings/${person.meetingId}/transcription?after=1000&wait=25`;
    const held = send(api.http.get(path).set(person.headers));
    await untilWaiting(api, 1);
    const refused = await (await makePerson(api)).wait();
    expect([refused.status, refused.body.error.code]).toEqual([503, 'unavailable']);
    expect(refused.headers['retry-after']).toBe('5');
    await api.server.drain(5_000);
    expect((await held).status).toBe(200);
  });

  test('give their place back when the client hangs up', async () => {
    const api = await start(BELLS_ONLY);
    const { headers } = await makePerson(api);
    const controller = new AbortController();
    const url = `${api.url}/api/events?wait=25&after=${END_OF_LOG}`;
    const gone = fetch(url, { headers, signal: controller.signal });
    await untilWaiting(api, 1);
    controller.abort();
    await expect(gone).rejects.toThrow();
    await untilWaiting(api, 0);
  });

  test('are answered when the server shuts down', async () => {
    const api = await start(BELLS_ONLY);
    const { wait } = await makePerson(api);
    const waiting = send(wait());
    await untilWaiting(api, 1);
    await api.server.drain(60_000);
    expect(textsOf(await waiting)).toEqual([]);
  });
});
