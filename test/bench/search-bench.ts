import fs from 'node:fs';
import path from 'node:path';
import { createDatabase, type Database } from '../../infra/database/client';
import { searchSegments } from '../../infra/database/search';
import { findStackDir } from '../../temporal-dev/folders';
import { findFreePorts } from '../../temporal-dev/ports';
import { startStack } from '../../temporal-dev/stack';
import { say } from '../../temporal-dev/terminal';
import { describeMachine, formatTable, writeSection } from './docs-section';
import { percentile } from './percentiles';
import { seedSpeech, wordOfRank } from './search-seed';

const SEGMENTS = 1_000_000;
const ROUNDS = 30;

/** What is asked: from words in most segments to one that nobody said. */
const QUESTIONS: [string, (round: number) => string][] = [
  ['the most frequent word', () => wordOfRank(1)],
  ['a frequent word', (round) => wordOfRank(10 + round)],
  ['a usual word', (round) => wordOfRank(100 + round * 7)],
  ['a rare word', (round) => wordOfRank(5_000 + round * 500)],
  ['two words', (round) => `${wordOfRank(20 + round)} ${wordOfRank(300 + round)}`],
  ['a phrase', (round) => `"${wordOfRank(1 + round)} ${wordOfRank(2 + round)}"`],
  ['a phrase that nobody said', () => `"${wordOfRank(1)} ${wordOfRank(29_000)} ${wordOfRank(2)}"`],
  ['an exclusion', (round) => `${wordOfRank(200 + round)} -${wordOfRank(1)}`],
  ['a word that nobody said', (round) => `qqxqq${round}`],
];

/** `npm run bench -- search`: a million segments, half of them one user's. */
export async function benchSearch(): Promise<void> {
  const stackDir = findStackDir(process.env);
  const dir = path.join(stackDir, 'bench-search');
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { recursive: true });
  const { PATH, HOME } = process.env;
  const stack = await startStack({
    dir,
    toolsDir: path.join(stackDir, 'tools'),
    ports: await findFreePorts(),
    parts: ['postgres'],
    env: { PATH, HOME, LOG_LEVEL: 'warn', NODE_ENV: 'development' },
    log: say,
  });
  const db = createDatabase({ url: stack.env.DATABASE_URL ?? '', maxConnections: 4 });
  try {
    say(`Writing ${SEGMENTS} segments`);
    const userId = await withoutIndex(db, () => seedSpeech(db, SEGMENTS));
    await db.query('VACUUM ANALYZE');
    const report = await measure(db, userId);
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
async function withoutIndex<Result>(db: Database, work: () => Promise<Result>): Promise<Result> {
  const { rows } = await db.query<{ sql: string }>('SELECT pg_get_indexdef($1::regclass) AS sql', [
    INDEX,
  ]);
  await db.query(`DROP INDEX ${INDEX}`);
  const result = await work();
  // longer than a statement of the API may take
  await db.query(`SET statement_timeout = 0; ${rows[0]?.sql ?? ''}`);
  return result;
}

async function measure(db: Database, userId: number): Promise<string> {
  const all: number[] = [];
  const rows: (string | number)[][] = [];
  for (const [name, makeQuestion] of QUESTIONS) {
    const times: number[] = [];
    let found = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const startedAt = performance.now();
      const search = { userId, q: makeQuestion(round) };
      const { results } = await searchSegments(db, search, { limit: 20, after: null });
      times.push(performance.now() - startedAt);
      found += results.length;
    }
    all.push(...times);
    rows.push([name, found, ...[0.5, 0.95, 1].map((share) => ms(percentile(times, share)))]);
  }
  return [
    '## Search',
    '',
    `\`npm run bench -- search\` on ${describeMachine()}. ${SEGMENTS} segments of 8 to 22 words in 2500 meetings, words as frequent as in speech (Zipf), half of them one user's, who asks; ${ROUNDS} searches of each kind for the first 20 results, one after the other, caches as they are.`,
    '',
    ...formatTable(['searching for', 'results', 'p50', 'p95', 'slowest'], rows),
    '',
    `All kinds together: p50 ${ms(percentile(all, 0.5))}, p95 **${ms(percentile(all, 0.95))}**.`,
  ].join('\n');
}

const ms = (value: number): string => `${Math.round(value)} ms`;
