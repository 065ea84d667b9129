import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { makeSessionToken, startTestApi, TestSocket, type TestApi } from '../test/api-server';
import {
  CLERK_SECRET,
  listOrders,
  makeDeletedEvent,
  makeUserEvent,
  sendEvent,
  signEvent,
} from '../test/clerk';
import { insertMeeting } from '../test/records';
import { WS_CLOSE } from '../domain/ws';
import { findOrMakeUser } from '../infra/database/users';

const OLD_SECRET = `whsec_${Buffer.alloc(32, 4).toString('base64')}`;

let api: TestApi;
let clerkId: string;
beforeAll(async () => {
  api = await startTestApi({
    settings: {
      CLERK_WEBHOOK_SECRET: `${CLERK_SECRET},${OLD_SECRET}`,
      RATE_LIMIT_ADDRESS: '100000',
    },
  });
});
afterAll(() => api.close());
beforeEach(() => {
  clerkId = `user_${randomUUID()}`;
});

const readUser = (id: string) => api.db.prisma.user.findUnique({ where: { clerkId: id } });
const asUser = async (sub: string) => ({
  authorization: `Bearer ${await makeSessionToken({ sub })}`,
});

async function countRows(): Promise<number[]> {
  const { user, clerkDelivery, deletedUser, auditEntry } = api.db.prisma;
  return Promise.all([
    user.count(),
    clerkDelivery.count(),
    deletedUser.count(),
    auditEntry.count(),
  ]);
}

describe('Clerk’s webhook', () => {
  const body = () => JSON.stringify(makeUserEvent('user.created', clerkId, { at: 1 }));
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);

  test.each<[string, (text: string) => Record<string, string>, ((text: string) => string)?]>([
    ['has no signature', () => ({ 'content-type': 'application/json' })],
    ['another secret signed', (text) => signEvent(text, { secret: `whsec_${'A'.repeat(44)}` })],
    ['was signed six minutes ago', (text) => signEvent(text, { signedAt: ago(6) })],
    ['claims to come from the future', (text) => signEvent(text, { signedAt: ago(-6) })],
    ['was changed on its way', signEvent, (text) => text.replace('Maya', 'Mallory')],
    ['has another id than was signed', (text) => ({ ...signEvent(text), 'svix-id': 'msg_x' })],
    ['has another time than was signed', (text) => ({ ...signEvent(text), 'svix-timestamp': '1' })],
  ])('writes nothing of a request that %s', async (_what, sign, change = (text) => text) => {
    const before = await countRows();
    const text = body();
    const request = api.http.post('/api/webhooks/clerk').set(sign(text));
    const { status, body: answer } = await request.send(change(text));
    expect([status, answer.error.code]).toEqual([400, 'invalid_signature']);
    expect(await countRows()).toEqual(before);
  });

  test.each([CLERK_SECRET, OLD_SECRET])('takes what any of its secrets signed', async (secret) => {
    const event = makeUserEvent('user.created', clerkId, { at: 1 });
    const { status, body: answer } = await sendEvent(api, event, { secret });
    expect([status, answer]).toEqual([200, { outcome: 'applied' }]);
  });

  test('takes a message of one id once, also when its attempts come at the same time', async () => {
    const event = makeUserEvent('user.created', clerkId, { at: 1 });
    const svixId = `msg_${randomUUID()}`;
    const attempts = [4, 3, 2, 1, 0].map((minutes) => ({ svixId, signedAt: ago(minutes) }));
    const answers = await Promise.all(attempts.map((attempt) => sendEvent(api, event, attempt)));
    expect(answers.filter(({ body }) => body.outcome === 'applied')).toHaveLength(1);
    expect(await api.db.prisma.auditEntry.count({ where: { actorId: svixId } })).toBe(1);
    const copies = await Promise.all(attempts.map((attempt) => sendEvent(api, event, attempt)));
    expect(copies.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
  });

  test('takes a message that its sender signed anew for heard, and changes nothing', async () => {
    const svixId = `msg_${randomUUID()}`;
    const event = makeUserEvent('user.created', clerkId, { at: 1 });
    await sendEvent(api, event, { svixId, signedAt: ago(1) });
    const before = await countRows();
    const { status, body: answer } = await sendEvent(api, event, { svixId });
    expect([status, answer]).toEqual([200, { outcome: 'repeated' }]);
    expect(await countRows()).toEqual(before);
  });

  test.each<[string, number, number]>([
    ['the only attempt', 0, 0],
    ['the first of two attempts', 1, 1],
    ['the second of two attempts', 1, 0],
  ])('refuses a copy of %s, and writes nothing', async (_which, first, copied) => {
    const svixId = `msg_${randomUUID()}`;
    const event = makeUserEvent('user.created', clerkId, { at: 1 });
    const [attempt, last] = [ago(first), ago(0)];
    await sendEvent(api, event, { svixId, signedAt: attempt });
    if (first > 0) await sendEvent(api, event, { svixId, signedAt: last });
    const before = await countRows();
    const signedAt = copied === first ? attempt : last;
    const { status, body: answer } = await sendEvent(api, event, { svixId, signedAt });
    expect([status, answer.error.code]).toEqual([400, 'webhook_replayed']);
    expect(await countRows()).toEqual(before);
  });

  test('knows a copy whose timestamp is written in another way', async () => {
    const text = body();
    const headers = signEvent(text);
    const send = (set: Record<string, string>) =>
      api.http.post('/api/webhooks/clerk').set(set).send(text);
    expect((await send(headers)).status).toBe(200);
    const written = { ...headers, 'svix-timestamp': `0${headers['svix-timestamp']}.5x` };
    expect((await send(written)).body.error.code).toBe('webhook_replayed');
  });

  test('leaves alone what is about something else', async () => {
    const before = await countRows();
    const { body: answer } = await sendEvent(api, { type: 'session.created', data: {} });
    expect(answer).toEqual({ outcome: 'ignored' });
    expect(await countRows()).toEqual(before);
  });

  test('says what is wrong with an event about a user that cannot be read', async () => {
    const { status, body: answer } = await sendEvent(api, { type: 'user.created', data: {} });
    expect(status).toBe(422);
    expect(answer.error.details).toContainEqual(expect.objectContaining({ field: 'data.id' }));
  });

  test('says which setting is missing', async () => {
    const bare = await startTestApi();
    const { status, body: answer } = await sendEvent(bare, makeDeletedEvent(clerkId));
    await bare.close();
    expect([status, answer.error.code]).toEqual([503, 'clerk_webhook_not_configured']);
    expect(answer.error.message).toContain('CLERK_WEBHOOK_SECRET');
  });

  test('writes into the audit log who was concerned, and nothing of what was said', async () => {
    const svixId = `msg_${randomUUID()}`;
    const email = `${clerkId}@example.com`;
    await sendEvent(api, makeUserEvent('user.created', clerkId, { at: 1, email }), { svixId });
    const entry = await api.db.prisma.auditEntry.findFirstOrThrow({ where: { actorId: svixId } });
    const user = await readUser(clerkId);
    expect(entry).toMatchObject({ action: 'user.created', actorKind: 'clerk', userId: user?.id });
    expect(JSON.stringify(entry)).not.toMatch(/Maya|example\.com/);
  });
});

describe('a profile from Clerk', () => {
  test('has the primary e-mail address, both names and the picture', async () => {
    const email = `${clerkId}@Example.com`;
    const more = { email, otherEmails: ['old@example.com'] };
    await sendEvent(api, makeUserEvent('user.created', clerkId, { at: 1, ...more }));
    expect(await readUser(clerkId)).toMatchObject({
      email: email.toLowerCase(),
      fullName: 'Maya Okafor',
      avatarUrl: 'https://img.clerk.com/maya.png',
    });
  });

  test('has no e-mail when Clerk names no primary one, whatever others there are', async () => {
    const options = { at: 1, otherEmails: ['a@example.com'], firstName: null, lastName: null };
    await sendEvent(api, makeUserEvent('user.created', clerkId, options));
    expect(await readUser(clerkId)).toMatchObject({ email: null, fullName: null });
  });

  test.each(['unverified', 'expired', null])(
    'takes no address whose verification is %s from the user who has it',
    async (verification) => {
      const [email, claimer] = [`${clerkId}@example.com`, `user_${randomUUID()}`];
      await sendEvent(api, makeUserEvent('user.created', clerkId, { at: 1, email }));
      const claim = { at: 2, email, verification };
      await sendEvent(api, makeUserEvent('user.created', claimer, claim));
      expect(await readUser(clerkId)).toMatchObject({ email });
      expect(await readUser(claimer)).toMatchObject({ email: null });
    },
  );

  test('takes no picture that a page could not show safely', async () => {
    const imageUrl = 'javascript:alert(1)';
    await sendEvent(api, makeUserEvent('user.created', clerkId, { at: 1, imageUrl }));
    expect(await readUser(clerkId)).toMatchObject({ avatarUrl: null });
  });

  test('goes to the user whom a first request had made', async () => {
    await api.http.get('/api/me').set(await asUser(clerkId));
    await sendEvent(api, makeUserEvent('user.created', clerkId, { at: 1 }));
    const { body } = await api.http.get('/api/me').set(await asUser(clerkId));
    expect(body.fullName).toBe('Maya Okafor');
  });
});

describe('events in any order, each twice', () => {
  const twice = <Item>(items: Item[]) => listOrders([...items, ...items]);

  /** Each order for users of its own, so several at the same time. */
  async function inEachOrder<Item>(
    orders: Item[][],
    check: (order: Item[]) => Promise<void>,
  ): Promise<void> {
    const waiting = orders.values();
    const work = async () => {
      for (const order of waiting) await check(order);
    };
    await Promise.all(Array.from({ length: 5 }, work));
  }

  /** As Svix delivers: again under the same id until it is taken. */
  async function deliver(event: object): Promise<void> {
    const svixId = `msg_${randomUUID()}`;
    let { status } = await sendEvent(api, event, { svixId });
    while (status === 503) ({ status } = await sendEvent(api, event, { svixId }));
    expect(status).toBe(200);
  }

  test('leave the newest profile', async () => {
    const orders = twice(['first', 'second', 'third']);
    expect(orders).toHaveLength(90);
    await inEachOrder(orders, async (order) => {
      const id = `user_${randomUUID()}`;
      for (const firstName of order) {
        const at = ['first', 'second', 'third'].indexOf(firstName);
        const type = at === 0 ? 'user.created' : 'user.updated';
        await deliver(makeUserEvent(type, id, { at, firstName, lastName: null }));
      }
      expect(await readUser(id)).toMatchObject({ fullName: 'third' });
    });
  });

  test('leave a deleted user deleted', async () => {
    await inEachOrder(twice(['created', 'updated', 'deleted']), async (order) => {
      const id = `user_${randomUUID()}`;
      for (const name of order) {
        const at = name === 'created' ? 1 : 2;
        const event =
          name === 'deleted'
            ? makeDeletedEvent(id)
            : makeUserEvent(`user.${name as 'created' | 'updated'}`, id, {
                at,
                email: `${id}@a.b`,
              });
        await deliver(event);
      }
      const user = await readUser(id);
      if (user) expect(user).toMatchObject({ email: null, deletedAt: expect.any(Date) });
      expect((await api.http.get('/api/me').set(await asUser(id))).status).toBe(401);
    });
  });

  test('leave a moved e-mail with the user who has it now', async () => {
    await inEachOrder(twice(['has', 'loses', 'takes']), async (order) => {
      const [from, to] = [`user_${randomUUID()}`, `user_${randomUUID()}`];
      const email = `${from}@example.com`;
      const events: Record<string, object> = {
        has: makeUserEvent('user.created', from, { at: 1, email }),
        loses: makeUserEvent('user.updated', from, { at: 2 }),
        takes: makeUserEvent('user.created', to, { at: 3, email }),
      };
      for (const name of order) await deliver(events[name] ?? {});
      expect(await readUser(from)).toMatchObject({ email: null });
      expect(await readUser(to)).toMatchObject({ email });
    });
  });

  test('give an e-mail that two claim to the later claim', async () => {
    for (const order of listOrders([1, 2])) {
      const email = `${randomUUID()}@example.com`;
      for (const at of order) {
        await sendEvent(
          api,
          makeUserEvent('user.created', `${clerkId}-${email}-${at}`, { at, email }),
        );
      }
      expect(await readUser(`${clerkId}-${email}-1`)).toMatchObject({ email: null });
      expect(await readUser(`${clerkId}-${email}-2`)).toMatchObject({ email });
    }
  });

  test('come to the same when they come at the same time', async () => {
    const others = Array.from({ length: 5 }, () => `user_${randomUUID()}`);
    const email = `${clerkId}@example.com`;
    const events = others.flatMap((id, at) => [
      makeUserEvent('user.created', id, { at: 2 * at, email }),
      makeUserEvent('user.updated', id, { at: 2 * at + 1, email }),
    ]);
    const answers = await Promise.all(events.map((event) => sendEvent(api, event)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const owners = await api.db.prisma.user.findMany({ where: { email } });
    expect(owners.map((owner) => owner.clerkId)).toEqual([others.at(-1)]);
  });
});

describe('a user whom Clerk deleted', () => {
  test('gets nothing for a token that is still valid, neither over HTTP nor over the socket', async () => {
    const headers = await asUser(clerkId);
    expect((await api.http.get('/api/me').set(headers)).status).toBe(200);
    await sendEvent(api, makeDeletedEvent(clerkId));
    const { status, body } = await api.http.get('/api/me').set(headers);
    expect([status, body.error.code]).toEqual([401, 'unauthenticated']);
    const socket = new TestSocket(api.url);
    await once(socket.socket, 'open');
    socket.send({ type: 'auth', token: await makeSessionToken({ sub: clerkId }) });
    expect(await socket.waitForClose()).toBe(WS_CLOSE.unauthorised.code);
  });

  test('is not made by a first request that comes after the deletion', async () => {
    await sendEvent(api, makeDeletedEvent(clerkId));
    expect((await api.http.get('/api/me').set(await asUser(clerkId))).status).toBe(401);
    expect(await readUser(clerkId)).toBeNull();
  });

  test('is refused in the end whichever of deletion and first request comes first', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = `user_${randomUUID()}`;
      const headers = await asUser(id);
      await Promise.all([
        ...[1, 2, 3].map(() => api.http.get('/api/me').set(headers)),
        sendEvent(api, makeDeletedEvent(id)),
      ]);
      expect((await api.http.get('/api/me').set(headers)).status).toBe(401);
      const user = await readUser(id);
      if (user) expect(user.deletedAt).not.toBeNull();
    }
  });

  test('has all meetings hidden at once and their deletion under way', async () => {
    const userId = await findOrMakeUser(api.db, clerkId);
    const ids: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      ids.push((await insertMeeting(api.db, { userId })).meetingId);
    }
    await sendEvent(api, makeDeletedEvent(clerkId));
    const meetings = await api.db.prisma.meeting.findMany({ where: { userId } });
    expect(meetings.map((each) => each.deletedAt !== null)).toEqual([true, true, true]);
    const receipts = { where: { meetingId: { in: ids } } };
    expect(await api.db.prisma.deletionReceipt.count(receipts)).toBe(3);
    expect(api.temporal.userDeletions).toContain(userId);
  });

  test('is marked as deleted also while Temporal is down', async () => {
    const userId = await findOrMakeUser(api.db, clerkId);
    api.temporal.mood = 'down';
    const { status } = await sendEvent(api, makeDeletedEvent(clerkId));
    api.temporal.mood = 'answers';
    expect(status).toBe(200);
    const user = await api.db.prisma.user.findUniqueOrThrow({ where: { id: userId } });
    expect(user.deletedAt).not.toBeNull();
    expect(api.temporal.userDeletions).not.toContain(userId);
  });
});

describe('DELETE /api/me', () => {
  test('deletes the user who asks, for good', async () => {
    const headers = await asUser(clerkId);
    const { body: me } = await api.http.get('/api/me').set(headers);
    await insertMeeting(api.db, { userId: me.id });
    const { status, body } = await api.http.delete('/api/me').set(headers);
    expect([status, body.id]).toEqual([202, me.id]);
    expect(body.workflowUrl).toContain(`user-deletion-${me.id}`);
    expect(api.temporal.userDeletions).toContain(me.id);
    expect((await api.http.get('/api/me').set(headers)).status).toBe(401);
    const { body: event } = await sendEvent(api, makeUserEvent('user.updated', clerkId, { at: 9 }));
    expect(event.outcome).toBe('deleted');
  });
});
