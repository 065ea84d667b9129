import { randomUUID } from 'node:crypto';
import { beginAnalysis } from '../../infra/database/analyses';
import { findOrMakeUser } from '../../infra/database/users';
import { makeSessionToken, startTestApi, TestSocket, type TestApi } from '../../test/api-server';
import { TestMcpClient } from '../../test/mcp-client';
import { insertMeeting } from '../../test/records';
import { OPERATIONS } from '../operations/all';

let api: TestApi;
let replica: TestApi;
let sub: string;
let token: string;
let userId: number;
let meetingId: number;
beforeAll(async () => {
  const settings = { TRUST_PROXY: '1' };
  api = await startTestApi({ settings });
  replica = await startTestApi({ settings, databaseUrl: api.databaseUrl });
});
afterAll(async () => {
  await replica.close();
  await api.close();
});
beforeEach(async () => {
  sub = `user_${randomUUID()}`;
  token = await makeSessionToken({ sub });
  userId = await findOrMakeUser(api.db, sub);
  meetingId = (await insertMeeting(api.db, { userId })).meetingId;
});

const read = (path: string, on = api, headers: Record<string, string> = {}) =>
  on.http.get(path).set({ authorization: `Bearer ${token}`, ...headers });

/** The entries about this test's meeting's owner once each has its status. */
async function listEntries(where: { actorId?: string; userId?: number } = { actorId: sub }) {
  for (;;) {
    const entries = await api.db.prisma.auditEntry.findMany({ where, orderBy: { id: 'asc' } });
    if (entries.every(({ status }) => status !== null)) return entries;
  }
}

test('every route that shows what was said has a name in the audit log', () => {
  const reading = Object.values(OPERATIONS).filter(({ access }) => access === 'transcripts:read');
  expect(reading.length).toBeGreaterThan(6);
  expect(reading.filter(({ audit }) => audit === undefined)).toEqual([]);
});

describe('reading', () => {
  test.each([
    ['transcription', 'transcript.read', 200],
    ['events', 'events.read', 200],
    ['analysis', 'analysis.read', 404],
    ['recording', 'recording.read', 404],
    ['attempts/1/evidence/page.html', 'evidence.read', 404],
  ])('a meeting’s %s is in the audit log', async (path, action, status) => {
    await read(`/api/meetings/${meetingId}/${path}`);
    expect(await listEntries()).toMatchObject([
      { action, status, meetingId, userId, actorKind: 'session', address: expect.any(String) },
    ]);
  });

  test.each([
    ['/api/search?q=budget', 'transcripts.searched'],
    ['/api/events', 'events.read'],
  ])('all meetings by %s is, and nothing of what was asked', async (path, action) => {
    await read(path);
    const entries = await listEntries();
    expect(entries).toMatchObject([{ action, status: 200, meetingId: null, userId }]);
    expect(JSON.stringify(entries)).not.toContain('budget');
  });

  test('over /ws is, also when it is refused', async () => {
    const { meetingId: foreign } = await insertMeeting(api.db);
    const socket = await TestSocket.open(api.url, token);
    socket.send({ type: 'subscribe', meetingId });
    await socket.waitFor((frame) => frame.type === 'subscribed');
    socket.send({ type: 'subscribe', meetingId: foreign });
    await socket.waitFor((frame) => frame.type === 'error');
    socket.socket.terminate();
    expect(await listEntries()).toMatchObject([
      { action: 'events.read', meetingId, status: 200, actorKind: 'session' },
      { action: 'events.read', meetingId: foreign, status: 404 },
    ]);
  });

  test('by an agent is, under the name of the REST route', async () => {
    const agent = await TestMcpClient.connect(api.url, { authorization: `Bearer ${token}` });
    await agent.get('read_transcript', { meetingId });
    await agent.client.readResource({ uri: `transcript://${meetingId}/live` });
    await agent.get('search', { query: 'budget' });
    await agent.close();
    expect(await listEntries()).toMatchObject([
      { action: 'transcript.read', meetingId, status: 200 },
      { action: 'transcripts.searched', meetingId: null, status: 200 },
    ]);
  });

  test('again and again within an hour has one entry on all replicas', async () => {
    const asks = Array.from({ length: 10 }, (_, index) =>
      read(`/api/meetings/${meetingId}/transcription`, index % 2 ? api : replica),
    );
    const answers = await Promise.all(asks);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await read(`/api/meetings/${meetingId}/transcription`, replica);
    expect(await listEntries()).toHaveLength(1);
  });

  test('has an entry of its own per hour, caller, address and meeting', async () => {
    const path = `/api/meetings/${meetingId}/transcription`;
    await read(path);
    await api.db.query(`UPDATE audit_entries SET at = at - interval '1 hour',
      reading_hash = sha256(reading_hash) WHERE actor_id = '${sub}'`);
    await read(path, replica);
    await read(path, api, { 'x-forwarded-for': '203.0.113.7' });
    const other = (await insertMeeting(api.db, { userId })).meetingId;
    await read(`/api/meetings/${other}/transcription`);
    const { body: key } = await api.http
      .post('/api/api-keys')
      .set({ authorization: `Bearer ${token}` })
      .send({ name: 'reader', scopes: ['transcripts:read'] });
    await api.http.get(path).set('x-api-key', key.key);
    const entries = await listEntries({ userId });
    const readings = entries.filter(({ action }) => action === 'transcript.read');
    expect(readings.map((each) => [each.actorKind, each.meetingId, each.address])).toEqual([
      ['session', meetingId, expect.stringContaining('127.0.0.1')],
      ['session', meetingId, expect.stringContaining('127.0.0.1')],
      ['session', meetingId, '203.0.113.7'],
      ['session', other, expect.stringContaining('127.0.0.1')],
      ['api_key', meetingId, expect.stringContaining('127.0.0.1')],
    ]);
  });

  test('that was refused at first and allowed later is told as allowed', async () => {
    const path = `/api/meetings/${meetingId}/analysis`;
    expect((await read(path)).status).toBe(404);
    expect(await listEntries()).toMatchObject([{ status: 404 }]);
    await beginAnalysis(api.db, meetingId);
    expect((await read(path, replica)).status).toBe(200);
    let entries = await listEntries();
    while (entries[0]?.status !== 200) entries = await listEntries();
    expect(entries).toHaveLength(1);
    expect((await read('/api/meetings/2000000000/analysis')).status).toBe(404);
    expect((await listEntries())[1]).toMatchObject({ meetingId: 2_000_000_000, status: 404 });
  });

  test('is refused while it cannot be written down', async () => {
    await api.postgres.cut();
    const { status } = await read(`/api/meetings/${meetingId}/transcription`);
    await api.postgres.mend();
    expect(status).toBe(503);
  });
});
