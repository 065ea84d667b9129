import { randomUUID } from 'node:crypto';
import type { Scope } from '../../domain/scopes';
import { completeChunk, insertChunk } from '../../infra/database/chunks';
import { appendEvent } from '../../infra/database/events';
import { markMeetingDeleted, projectMeeting } from '../../infra/database/meetings';
import { findOrMakeUser } from '../../infra/database/users';
import { makeSessionToken, startTestApi, type TestApi } from '../../test/api-server';
import { TestMcpClient } from '../../test/mcp-client';
import { insertAttempt, insertMeeting, makeChunk } from '../../test/records';

let api: TestApi;
let session: Record<string, string>;
let userId: number;
let meetingId: number;
let live: string;
let client: TestMcpClient;
const clients: TestMcpClient[] = [];

async function connect(headers: Record<string, string>): Promise<TestMcpClient> {
  const made = await TestMcpClient.connect(api.url, headers);
  clients.push(made);
  return made;
}

beforeAll(async () => {
  api = await startTestApi({ limits: { lookIntervalMs: 50 } });
});
afterAll(() => api.close());
beforeEach(async () => {
  const sub = `user_${randomUUID()}`;
  session = { authorization: `Bearer ${await makeSessionToken({ sub })}` };
  userId = await findOrMakeUser(api.db, sub);
  meetingId = (await insertMeeting(api.db, { userId, title: 'Standup' })).meetingId;
  live = `transcript://${meetingId}/live`;
  client = await connect(session);
});
afterEach(async () => {
  for (const each of clients.splice(0)) await each.close();
});

async function connectByKey(scopes: Scope[]): Promise<TestMcpClient> {
  const { body } = await api.http
    .post('/api/api-keys')
    .set(session)
    .send({ name: 'agent', scopes });
  return connect({ 'x-api-key': body.key });
}

/** Has something said, and rings as the pipeline does. */
async function say(text: string): Promise<void> {
  const attempt = await insertAttempt(api.db, meetingId);
  const chunk = await insertChunk(api.db, makeChunk(attempt));
  if (chunk.kind !== 'accepted') throw new Error(`Expected an accepted chunk, got ${chunk.kind}`);
  const segment = { startMs: 0, endMs: 9, text, language: 'en', confidence: 0.9, words: [] };
  const done = { chunkId: chunk.chunkId, version: 1, segments: [segment], dropped: {} };
  await completeChunk(api.db, done);
  api.bell.ring('meeting', meetingId);
}

async function read(uri: string): Promise<string> {
  const { contents } = await client.client.readResource({ uri });
  const [first] = contents;
  if (!first || !('text' in first)) throw new Error('Expected a text');
  return first.text;
}

describe('resources', () => {
  test('are the meetings, and the live transcripts of those that go on', async () => {
    const { resourceTemplates } = await client.client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'meeting://{meetingId}',
      'transcript://{meetingId}/live',
    ]);
    const urisOf = async () =>
      (await client.client.listResources()).resources.map(({ uri }) => uri);
    await projectMeeting(api.db, { meetingId, decidedAtMs: Date.now(), status: 'live' });
    expect(await urisOf()).toEqual([`meeting://${meetingId}`, live]);
    await projectMeeting(api.db, { meetingId, decidedAtMs: Date.now(), status: 'completed' });
    expect(await urisOf()).toEqual([`meeting://${meetingId}`]);
  });

  test('give a meeting as JSON and a live transcript as text marked as data', async () => {
    await say('hello');
    expect(JSON.parse(await read(`meeting://${meetingId}`))).toMatchObject({
      meeting: { id: meetingId, title: 'Standup' },
      attempts: [{ attempt: 1 }],
    });
    expect(await read(live)).toMatch(/^What follows is data[^]*\[0:00:00\] Speaker \d+: hello$/);
  });

  test('give only the end of a long transcript', async () => {
    for (let index = 0; index < 102; index += 1) await say(`sentence ${index}`);
    const lines = (await read(live)).split('\n').filter((line) => line.startsWith('['));
    expect(lines).toHaveLength(100);
    expect(lines.join('\n')).not.toMatch(/sentence [01]$/m);
    expect(lines.join('\n')).toMatch(/sentence 101$/m);
  });

  test.each(['meeting://0', 'meeting://x', 'transcript://1', 'file:///etc/passwd'])(
    'are not %s',
    async (uri) => {
      await expect(read(uri)).rejects.toMatchObject({ code: -32002 });
    },
  );

  test('of others do not exist, to read or to follow', async () => {
    const { meetingId: others } = await insertMeeting(api.db);
    for (const uri of [`meeting://${others}`, `transcript://${others}/live`]) {
      await expect(read(uri)).rejects.toMatchObject({
        code: -32002,
        data: { code: 'meeting_not_found' },
      });
    }
    const uri = `transcript://${others}/live`;
    await expect(client.client.subscribeResource({ uri })).rejects.toMatchObject({ code: -32002 });
  });

  test('need the scopes of their REST twins', async () => {
    const reader = await connectByKey(['meetings:read']);
    await reader.client.readResource({ uri: `meeting://${meetingId}` });
    const refused = { data: { code: 'scope_missing' } };
    await expect(reader.client.readResource({ uri: live })).rejects.toMatchObject(refused);
    await expect(reader.client.subscribeResource({ uri: live })).rejects.toMatchObject(refused);
    const listener = await connectByKey(['transcripts:read']);
    await listener.client.readResource({ uri: live });
    await expect(listener.client.listResources()).rejects.toMatchObject(refused);
  });
});

describe('a subscription', () => {
  test('tells of new segments and of nothing else', async () => {
    await client.waitForStream();
    await client.client.subscribeResource({ uri: live });
    await appendEvent(api.db, meetingId, { body: { type: 'chat.message', from: null, text: 'x' } });
    api.bell.ring('meeting', meetingId);
    await say('hello');
    await client.waitFor(() => client.updated.length > 0);
    expect(client.updated).toEqual([live]);
    expect(await read(live)).toContain('hello');
  });

  test('tells of many segments at once in one notice', async () => {
    await client.waitForStream();
    await client.client.subscribeResource({ uri: live });
    api.bell.isDown = true;
    for (const text of ['one', 'two', 'three']) await say(text);
    await client.waitFor(() => client.updated.length > 0);
    api.bell.isDown = false;
    expect(client.updated.length).toBeLessThan(3);
  });

  test('tells after its end nothing more', async () => {
    const other = (await insertMeeting(api.db, { userId })).meetingId;
    await client.waitForStream();
    await client.client.subscribeResource({ uri: live });
    await client.client.subscribeResource({ uri: `transcript://${other}/live` });
    await client.client.unsubscribeResource({ uri: live });
    await say('not told');
    meetingId = other;
    await say('told');
    await client.waitFor(() => client.updated.length > 0);
    expect(client.updated).toEqual([`transcript://${other}/live`]);
  });

  test('tells that the meeting is gone, so that its reader finds out', async () => {
    await client.waitForStream();
    await client.client.subscribeResource({ uri: live });
    await markMeetingDeleted(api.db, { meetingId, userId });
    await client.waitFor(() => client.updated.includes(live));
    await expect(read(live)).rejects.toMatchObject({ code: -32002 });
  });

  test('is to a live transcript only, and needs a session', async () => {
    const uri = `meeting://${meetingId}`;
    await expect(client.client.subscribeResource({ uri })).rejects.toThrow('live');
    const { body } = await api.http
      .post('/mcp')
      .set({ ...session, accept: 'application/json, text/event-stream' })
      .send({ jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: live } });
    expect(body.error.message).toContain('Mcp-Session-Id');
  });
});

describe('prompts', () => {
  test('are listed with their arguments', async () => {
    const { prompts } = await client.client.listPrompts();
    expect(
      prompts.map(({ name, arguments: args }) => [
        name,
        args?.map(({ name: arg, required }) => `${arg}${required ? '' : '?'}`),
      ]),
    ).toEqual([
      ['prepare_meeting', ['title', 'goal?']],
      ['during_meeting', ['meetingId', 'watchFor?']],
      ['after_meeting', ['meetingId', 'audience?']],
    ]);
  });

  test('are filled in with what they are given', async () => {
    const make = async (name: string, args: Record<string, string>) =>
      JSON.stringify(await client.client.getPrompt({ name, arguments: args }));
    expect(await make('prepare_meeting', { title: 'Budget', goal: 'decide' })).toMatch(
      /Budget.*decide.*find_meetings/,
    );
    expect(await make('during_meeting', { meetingId: '12' })).toContain('transcript://12/live');
    expect(await make('after_meeting', { meetingId: '12', audience: 'the board' })).toMatch(
      /meeting 12 for the board/,
    );
  });

  test.each([
    ['after_meeting', {}],
    ['after_meeting', { meetingId: 'x' }],
    ['during_meeting', { meetingId: '1', more: 'x' }],
    ['unknown', {}],
  ])('refuse %s with %j', async (name, args) => {
    const asked = client.client.getPrompt({ name, arguments: args });
    await expect(asked).rejects.toMatchObject({ code: -32602 });
  });
});
