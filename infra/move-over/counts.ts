import type pg from 'pg';

/** Rows by table, and the characters of all transcripts together. */
export type Counts = Record<(typeof COUNTED)[number], number>;

export interface MoveReport {
  before: Counts;
  /** Of what was there before, what is in the new database now. */
  after: Counts;
}

const COUNTED = [
  'users',
  'meetings',
  'participants',
  'transcriptions',
  'characters',
  'analysis_results',
  'ownerless_meetings',
] as const;

/** Counts the old database; what belongs to meetings without an owner counts apart. */
export async function countOld(old: pg.Client): Promise<Counts> {
  const owned = 'meeting_id IN (SELECT id FROM meetings WHERE user_id IS NOT NULL)';
  return read(
    old,
    `SELECT (SELECT count(*) FROM users) AS users,
       (SELECT count(*) FROM meetings WHERE user_id IS NOT NULL) AS meetings,
       (SELECT count(*) FROM participants WHERE ${owned}) AS participants,
       (SELECT count(*) FROM transcriptions WHERE ${owned}) AS transcriptions,
       (SELECT coalesce(sum(length(text)), 0) FROM transcriptions WHERE ${owned}) AS characters,
       (SELECT count(*) FROM analysis_results WHERE ${owned}) AS analysis_results,
       (SELECT count(*) FROM meetings WHERE user_id IS NULL) AS ownerless_meetings`,
  );
}

/** Ids held at the same time: transcripts may have millions. */
const PAGE_ROWS = 10_000;

/** Counts in the new database the rows whose ids the old one has, a page of ids at a time. */
export async function countNew(
  old: pg.Client,
  now: pg.Client,
  pageRows = PAGE_ROWS,
): Promise<Counts> {
  const sum = async (table: string, what = 'count(*)'): Promise<number> => {
    let total = 0;
    for await (const ids of readIds(old, table, pageRows)) {
      const sql = `SELECT ${what} AS counted FROM ${table} WHERE id = ANY($1)`;
      const { rows } = await now.query<{ counted: string | null }>(sql, [ids]);
      total += Number(rows[0]?.counted ?? 0);
    }
    return total;
  };
  return {
    users: await sum('users'),
    meetings: await sum('meetings'),
    participants: await sum('participants'),
    transcriptions: await sum('transcriptions'),
    characters: await sum('transcriptions', 'sum(length(text))'),
    analysis_results: await sum('analysis_results'),
    ownerless_meetings: 0,
  };
}

async function* readIds(old: pg.Client, table: string, pageRows: number): AsyncGenerator<number[]> {
  let last = -(2 ** 31);
  for (;;) {
    const { rows } = await old.query<{ id: number }>(
      `SELECT id FROM ${table} WHERE id > $1 ORDER BY id LIMIT $2`,
      [last, pageRows],
    );
    if (rows.length === 0) return;
    yield rows.map(({ id }) => id);
    last = rows.at(-1)?.id ?? last;
  }
}

async function read(client: pg.Client, sql: string): Promise<Counts> {
  const { rows } = await client.query<Record<string, string>>(sql);
  const entries = COUNTED.map((name) => [name, Number(rows[0]?.[name] ?? 0)] as const);
  return Object.fromEntries(entries) as Counts;
}

/** Names the tables of which something is missing. */
export function findMissing({ before, after }: MoveReport): string[] {
  return COUNTED.filter((name) => name !== 'ownerless_meetings' && before[name] !== after[name]);
}

/** Both counts as a table to read. */
export function formatReport({ before, after }: MoveReport): string {
  const lines = COUNTED.filter((name) => name !== 'ownerless_meetings').map(
    (name) =>
      `${name.padEnd(18)}${String(before[name]).padStart(12)}${String(after[name]).padStart(12)}`,
  );
  return [
    `${''.padEnd(18)}${'before'.padStart(12)}${'after'.padStart(12)}`,
    ...lines,
    `left behind: ${before.ownerless_meetings} meetings without an owner`,
  ].join('\n');
}
