import { randomInt, randomUUID } from 'node:crypto';
import {
  makeSessionToken,
  startTestApi,
  type TestApi,
  type TestApiOptions,
} from '../../test/api-server';
import { list, setUpLimits, signIn, statusesOf } from '../../test/limit-runs';
import { getRedisUrl } from '../../test/redis-url';
import { openTcpProxy, type TcpProxy } from '../../test/tcp-proxy';
import { findOrMakeUser } from '../../infra/database/users';
import { createRateCounters, type RateCounters } from '../../infra/rate-counters';

const { running, sockets, start, signInOn } = setUpLimits();

function readSub(token: string): string {
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(claims) as { sub: string }).sub;
}

describe('replicas on one Redis', () => {
  let redis: TcpProxy;
  let counters: RateCounters[];
  beforeEach(async () => {
    redis = await openTcpProxy(getRedisUrl());
    running.push(redis);
    // exact counts need every answer, however busy the machine is
    await connect({ answerTimeoutMs: 30_000 });
  });

  async function connect(options: { answerTimeoutMs?: number } = {}): Promise<void> {
    counters = [0, 1].map(() => createRateCounters({ url: redis.url, ...options }));
    running.push(...counters);
    await untilUsable();
  }

  async function untilUsable(): Promise<void> {
    while (!counters.every((each) => each.isUsable())) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function startTwo(
    settings: Record<string, string>,
    limits: TestApiOptions['limits'] = {},
  ): Promise<[TestApi, TestApi]> {
    const [one, other] = counters;
    if (!one || !other) throw new Error('Expected two connections');
    const first = await start(settings, { rateCounters: one, limits });
    // Users of other databases with the same ids are counted on the same Redis.
    await first.db.query(`SELECT setval('users_id_seq', $1)`, [randomInt(1, 2 ** 30)]);
    const { databaseUrl } = first;
    const second = await startTestApi({ settings, limits, rateCounters: other, databaseUrl });
    running.push(second);
    return [first, second];
  }

  test('share what a user has left', async () => {
    const [first, second] = await startTwo({ RATE_LIMIT_USER: '4' });
    const session = await signIn();
    let turn = 0;
    const ask = () => list((turn += 1) % 2 === 0 ? first : second, session);
    expect(await statusesOf(6, ask)).toEqual([200, 200, 200, 200, 429, 429]);
  });

  test('let through exactly as many as the limit when all come at once', async () => {
    const [first, second] = await startTwo({ RATE_LIMIT_USER: '20' });
    const session = await signIn();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => list(index % 2 ? first : second, session)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
  });

  test('share failed sign-ins', async () => {
    const [first, second] = await startTwo({ RATE_LIMIT_FAILED_SIGN_INS: '2', TRUST_PROXY: '1' });
    const address = `203.0.113.${randomUUID()}`;
    const wrong = { authorization: 'Bearer wrong', 'x-forwarded-for': address };
    expect(await statusesOf(2, () => list(first, wrong))).toEqual([401, 401]);
    expect((await list(second, wrong)).status).toBe(429);
  });

  test('each count for themselves while Redis is down, and together again afterwards', async () => {
    const [first, second] = await startTwo({ RATE_LIMIT_USER: '2' });
    await redis.cut();
    const session = await signIn();
    expect(await statusesOf(3, () => list(first, session))).toEqual([200, 200, 429]);
    expect(await statusesOf(3, () => list(second, session))).toEqual([200, 200, 429]);
    await redis.mend();
    await untilUsable();
    const other = await signIn();
    expect(await statusesOf(2, () => list(first, other))).toEqual([200, 200]);
    expect((await list(second, other)).status).toBe(429);
  });

  test('answer, each counting for itself, while Redis takes commands and says nothing', async () => {
    await connect();
    const [first] = await startTwo({ RATE_LIMIT_USER: '2' });
    await list(first, await signIn());
    redis.hang();
    const session = await signIn();
    expect(await statusesOf(3, () => list(first, session))).toEqual([200, 200, 429]);
    expect(counters[0]?.isUsable()).toBe(false);
  });

  test('count a user’s sockets together, and give back the place of one that closes', async () => {
    const [first, second] = await startTwo({ MAX_SOCKETS_PER_USER: '2' });
    const token = await makeSessionToken();
    expect(await signInOn(first, token)).toBe('ready');
    expect(await signInOn(second, token)).toBe('ready');
    expect(await signInOn(first, token)).toBe(4429);
    expect(await signInOn(second, token)).toBe(4429);
    expect(await signInOn(second, await makeSessionToken())).toBe('ready');
    sockets[0]?.socket.close();
    let outcome = await signInOn(second, token);
    while (outcome !== 'ready') outcome = await signInOn(second, token);
    expect(await signInOn(first, token)).toBe(4429);
  });

  test('let in exactly as many sockets as the limit when all come at once', async () => {
    const [first, second] = await startTwo({ MAX_SOCKETS_PER_USER: '5' });
    const token = await makeSessionToken();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => signInOn(index % 2 ? first : second, token)),
    );
    expect(outcomes.filter((outcome) => outcome === 'ready')).toHaveLength(5);
    expect(outcomes.filter((outcome) => outcome === 4429)).toHaveLength(15);
  });

  test('each count sockets for themselves while Redis is down, and tell it of them afterwards', async () => {
    const limits = { pingIntervalMs: 100 };
    const [first, second] = await startTwo({ MAX_SOCKETS_PER_USER: '2' }, limits);
    await redis.cut();
    const token = await makeSessionToken();
    expect(await signInOn(first, token)).toBe('ready');
    expect(await signInOn(first, token)).toBe('ready');
    expect(await signInOn(first, token)).toBe(4429);
    await redis.mend();
    await untilUsable();
    const userId = await findOrMakeUser(first.db, readSub(token));
    const count = () => counters[0]?.send(['ZCARD', `sockets:${userId}`]);
    while ((await count()) !== 2) await new Promise(setImmediate);
    expect(await signInOn(second, token)).toBe(4429);
  });

  test('have the places back of a process that died, after three missed signs of life', async () => {
    const [first] = await startTwo({ MAX_SOCKETS_PER_USER: '1' }, { pingIntervalMs: 100 });
    const token = await makeSessionToken();
    const userId = await findOrMakeUser(first.db, readSub(token));
    // what another process would have left
    const [seconds, micros] = (await counters[0]?.send(['TIME'])) as string[];
    const endsAt = String(Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000) + 1_500);
    await counters[0]?.send(['ZADD', `sockets:${userId}`, endsAt, 'of the dead']);
    const outcomes = [await signInOn(first, token)];
    while (outcomes.at(-1) !== 'ready') outcomes.push(await signInOn(first, token));
    expect(outcomes.length).toBeGreaterThan(1);
  });

  test('go on when Redis has forgotten everything', async () => {
    const [first] = await startTwo({ RATE_LIMIT_USER: '2' });
    const session = await signIn();
    await list(first, session);
    await counters[1]?.send(['SCRIPT', 'FLUSH']);
    expect(await statusesOf(2, () => list(first, session))).toEqual([200, 429]);
  });
});
