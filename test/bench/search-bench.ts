import fs from 'node:fs';
import path from 'node:path';
import { createMeetingsClient } from 'meetings-client';
import { createDatabase, type Database } from '../../infra/database/client';
import { DemoApiClient } from '../../temporal-dev/demo/api-client';
import { findStackDir } from '../../temporal-dev/folders';
import { findFreePorts } from '../../temporal-dev/ports';
import { startStack, type Stack } from '../../temporal-dev/stack';
import { say } from '../../temporal-dev/terminal';
import { describeMachine, formatTable, writeSection } from './docs-section';
import { percentile } from './percentiles';
import { measureUsage } from './process-usage';
import { nameOf, seedSpeech, startOf, wordOfRank } from './search-seed';

const SEGMENTS = 1_000_000;
const MEETINGS = SEGMENTS / 400;
const ROUNDS = 30;

interface Question {
  q: string;
  from?: string;
  to?: string;
  platform?: 'teams';
  speaker?: string;
}

const usual = (round: number): string => wordOfRank(100 + round * 7);
const phrase = (round: number): string => `"${wordOfRank(1 + round)} ${wordOfRank(2 + round)}"`;
const day = (number: number): string => startOf(number, MEETINGS).toISOString().slice(0, 10);

/** What is asked: from words in most segments to one that nobody said, and by each filter. */
const QUESTIONS: [string, (round: number) => Question][] = [
  ['the most frequent word', () => ({ q: wordOfRank(1) })],
  ['a frequent word', (round) => ({ q: wordOfRank(10 + round) })],
  ['a usual word', (round) => ({ q: usual(round) })],
  ['a rare word', (round) => ({ q: wordOfRank(5_000 + round * 500) })],
  ['two words', (round) => ({ q: `${wordOfRank(20 + round)} ${wordOfRank(300 + round)}` })],
  ['either of two words', (round) => ({ q: `${usual(round)} or ${wordOfRank(3_000 + round)}` })],
  ['a phrase', (round) => ({ q: phrase(round) })],
  ['a phrase that nobody said', () => ({ q: `"${[1, 29_000, 2].map(wordOfRank).join(' ')}"` })],
  ['an exclusion', (round) => ({ q: `${wordOfRank(200 + round)} -${wordOfRank(1)}` })],
  ['a word that nobody said', (round) => ({ q: `qqxqq${round}` })],
  ['a usual word, before a day', (round) => ({ q: usual(round), to: day(MEETINGS / 2) })],
  ['a phrase, since a day', (round) => ({ q: phrase(round), from: day(MEETINGS * 0.8) })],
  ['a usual word, on one platform', (round) => ({ q: usual(round), platform: 'teams' })],
  ['a usual word, by one speaker', (round) => ({ q: usual(round), speaker: nameOf(round) })],
  ['the most frequent word, by one', (round) => ({ q: wordOfRank(1), speaker: nameOf(round) })],
];

/** `npm run bench -- search`: a million segments, first half of them one user's, then all of them. */
export async function benchSearch(): Promise<void> {
  const stackDir = findStackDir(process.env);
  const dir = path.join(stackDir, 'bench-search');
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { recursive: true });
  const { PATH, HOME } = process.env;
  const limits = { RATE_LIMIT_USER: '1000000', RATE_LIMIT_ADDRESS: '1000000' };
  const stack = await startStack({
    dir,
    toolsDir: path.join(stackDir, 'tools'),
    ports: await findFreePorts(),
    parts: ['postgres', 'redis', 'temporal', 'api'],
    env: { PATH, HOME, LOG_LEVEL: 'warn', NODE_ENV: 'development', ...limits },
    log: say,
  });
  const db = createDatabase({ url: stack.env.DATABASE_URL ?? '', maxConnections: 4 });
  try {
    const signIn = (): Promise<SearchOnce> => createSearch(stack.env.API_URL ?? '');
    // a first request makes the user
    await (
      await signIn()
    )({ q: 'anything' });
    const { id: askerId } = await db.prisma.user.findFirstOrThrow();
    say(`Writing ${SEGMENTS} segments`);
    await withoutIndex(db, () => seedSpeech(db, { segments: SEGMENTS, askerId }));
    await db.query('VACUUM ANALYZE');
    const search = await signIn();
    const half = await measure(stack, search);
    await db.query('UPDATE meetings SET user_id = $1', [askerId]);
    await db.query('VACUUM ANALYZE meetings');
    const whole = await measure(stack, search);
    const report = makeReport({ half, whole });
    console.log(report);
    writeSection('search', report);
  } finally {
    await db.close();
    await stack.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

const INDEX = 'transcriptions_meeting_id_search_idx';

/** An index is made faster over all rows than row by row. */
async function withoutIndex(db: Database, work: () => Promise<void>): Promise<void> {
  const { rows } = await db.query<{ sql: string }>('SELECT pg_get_indexdef($1::regclass) AS sql', [
    INDEX,
  ]);
  await db.query(`DROP INDEX ${INDEX}`);
  await work();
  // longer than a statement of the API may take
  await db.query(`SET statement_timeout = 0; ${rows[0]?.sql ?? ''}`);
}

type SearchOnce = (question: Question) => Promise<number>;

/** Signs in; a search is then sent as a program does, and says how many results came. */
async function createSearch(baseUrl: string): Promise<SearchOnce> {
  const token = await new DemoApiClient(baseUrl).signIn('bench@example.org');
  const client = createMeetingsClient({ baseUrl, token });
  return async (question) => {
    const query = { ...question, limit: 20 };
    const { data, response } = await client.GET('/api/search', { params: { query } });
    if (!data) throw new Error(`Expected results, got status ${response.status}`);
    return data.results.length;
  };
}

interface Measured {
  results: number;
  times: number[];
  /** Of API and PostgreSQL together, for one search. */
  cpuMs: number;
}

async function measure(stack: Stack, search: SearchOnce): Promise<Measured[]> {
  const readCpuMs = (): number =>
    (['api', 'postgres'] as const).reduce((sum, name) => {
      const pid = stack.parts.get(name)?.pid;
      return sum + (pid ? measureUsage(pid).cpuSeconds * 1_000 : 0);
    }, 0);
  const measured: Measured[] = [];
  for (const [, makeQuestion] of QUESTIONS) {
    const cpuBefore = readCpuMs();
    const times: number[] = [];
    let results = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const startedAt = performance.now();
      results += await search(makeQuestion(round));
      times.push(performance.now() - startedAt);
    }
    measured.push({ results, times, cpuMs: (readCpuMs() - cpuBefore) / ROUNDS });
  }
  return measured;
}

function makeReport({ half, whole }: { half: Measured[]; whole: Measured[] }): string {
  const columns = ({ results, times, cpuMs }: Measured) => [
    results,
    ...[0.5, 0.95, 1].map((share) => ms(percentile(times, share))),
    ms(cpuMs),
  ];
  const rows = QUESTIONS.map(([name], index) => [
    name,
    ...[half[index], whole[index]].flatMap((each) => (each ? columns(each) : [])),
  ]);
  const sum = (measured: Measured[]) => measured.flatMap(({ times }) => times);
  const all = ([name, measured]: [string, Measured[]]): string =>
    `${name} p50 ${ms(percentile(sum(measured), 0.5))}, p95 **${ms(percentile(sum(measured), 0.95))}**`;
  const titles = ['results', 'p50', 'p95', 'slowest', 'CPU'];
  return [
    '## Search',
    '',
    `\`npm run bench -- search\` on ${describeMachine()}. \`GET /api/search\` over HTTP, ${SEGMENTS} segments of 8 to 22 words in ${MEETINGS} meetings, words as frequent as in speech (Zipf) and in no order, so that phrases are as rare among their words as can be; 200 colleagues of whom each meeting has four. ${ROUNDS} searches of each kind for the first 20 results, one after the other, caches as they are. First half of it belongs to who asks and the rest to a hundred others, then all of it to who asks. CPU is what API and PostgreSQL used for one search.`,
    '',
    ...formatTable(
      ['searching for', ...titles, ...titles.map((title) => `${title}, all one’s own`)],
      rows,
    ),
    '',
    `All kinds together: ${all(['half one’s own', half])}; ${all(['all one’s own', whole])}.`,
  ].join('\n');
}

const ms = (value: number): string => `${Math.round(value)} ms`;
