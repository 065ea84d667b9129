import { randomUUID } from 'node:crypto';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { startTestApi, type TestApi } from '../../test/api-server';
import { CLERK_ISSUER, ClerkOAuth, ClientMemory } from '../../test/clerk-oauth';
import { findOrMakeUser } from '../../infra/database/users';
import { insertMeeting } from '../../test/records';

const API_URL = 'https://meetings.example.com';
const SCOPES = ['meetings:read', 'transcripts:read'];

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ settings: { API_URL, MCP_OAUTH_SCOPES: SCOPES.join(',') } });
});
afterAll(() => api.close());

/** The network as the client sees it: our API, Clerk, and nothing else. */
function createNetwork(clerk: ClerkOAuth): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    if (url.origin === CLERK_ISSUER) return clerk.answer(url, init);
    if (url.origin !== API_URL) throw new TypeError(`Nobody answers at ${url.origin}`);
    return fetch(new URL(url.pathname + url.search, api.url), init);
  };
}

function openTransport(memory: ClientMemory, clerk: ClerkOAuth): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(new URL(`${API_URL}/mcp`), {
    authProvider: memory,
    fetch: createNetwork(clerk),
  });
}

const newClient = () => new Client({ name: 'test', version: '1' });

/** Tries to connect, as every client does first, and is sent to Clerk. */
async function askToBeLetIn(clerk: ClerkOAuth): Promise<{
  memory: ClientMemory;
  transport: StreamableHTTPClientTransport;
  sentTo: URL;
}> {
  const memory = new ClientMemory();
  const transport = openTransport(memory, clerk);
  await expect(newClient().connect(transport)).rejects.toThrow(UnauthorizedError);
  if (!memory.sentTo) throw new Error('Expected to be sent to Clerk');
  return { memory, transport, sentTo: memory.sentTo };
}

describe('the SDK’s own client without a key', () => {
  test('finds Clerk by what /mcp says, is let in by its person, and reads their meetings', async () => {
    const sub = `user_${randomUUID()}`;
    const userId = await findOrMakeUser(api.db, sub);
    const { meetingId } = await insertMeeting(api.db, { userId, title: 'Standup' });
    const clerk = new ClerkOAuth(['openid', 'profile', ...SCOPES], sub);
    const { memory, transport, sentTo } = await askToBeLetIn(clerk);
    expect(sentTo.origin + sentTo.pathname).toBe(`${CLERK_ISSUER}/oauth/authorize`);
    expect(Object.fromEntries(sentTo.searchParams)).toMatchObject({
      resource: `${API_URL}/mcp`,
      scope: SCOPES.join(' '),
      code_challenge_method: 'S256',
    });

    await transport.finishAuth(clerk.agree(sentTo).get('code') ?? '');
    const client = newClient();
    await client.connect(openTransport(memory, clerk));
    const found = await client.callTool({ name: 'list_meetings', arguments: {} });
    expect(found.structuredContent).toMatchObject({ meetings: [{ id: meetingId }] });
    const refused = await client.callTool({ name: 'stop_bot', arguments: { meetingId } });
    expect(JSON.stringify(refused.content)).toContain('scope_missing');
    await client.close();
  });

  test('is refused by Clerk where nobody defined our scopes there', async () => {
    const clerk = new ClerkOAuth(['openid', 'profile'], `user_${randomUUID()}`);
    const { sentTo } = await askToBeLetIn(clerk);
    expect(clerk.agree(sentTo).get('error')).toBe('invalid_scope');
  });

  test('gets no further with the code of somebody else’s sign-in', async () => {
    const clerk = new ClerkOAuth(SCOPES, `user_${randomUUID()}`);
    const stolen = clerk.agree((await askToBeLetIn(clerk)).sentTo).get('code') ?? '';
    const thief = await askToBeLetIn(clerk);
    await expect(thief.transport.finishAuth(stolen)).rejects.toThrow();
  });
});
