import { randomUUID } from 'node:crypto';
import { SCOPES, type Scope } from '../../domain/scopes';
import { findOrMakeUser } from '../../infra/database/users';
import { makeSessionToken, PRACTICE_ROOM, startTestApi, type TestApi } from '../../test/api-server';
import { TestMcpClient, textOf } from '../../test/mcp-client';
import { insertMeeting } from '../../test/records';
import { OPERATIONS } from '../operations/all';
import { TOOLS } from './mcp-server';

let api: TestApi;
let sub: string;
let session: Record<string, string>;
let userId: number;
let client: TestMcpClient;
const clients: TestMcpClient[] = [];

async function connect(headers: Record<string, string>): Promise<TestMcpClient> {
  const made = await TestMcpClient.connect(api.url, headers);
  clients.push(made);
  return made;
}

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  sub = `user_${randomUUID()}`;
  session = { authorization: `Bearer ${await makeSessionToken({ sub })}` };
  userId = await findOrMakeUser(api.db, sub);
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
  return connect({ authorization: `Bearer ${body.key}` });
}

const link = `${PRACTICE_ROOM}/r/standup`;
const start = () => client.get('start_bot', { link });

describe('whose and by what key', () => {
  /** Arguments with which each tool would reach the meeting. */
  const argsFor = (name: string, meetingId: number): object | null => {
    const ofNoMeeting = [
      'parse_link',
      'list_meetings',
      'find_meetings',
      'list_schedules',
      'schedule_meetings',
      'search',
    ];
    if (ofNoMeeting.includes(name)) return null;
    const text = ['speak', 'send_chat'].includes(name) ? { text: 'Hi' } : {};
    return { meetingId, ...text };
  };

  test('no tool reaches somebody else’s meeting, and none tells that it exists', async () => {
    const { meetingId } = await insertMeeting(api.db);
    for (const { name } of TOOLS) {
      const args = argsFor(name, meetingId);
      if (!args) continue;
      const { code } = await client.refusal(name, args);
      expect([name, code]).toEqual([name, 'meeting_not_found']);
    }
    expect(await client.get('list_meetings')).toMatchObject({ meetings: [] });
  });

  test('each tool needs the scope of its REST twin, and no other', async () => {
    const { meetingId } = await insertMeeting(api.db, { userId });
    for (const { name, twin } of TOOLS) {
      const needed = twin.access as Scope;
      const others = (Object.keys(SCOPES) as Scope[]).filter((scope) => scope !== needed);
      const args = argsFor(name, meetingId) ?? {};
      const { code } = await (await connectByKey(others)).refusal(name, args);
      expect([name, code]).toEqual([name, 'scope_missing']);
      const result = await (await connectByKey([needed])).call(name, args);
      expect(textOf(result)).not.toContain('scope_missing');
    }
  });

  test('start_bot makes no meeting with a key that may only send bots', async () => {
    const byKey = await connectByKey(['bots']);
    expect((await byKey.refusal('start_bot', { link })).code).toBe('scope_missing');
    expect(await client.get('list_meetings')).toMatchObject({ meetings: [] });
  });

  test('every route a tool stands for asks for a scope', () => {
    for (const { name, twin } of TOOLS) {
      expect([name, Object.keys(SCOPES).includes(twin.access)]).toEqual([name, true]);
      expect(Object.values(OPERATIONS)).toContain(twin);
    }
  });
});

describe('the rate limit of work that costs', () => {
  test('holds for tools as for their REST twins', async () => {
    const limited = await startTestApi({
      databaseUrl: api.databaseUrl,
      settings: { RATE_LIMIT_COSTLY: '2' },
    });
    const { meetingId } = await insertMeeting(api.db, { userId });
    const agent = await TestMcpClient.connect(limited.url, session);
    await agent.get('start_bot', { meetingId });
    await limited.http.post(`/api/meetings/${meetingId}/start-bot`).set(session);
    expect((await agent.refusal('start_bot', { meetingId })).code).toBe('rate_limited');
    await agent.get('get_meeting', { meetingId });
    await agent.close();
    await limited.close();
  });
});

describe('the audit log', () => {
  const readEntries = () =>
    api.db.prisma.auditEntry.findMany({ where: { actorId: sub }, orderBy: { id: 'asc' } });

  test('says what tools changed, as for their REST twins, and of which meeting', async () => {
    const { meeting } = (await start()) as unknown as { meeting: { id: number } };
    await client.get('send_chat', { meetingId: meeting.id, text: 'Top secret' });
    await client.refusal('stop_bot', { meetingId: 2_000_000_000 });
    const entries = await readEntries();
    expect(entries).toMatchObject([
      { action: 'bot.started', meetingId: meeting.id, status: 200, actorKind: 'session' },
      { action: 'meeting.created', meetingId: meeting.id, status: 200 },
      { action: 'bot.chatted', meetingId: meeting.id, status: 200 },
      { action: 'bot.stopped', meetingId: 2_000_000_000, status: 404 },
    ]);
    expect(JSON.stringify(entries)).not.toContain('secret');
  });

  test('says nothing of tools that only read', async () => {
    await client.get('list_meetings');
    expect(await readEntries()).toEqual([]);
  });
});
