import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { completeChunk, insertChunk } from '../../infra/database/chunks';
import { findOrMakeUser } from '../../infra/database/users';
import {
  makeSessionToken,
  startTestApi,
  WEB_ORIGIN,
  type TestApi,
  type TestApiOptions,
} from '../../test/api-server';
import { TestMcpClient } from '../../test/mcp-client';
import { insertAttempt, insertMeeting, makeChunk } from '../../test/records';

const ACCEPT = { accept: 'application/json, text/event-stream' };
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

let api: TestApi;
let session: Record<string, string>;
let userId: number;
let meetingId: number;
let live: string;
const clients: TestMcpClient[] = [];
const servers: TestApi[] = [];

async function connect(headers = session, on = api): Promise<TestMcpClient> {
  const made = await TestMcpClient.connect(on.url, headers);
  clients.push(made);
  return made;
}

/** Another process on the same database. */
async function startReplica(limits: TestApiOptions['limits'] = {}): Promise<TestApi> {
  const replica = await startTestApi({ databaseUrl: api.databaseUrl, limits });
  servers.push(replica);
  return replica;
}

beforeAll(async () => {
  api = await startTestApi({ limits: { lookIntervalMs: 50 } });
});
afterAll(() => api.close());
beforeEach(async () => {
  const sub = `user_${randomUUID()}`;
  session = { authorization: `Bearer ${await makeSessionToken({ sub })}` };
  userId = await findOrMakeUser(api.db, sub);
  meetingId = (await insertMeeting(api.db, { userId })).meetingId;
  live = `transcript://${meetingId}/live`;
});
afterEach(async () => {
  for (const each of clients.splice(0)) await each.close();
  for (const each of servers.splice(0)) await each.close();
});

async function say(text: string, on = api): Promise<void> {
  const attempt = await insertAttempt(api.db, meetingId);
  const chunk = await insertChunk(api.db, makeChunk(attempt));
  if (chunk.kind !== 'accepted') throw new Error(`Expected an accepted chunk, got ${chunk.kind}`);
  const segment = { startMs: 0, endMs: 9, text, language: 'en', confidence: 0.9, words: [] };
  const done = { chunkId: chunk.chunkId, version: 1, segments: [segment], dropped: {} };
  await completeChunk(api.db, done);
  on.bell.ring('meeting', meetingId);
}

const post = (headers: Record<string, string>, body: object = LIST, on = api) =>
  on.http
    .post('/mcp')
    .set({ ...ACCEPT, ...headers })
    .send(body);
const idOf = (client: TestMcpClient) => ({ 'mcp-session-id': client.transport.sessionId ?? '' });
const codeOf = async (answer: ReturnType<typeof post>) => {
  const { status, body } = await answer;
  return [status, body.error?.code];
};
/** A session whose client opens no stream. */
async function startSession(on: TestApi): Promise<Record<string, string>> {
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  };
  const { headers } = await post(session, { ...LIST, method: 'initialize', params }, on);
  return { 'mcp-session-id': String(headers['mcp-session-id']) };
}

async function waitForFollowers(on: TestApi, count: number): Promise<void> {
  for (;;) {
    const { values } = await on.server.metrics.followers.get();
    if (values[0]?.value === count) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const GONE = [404, 'mcp_session_not_found'];

describe('a session', () => {
  test('is its principal’s alone: to others it does not exist', async () => {
    const client = await connect();
    const stranger = { authorization: `Bearer ${await makeSessionToken()}` };
    const { body: key } = await api.http
      .post('/api/api-keys')
      .set(session)
      .send({ name: 'agent', scopes: ['meetings:read'] });
    for (const other of [stranger, { 'x-api-key': key.key }]) {
      const headers = { ...other, ...idOf(client) };
      expect(await codeOf(post(headers))).toEqual(GONE);
      expect((await api.http.delete('/mcp').set(headers)).status).toBe(404);
      const stream = await api.http.get('/mcp').set({ ...headers, ...ACCEPT });
      expect(stream.status).toBe(404);
    }
    expect((await post({ ...session, ...idOf(client) })).status).toBe(200);
  });

  test('is ended by its client', async () => {
    const client = await connect();
    const id = idOf(client);
    await client.transport.terminateSession();
    expect(await codeOf(post({ ...session, ...id }))).toEqual(GONE);
  });

  test('is unknown to another replica, whose client starts anew', async () => {
    const client = await connect();
    const replica = await startReplica();
    const answer = post({ ...session, ...idOf(client) }, LIST, replica);
    expect(await codeOf(answer)).toEqual(GONE);
    const again = await connect(session, replica);
    expect((await again.client.listTools()).tools.length).toBeGreaterThan(0);
  });

  test('ends when nobody uses it, but not while a stream is open', async () => {
    const replica = await startReplica({ lookIntervalMs: 10, mcpIdleMs: 1_000 });
    const open = await connect(session, replica);
    await open.waitForStream();
    await open.client.subscribeResource({ uri: live });
    const idle = await startSession(replica);
    const message = { ...LIST, method: 'resources/subscribe', params: { uri: live } };
    expect((await post({ ...session, ...idle }, message, replica)).status).toBe(200);
    await waitForFollowers(replica, 1);
    expect(await codeOf(post({ ...session, ...idle }, LIST, replica))).toEqual(GONE);
    expect((await post({ ...session, ...idOf(open) }, LIST, replica)).status).toBe(200);
  });

  test('gives way when its user opens more than one may', async () => {
    const replica = await startReplica({ mcpSessionsPerUser: 2 });
    const first = await startSession(replica);
    const second = await startSession(replica);
    const stranger = { authorization: `Bearer ${await makeSessionToken()}` };
    await connect(stranger, replica);
    expect((await post({ ...session, ...first }, LIST, replica)).status).toBe(200);
    const third = await startSession(replica);
    expect(await codeOf(post({ ...session, ...second }, LIST, replica))).toEqual(GONE);
    for (const kept of [first, third]) {
      expect((await post({ ...session, ...kept }, LIST, replica)).status).toBe(200);
    }
  });

  test('ends with its API key', async () => {
    const { body: key } = await api.http
      .post('/api/api-keys')
      .set(session)
      .send({ name: 'agent', scopes: ['transcripts:read'] });
    const client = await connect({ 'x-api-key': key.key });
    await client.waitForStream();
    const closed = new Promise<void>((resolve) => (client.transport.onerror = () => resolve()));
    await api.http.delete(`/api/api-keys/${key.id}`).set(session);
    expect((await post({ 'x-api-key': key.key, ...idOf(client) })).status).toBe(401);
    await closed;
  });

  describe.each(['disabled_at', 'deleted_at'])('of a user with %s', (column) => {
    test.each(['session', 'key'])('ends, also when it was opened by a %s', async (kind) => {
      const { body } = await api.http
        .post('/api/api-keys')
        .set(session)
        .send({ name: 'agent', scopes: ['transcripts:read'] });
      const client = await connect(kind === 'key' ? { 'x-api-key': body.key } : session);
      await client.waitForStream();
      await client.client.subscribeResource({ uri: live });
      await waitForFollowers(api, 1);
      const closed = new Promise<void>((resolve) => (client.transport.onerror = () => resolve()));
      await api.db.query(`UPDATE users SET ${column} = now() WHERE id = $1`, [userId]);
      await closed;
      await waitForFollowers(api, 0);
    });
  });

  test('takes no more subscriptions than it may', async () => {
    const replica = await startReplica({ subscriptionsPerSocket: 1 });
    const client = await connect(session, replica);
    await client.client.subscribeResource({ uri: live });
    await client.client.subscribeResource({ uri: live });
    const { meetingId: other } = await insertMeeting(api.db, { userId });
    const uri = `transcript://${other}/live`;
    await expect(client.client.subscribeResource({ uri })).rejects.toThrow('at most 1');
    await client.client.unsubscribeResource({ uri: live });
    await client.client.subscribeResource({ uri });
  });
});

describe('a stream', () => {
  test('tells what changed while it was away', async () => {
    const client = await connect();
    await client.waitForStream();
    await client.client.subscribeResource({ uri: live });
    const headers = { ...session, ...idOf(client) };
    await client.close();
    await say('unheard');
    const again = await fetch(`${api.url}/mcp`, { headers: { ...headers, ...ACCEPT } });
    const reader = again.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('notifications/resources/updated')) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) throw new Error(`Expected a notice, got the end: ${text}`);
      text += chunk.value;
    }
    expect(text).toContain(live);
    await reader?.cancel();
  });

  test('gives way to a newer one of the same session', async () => {
    const client = await connect();
    await client.waitForStream();
    const headers = { ...session, ...idOf(client), ...ACCEPT };
    const first = await fetch(`${api.url}/mcp`, { headers });
    const second = await fetch(`${api.url}/mcp`, { headers });
    expect(await first.text()).toBe('');
    await second.body?.cancel();
  });

  test('is opened anew, with the token shown again, after its time', async () => {
    const replica = await startReplica({ mcpStreamMs: 30 });
    const client = await connect(session, replica);
    await client.waitFor(() => client.streams >= 3);
    await client.client.subscribeResource({ uri: live });
    await say('hello', replica);
    await client.waitFor(() => client.updated.includes(live));
  });

  test('leaves its session’s subscriptions until the session ends', async () => {
    const replica = await startReplica();
    const client = await connect(session, replica);
    await client.waitForStream();
    await client.client.subscribeResource({ uri: live });
    const id = idOf(client);
    await client.close();
    await say('nobody hears it', replica);
    await waitForFollowers(replica, 1);
    await replica.http.delete('/mcp').set({ ...session, ...id });
    await waitForFollowers(replica, 0);
  });
});

describe('a server that shuts down', () => {
  test('ends streams and answers who waits', async () => {
    const replica = await startTestApi({ databaseUrl: api.databaseUrl });
    const client = await connect(session, replica);
    await client.waitForStream();
    await client.client.subscribeResource({ uri: live });
    const waiting = client.get('read_transcript', { meetingId, waitSeconds: 25 });
    await waitForFollowers(replica, 2);
    const drained = replica.server.drain(120_000);
    expect(await waiting).toMatchObject({ segments: [] });
    await drained;
    await replica.close();
  });

  test('leaves clients that reconnect to the next one with an error they know', async () => {
    const first = await startTestApi({ databaseUrl: api.databaseUrl });
    const { port } = new URL(first.url);
    const client = await connect(session, first);
    const id = idOf(client);
    await first.close();
    const next = await startReplica();
    expect(new URL(next.url).port).not.toBe(port);
    expect(await codeOf(post({ ...session, ...id }, LIST, next))).toEqual(GONE);
    const again = await connect(session, next);
    await again.waitForStream();
    await again.client.subscribeResource({ uri: live });
    await say('hello again', next);
    await again.waitFor(() => again.updated.includes(live));
  });
});

describe('/mcp', () => {
  test('asks for a bearer token, and leads nobody to an OAuth flow unless it is set up', async () => {
    const { status, headers } = await post({});
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer']);
    for (const path of ['', '/mcp']) {
      const metadata = await api.http.get(`/.well-known/oauth-protected-resource${path}`);
      expect(metadata.status).toBe(404);
    }
  });

  test.each(['post', 'get', 'delete'] as const)(
    'refuses to %s for pages of other origins',
    async (method) => {
      const { status } = await api.http[method]('/mcp').set({
        ...session,
        ...ACCEPT,
        origin: 'https://evil.example',
      });
      expect(status).toBe(403);
    },
  );

  test('lets the web UI’s pages in', async () => {
    const { status, headers } = await post({ ...session, origin: WEB_ORIGIN });
    expect([status, headers['access-control-allow-origin']]).toEqual([200, WEB_ORIGIN]);
    expect(headers['access-control-expose-headers']).toContain('Mcp-Session-Id');
  });

  test('takes no session cookie', async () => {
    const cookie = `__session=${session['authorization']?.slice('Bearer '.length)}`;
    expect((await post({ cookie, origin: WEB_ORIGIN })).status).toBe(401);
  });

  test.each<{ what: string; body: object; headers: Record<string, string>; status: number }>([
    { what: 'no JSON-RPC', body: { hello: 1 }, headers: {}, status: 400 },
    { what: 'a batch', body: [LIST, LIST], headers: {}, status: 400 },
    {
      what: 'an unknown protocol version',
      body: LIST,
      headers: { 'mcp-protocol-version': '1999-01-01' },
      status: 400,
    },
    {
      what: 'an Accept without streams',
      body: LIST,
      headers: { accept: 'application/json' },
      status: 406,
    },
  ])('refuses $what', async ({ body, headers, status }) => {
    const answer = await post({ ...session, ...headers }, body);
    expect([answer.status, typeof answer.body.error.code]).toEqual([status, 'string']);
  });

  test('refuses what is not JSON at all', async () => {
    const { status } = await api.http
      .post('/mcp')
      .set({ ...session, ...ACCEPT, 'content-type': 'text/plain' })
      .send('hello');
    expect(status).toBe(415);
  });

  test('asks for a session where one is needed', async () => {
    for (const method of ['get', 'delete'] as const) {
      const { status } = await api.http[method]('/mcp').set({ ...session, ...ACCEPT });
      expect(status).toBe(400);
    }
  });

  test('survives a client that hangs up in the middle of its wait', async () => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'read_transcript', arguments: { meetingId, waitSeconds: 25 } },
    });
    const replica = await startReplica();
    const { hostname, port } = new URL(replica.url);
    const socket = connectSocket(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: x\r\nAccept: ${ACCEPT.accept}\r\nContent-Type: application/json\r\nAuthorization: ${session['authorization']}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    await waitForFollowers(replica, 1);
    socket.destroy();
    await waitForFollowers(replica, 0);
    expect((await post(session, LIST, replica)).status).toBe(200);
  });
});
