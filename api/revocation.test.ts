import { randomUUID } from 'node:crypto';
import { createMemoryDoorbell } from '../test/factories';
import { makeSessionToken, startTestApi, TestSocket, type TestApi } from '../test/api-server';
import { TestMcpClient } from '../test/mcp-client';
import { insertMeeting } from '../test/records';

const ADMIN_KEY = 'an admin key of the tests that is long enough';

/** Who looks by themselves does so long after the test: only a ring can have told. */
const limits = { lookIntervalMs: 600_000 };

let api: TestApi;
let replica: TestApi;
let session: Record<string, string>;
let userId: number;
let meetingId: number;
let key: { id: number; key: string };
const sockets: TestSocket[] = [];
beforeAll(async () => {
  const doorbell = createMemoryDoorbell();
  const settings = { ADMIN_API_KEYS: ADMIN_KEY };
  api = await startTestApi({ doorbell, limits, settings });
  replica = await startTestApi({ doorbell, limits, databaseUrl: api.databaseUrl });
});
afterAll(async () => {
  await replica.close();
  await api.close();
});
beforeEach(async () => {
  session = { authorization: `Bearer ${await makeSessionToken({ sub: `user_${randomUUID()}` })}` };
  ({
    body: { id: userId },
  } = await api.http.get('/api/me').set(session));
  ({ meetingId } = await insertMeeting(api.db, { userId }));
  const { body } = await api.http
    .post('/api/api-keys')
    .set(session)
    .send({ name: 'program', scopes: ['meetings:read', 'transcripts:read'] });
  key = body;
});
afterEach(() => {
  for (const each of sockets.splice(0)) each.socket.terminate();
});

type End = () => Promise<{ status: number }>;
const ENDS: Record<string, End> = {
  'its key is revoked': async () => api.http.delete(`/api/api-keys/${key.id}`).set(session),
  'its user is disabled': async () =>
    api.http
      .patch(`/api/admin/users/${userId}`)
      .set('x-api-key', ADMIN_KEY)
      .send({ disabled: true }),
  'its user is deleted': async () => api.http.delete('/api/me').set(session),
};

async function openSocket(): Promise<TestSocket> {
  const socket = await TestSocket.open(replica.url, key.key);
  sockets.push(socket);
  return socket;
}

async function untilWaiting(count: number): Promise<void> {
  for (;;) {
    const { values } = await replica.server.metrics.waitingReads.get();
    if (values[0]?.value === count) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe.each(Object.keys(ENDS))('on another replica, at once when %s,', (name) => {
  const end = async (): Promise<void> => {
    expect((await ENDS[name]?.())?.status).toBeLessThan(300);
  };

  test('a WebSocket is closed, and that of somebody else is not', async () => {
    const other = await TestSocket.open(replica.url, await makeSessionToken());
    sockets.push(other);
    const socket = await openSocket();
    await end();
    expect(await socket.waitForClose()).toBe(4410);
    other.send({ type: 'ping' });
    await other.waitFor((frame) => frame.type === 'pong');
  });

  test('an MCP stream is closed', async () => {
    const agent = await TestMcpClient.connect(replica.url, { 'x-api-key': key.key });
    await agent.waitForStream();
    const closed = new Promise<void>((resolve) => (agent.transport.onerror = () => resolve()));
    await end();
    await closed;
    await agent.close();
  });

  test.each(['transcription', 'events', 'all events'])(
    'a read that waits for %s is told nothing',
    async (what) => {
      const path = what === 'all events' ? '/api/events' : `/api/meetings/${meetingId}/${what}`;
      const waiting = replica.http
        .get(`${path}?wait=1`)
        .set('x-api-key', key.key)
        .then((answer) => answer);
      await untilWaiting(1);
      await end();
      const { status, body } = await waiting;
      expect([status, body.error.code]).toEqual([401, 'unauthenticated']);
    },
  );
});
