import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OPERATIONS } from '../../api/operations/all';
import { isScope } from '../../domain/scopes';
import { encodeWav } from '../../domain/wav';
import { findStackDir } from '../../temporal-dev/folders';
import { findSchemathesis } from '../../temporal-dev/tools/python';
import { runCommand } from '../../temporal-dev/tools/run-command';
import { PRACTICE_ROOM, startTestApi, type TestApi } from '../api-server';
import { seed, type Seeds } from './seed';
import { EXCLUDED_OPERATIONS, makeSettings, NEVER_SUCCEEDING, type Run } from './settings';

const PROGRAM = findSchemathesis(path.join(findStackDir(process.env), 'tools'));

const SETTINGS = {
  ADMIN_API_KEYS: 'an admin key of the tests that is long enough',
  CLERK_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 1).toString('base64')}`,
};

const speech = {
  takesVoice: true,
  synthesise: () => Promise.resolve(encodeWav(new Int16Array(1_600))),
};

let api: TestApi;
let seeds: Seeds;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'conformance-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  api = await startTestApi({ authMode: 'local', settings: SETTINGS, speech });
  seeds = await seed(api);
});
afterEach(() => api.close());

/** Runs the program over the document of the running server and shows what it says. */
async function run(
  options: Pick<Run, 'credentials' | 'includes' | 'phases'>,
): Promise<number | null> {
  const file = path.join(folder, 'schemathesis.toml');
  const { ids, doomedIds, given } = seeds;
  const links = [`${PRACTICE_ROOM}/r/conformance`, 'https://meet.google.com/abc-defg-hij'];
  await writeFile(file, makeSettings({ ...options, ids, doomedIds, given, links }));
  const words = ['--config-file', file, '--no-color', 'run', `${api.url}/openapi.json`];
  const { code, output } = await runCommand(PROGRAM, words, { cwd: folder });
  process.stdout.write(`${output}\n`);
  return code;
}

/** Operations of the run that refused every request, so that nothing was learnt of their answers. */
async function listNeverSucceeded(includes: Run['includes']): Promise<string[]> {
  const { values } = await api.server.metrics.requests.get();
  const succeeded = new Set(
    values
      .filter(({ labels }) => Number(labels.status) < 400)
      .map(({ labels }) => `${labels.method} ${labels.route}`),
  );
  const isSilent = (key: string): boolean => {
    const [method = '', route = ''] = key.split(' ');
    return !succeeded.has(`${method.toUpperCase()} ${route}`);
  };
  return Object.entries(OPERATIONS)
    .filter(([key, each]) => includes(each) && isSilent(key))
    .map(([, { id }]) => id)
    .filter((id) => !(id in EXCLUDED_OPERATIONS) && !(id in NEVER_SUCCEEDING));
}

describe('the running server answers as its document says', () => {
  test('to people and bots', async () => {
    const includes: Run['includes'] = ({ id, access }) => access !== 'admin' && id !== 'deleteMe';
    const { sessionToken, botToken } = seeds;
    const code = await run({
      credentials: { session: { bearer: sessionToken }, bot: { bearer: botToken } },
      includes,
      phases: ['examples', 'coverage', 'fuzzing'],
    });
    expect(code).toBe(0);
    expect(await listNeverSucceeded(includes)).toEqual([]);
  }, 600_000);

  test('to people who delete themselves, and to what they ask afterwards', async () => {
    const includes: Run['includes'] = ({ id }) => id === 'deleteMe';
    const { body } = await api.http.post('/api/local/sign-in').send({ email: 'gone@example.com' });
    const credentials = { session: { bearer: String(body.token) } };
    expect(await run({ credentials, includes, phases: ['examples', 'fuzzing'] })).toBe(0);
    expect(await listNeverSucceeded(includes)).toEqual([]);
  }, 600_000);

  test('to administrators', async () => {
    const includes: Run['includes'] = ({ access }) => access === 'admin';
    const code = await run({
      credentials: { admin: { api_key: SETTINGS.ADMIN_API_KEYS } },
      includes,
      phases: ['examples', 'coverage', 'fuzzing'],
    });
    expect(code).toBe(0);
    expect(await listNeverSucceeded(includes)).toEqual([]);
  }, 600_000);

  test('to programs with an API key', async () => {
    const includes: Run['includes'] = ({ access }) => isScope(access);
    const code = await run({
      credentials: { apiKey: { api_key: seeds.apiKey } },
      includes,
      // what bodies are taken does not depend on who sends them
      phases: ['examples', 'fuzzing'],
    });
    expect(code).toBe(0);
    expect(await listNeverSucceeded(includes)).toEqual([]);
  }, 600_000);
});
