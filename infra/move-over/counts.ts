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
    [],
  );
}

/** Counts in the new database the rows whose ids the old one has. */
export async function countNew(old: pg.Client, now: pg.Client): Promise<Counts> {
  const ids = async (table: string): Promise<number[]> => {
    const { rows } = await old.query<{ id: number }>(`SELECT id FROM ${table}`);
    return rows.map(({ id }) => id);
  };
  return read(
    now,
    `SELECT (SELECT count(*) FROM users WHERE id = ANY($1)) AS users,
       (SELECT count(*) FROM meetings WHERE id = ANY($2)) AS meetings,
       (SELECT count(*) FROM participants WHERE id = ANY($3)) AS participants,
       (SELECT count(*) FROM transcriptions WHERE id = ANY($4)) AS transcriptions,
       (SELECT coalesce(sum(length(text)), 0) FROM transcriptions WHERE id = ANY($4))
         AS characters,
       (SELECT count(*) FROM analysis_results WHERE id = ANY($5)) AS analysis_results,
       0 AS ownerless_meetings`,
    [
      await ids('users'),
      await ids('meetings'),
      await ids('participants'),
      await ids('transcriptions'),
      await ids('analysis_results'),
    ],
  );
}

async function read(client: pg.Client, sql: string, values: unknown[]): Promise<Counts> {
  const { rows } = await client.query<Record<string, string>>(sql, values);
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
