import { randomUUID } from 'node:crypto';
import { findOrMakeUser } from '../../infra/database/users';
import {
  makeSessionToken,
  startTestApi,
  type TestApi,
  type TokenOptions,
} from '../../test/api-server';
import { TestMcpClient } from '../../test/mcp-client';
import { insertMeeting } from '../../test/records';

const API_URL = 'https://meetings.example.com';
const RESOURCE = `${API_URL}/mcp`;
const METADATA = `${API_URL}/.well-known/oauth-protected-resource/mcp`;

let api: TestApi;
let sub: string;
let meetingId: number;
beforeAll(async () => {
  const settings = { API_URL, MCP_OAUTH_SCOPES: 'meetings:read,transcripts:read' };
  api = await startTestApi({ settings });
});
afterAll(() => api.close());
beforeEach(async () => {
  sub = `user_${randomUUID()}`;
  const userId = await findOrMakeUser(api.db, sub);
  meetingId = (await insertMeeting(api.db, { userId, title: 'Standup' })).meetingId;
});

async function grant(options: TokenOptions = {}): Promise<Record<string, string>> {
  const scope = 'openid profile meetings:read transcripts:read';
  const claims = { client_id: 'client_1', scope, ...options.claims };
  const token = await makeSessionToken({ sub, typ: 'at+jwt', ...options, claims });
  return { authorization: `Bearer ${token}` };
}

const ask = (headers: Record<string, string>) =>
  api.http
    .post('/mcp')
    .set({ accept: 'application/json, text/event-stream', ...headers })
    .send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

describe('an OAuth access token of Clerk', () => {
  test.each(['', '/mcp'])('is asked for at the place that %s metadata name', async (path) => {
    const refused = await ask({});
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toBe(
      `Bearer resource_metadata="${METADATA}", scope="meetings:read transcripts:read"`,
    );
    const { body } = await api.http.get(`/.well-known/oauth-protected-resource${path}`);
    expect(body).toMatchObject({
      resource: RESOURCE,
      authorization_servers: ['https://clerk.example.com'],
      scopes_supported: ['meetings:read', 'transcripts:read'],
    });
    const elsewhere = await api.http.get('/api/meetings');
    expect(elsewhere.headers['www-authenticate']).toBe('Bearer');
  });

  test.each([{}, { aud: RESOURCE }, { aud: ['https://other.example', RESOURCE] }])(
    'lets a program read, with claims %j, and do nothing that is not in the setting',
    async (claims) => {
      const agent = await TestMcpClient.connect(api.url, await grant({ claims }));
      await agent.get('read_transcript', { meetingId });
      expect((await agent.refusal('stop_bot', { meetingId })).code).toBe('scope_missing');
      await agent.close();
      const entries = await api.db.prisma.auditEntry.findMany({ where: { actorId: sub } });
      expect(entries).toMatchObject([{ actorKind: 'oauth', action: 'transcript.read', meetingId }]);
    },
  );

  test('may only what of our scopes it names', async () => {
    const claims = { scope: 'openid meetings:read bots' };
    const agent = await TestMcpClient.connect(api.url, await grant({ claims }));
    await agent.get('get_meeting', { meetingId });
    expect((await agent.refusal('read_transcript', { meetingId })).code).toBe('scope_missing');
    expect((await agent.refusal('stop_bot', { meetingId })).code).toBe('scope_missing');
    await agent.close();
  });

  test.each([{ scope: 'openid profile email' }, { scope: undefined }])(
    'that names none of ours, as one for signing in elsewhere, may nothing: %j',
    async (claims) => {
      const agent = await TestMcpClient.connect(api.url, await grant({ claims }));
      expect((await agent.refusal('list_meetings')).code).toBe('scope_missing');
      expect((await agent.refusal('read_transcript', { meetingId })).code).toBe('scope_missing');
      await agent.close();
    },
  );

  test.each<[string, TokenOptions]>([
    ['for another resource', { claims: { aud: 'https://other.example/mcp' } }],
    ['of another issuer', { issuer: 'https://clerk.evil.example' }],
    ['that expired', { lifetimeSeconds: -60 }],
    ['of a machine', { sub: 'mch_1' }],
  ])('%s is refused', async (_what, options) => {
    expect((await ask(await grant(options))).status).toBe(401);
  });

  test('that was changed, or says that it needs no signature, is refused', async () => {
    const { authorization = '' } = await grant();
    const [head, , signature] = authorization.split('.');
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = encode({ sub, iss: 'https://clerk.example.com', exp: 9_999_999_999 });
    expect((await ask({ authorization: `${head}.${claims}.${signature}` })).status).toBe(401);
    const none = `Bearer ${encode({ alg: 'none', typ: 'at+jwt' })}.${claims}.`;
    expect((await ask({ authorization: none })).status).toBe(401);
  });

  test.each(['/api/meetings', '/api/me', '/api/events'])('is worth nothing on %s', async (path) => {
    expect((await api.http.get(path).set(await grant())).status).toBe(401);
  });

  test('of somebody who was deleted is refused', async () => {
    const headers = await grant();
    expect((await ask(headers)).status).toBe(200);
    await api.db.query('UPDATE users SET deleted_at = now() WHERE clerk_id = $1', [sub]);
    expect((await ask(headers)).status).toBe(401);
  });
});
