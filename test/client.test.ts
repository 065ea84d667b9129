import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMeetingsClient } from 'meetings-client';
import { ROOT } from '../temporal-dev/folders';
import { runCommand } from '../temporal-dev/tools/run-command';
import { makeSessionToken, PRACTICE_ROOM, startTestApi, type TestApi } from './api-server';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const body = { meetingUrl: `${PRACTICE_ROOM}/r/client` };

describe('createMeetingsClient', () => {
  test('signs in by a token, which a function may give anew for each request', async () => {
    const tokens = ['stale', await makeSessionToken()];
    const client = createMeetingsClient({ baseUrl: api.url, token: () => tokens.shift() ?? '' });
    const refused = await client.GET('/api/me');
    expect(refused.error?.error.code).toBe('unauthenticated');
    expect((await client.GET('/api/me')).data?.id).toEqual(expect.any(Number));
  });

  test('signs in by an API key, and tells a refusal from an answer', async () => {
    const owner = createMeetingsClient({ baseUrl: api.url, token: await makeSessionToken() });
    const { data: key } = await owner.POST('/api/api-keys', {
      body: { name: 'Reader', scopes: ['meetings:read'] },
    });
    const made = await owner.POST('/api/meetings', { body });
    const program = createMeetingsClient({ baseUrl: api.url, apiKey: key?.key ?? '' });
    const params = { path: { id: made.data?.id ?? 0 } };
    expect((await program.GET('/api/meetings/{id}', { params })).data).toEqual(made.data);
    const { data, error, response } = await program.POST('/api/meetings', { body });
    expect([data, error?.error.code, response.status]).toEqual([undefined, 'scope_missing', 403]);
  });
});

test.each([
  "import { createMeetingsClient } from 'meetings-client'",
  "const { createMeetingsClient } = require('meetings-client')",
])('is built for plain programs: %s', async (line) => {
  const flag = line.startsWith('import') ? ['--input-type=module'] : [];
  const program = `${line}; process.stdout.write(typeof createMeetingsClient);`;
  const words = [...flag, '--eval', program];
  expect(await runCommand(process.execPath, words)).toEqual({ code: 0, output: 'function' });
});

test('the types of the client are those of the document: npm run generate:client', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'client-'));
  const file = path.join(folder, 'schema.ts');
  const program = path.join(ROOT, 'node_modules/tsx/dist/cli.mjs');
  const words = [program, path.join(ROOT, 'temporal-dev/generate-client.ts'), file];
  expect(await runCommand(process.execPath, words)).toEqual({ code: 0, output: '' });
  const [made, committed] = await Promise.all([
    readFile(file, 'utf8'),
    readFile(path.join(ROOT, 'client/src/schema.ts'), 'utf8'),
  ]);
  await rm(folder, { recursive: true });
  expect(made === committed).toBe(true);
});
