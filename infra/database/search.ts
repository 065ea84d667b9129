import { randomBytes } from 'node:crypto';
import type { MeetingPlatform } from '../../domain/platforms';
import { MOST_RANKED, type SearchResult } from '../../domain/search';
import type { Database, Queryable } from './client';
import { escapePattern } from './meeting-records';

/** What somebody looks for in their own meetings. */
export interface Search {
  userId: number;
  /** In the language of PostgreSQL's `websearch_to_tsquery`, which knows no errors. */
  q: string;
  from?: Date | undefined;
  to?: Date | undefined;
  platform?: MeetingPlatform | undefined;
  speaker?: string | undefined;
}

/** Where a page of results ended. */
export interface SearchPosition {
  /** Segments that came later are left out, so that pages neither repeat nor skip. */
  newestId: number;
  rank: number;
  id: number;
}

export interface SearchPage {
  results: SearchResult[];
  /** Null on the last page. */
  next: SearchPosition | null;
  hasOlder: boolean;
}

/**
 * Finds what was said, best match first and newer ones first among equals. Looks through the
 * meetings from the newest on and stops when enough matches are there to rank, so that frequent
 * words cost no more than rare ones.
 */
export async function searchSegments(
  db: Database,
  search: Search,
  page: { limit: number; after: SearchPosition | null },
): Promise<SearchPage> {
  if (!(await namesWords(db, search.q))) return { results: [], next: null, hasOlder: false };
  const newestId = page.after?.newestId ?? LARGEST_ID;
  const { matches, hasOlder } = await findMatches(db, search, newestId);
  const pinned = Math.min(newestId, Math.max(...matches.map(({ id }) => id)));
  const rest = matches
    .sort((one, other) => other.rank - one.rank || other.id - one.id)
    .filter((match) => page.after === null || comesAfter(match, page.after));
  const shown = rest.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    results: await readResults(db, search.q, shown),
    next: last && rest.length > shown.length ? { newestId: pinned, ...last } : null,
    hasOlder,
  };
}

interface Match {
  id: number;
  rank: number;
}

function comesAfter(match: Match, position: SearchPosition): boolean {
  if (match.rank !== position.rank) return match.rank < position.rank;
  return match.id < position.id;
}

const LARGEST_ID = 2_147_483_647;
/** Meetings looked through first, enough for words that occur everywhere; and before judging by them. */
const NEWEST_FEW = 8;
const NEWEST = 32;
/** Fewer matches say too little about how many more meetings it takes. */
const ENOUGH_TO_JUDGE_BY = 4;
/** How many times as many come next then: what is rare in the newest may be frequent in older ones. */
const GROWTH = 32;
/** Looking through some too many costs less than looking once more. */
const HEADROOM = 1.25;
/** Of all meetings there are: when more are looked through, the words are looked up once and not in each. */
const GOOD_PART = 1 / 3;

/** Read as the column `search` is made: in small letters by Unicode's rules. */
function asQuery(parameter: string): string {
  return `websearch_to_tsquery('spoken', lower(${parameter}::text COLLATE "und-x-icu"))`;
}

/** Whether there is a word to look for: `-budget` alone would mean nearly everything. */
async function namesWords(db: Queryable, q: string): Promise<boolean> {
  const { rows } = await db.query<{ tree: string }>(`SELECT querytree(${asQuery('$1')}) AS tree`, [
    q,
  ]);
  return !['', 'T'].includes(rows[0]?.tree ?? '');
}

async function findMatches(
  db: Queryable,
  search: Search,
  newestId: number,
): Promise<{ matches: Match[]; hasOlder: boolean }> {
  const meetings = await listMeetings(db, search);
  const goodPart = meetings.length > NEWEST ? GOOD_PART * (await countMeetings(db)) : Infinity;
  const matches: Match[] = [];
  for (let looked = 0; looked < meetings.length && matches.length <= MOST_RANKED;) {
    const most = MOST_RANKED + 1 - matches.length;
    const end = looked + countNext({ looked, found: matches.length, most });
    const batch = meetings.slice(looked, end);
    const lookUp = looked >= NEWEST && batch.length > goodPart ? 'once' : 'in_each';
    matches.push(...(await matchIn(db, search, { batch, newestId, most, lookUp })));
    looked = end;
  }
  return { matches: matches.slice(0, MOST_RANKED), hasOlder: matches.length > MOST_RANKED };
}

/** How many meetings hold what is missing, if it is as frequent in them as in those looked through. */
function countNext({ looked, found, most }: { looked: number; found: number; most: number }) {
  if (looked < NEWEST) return looked === 0 ? NEWEST_FEW : NEWEST - looked;
  if (found < ENOUGH_TO_JUDGE_BY) return looked * GROWTH;
  return Math.max(Math.ceil((most / found) * looked * HEADROOM), NEWEST_FEW);
}

interface SearchedMeeting {
  id: number;
  version: number;
}

/** The meetings that the filters leave, from the newest on. */
async function listMeetings(db: Queryable, search: Search): Promise<SearchedMeeting[]> {
  const { rows } = await db.query<SearchedMeeting>(
    `SELECT m.id, m.transcript_version AS version FROM meetings m
     WHERE m.user_id = $1 AND m.deleted_at IS NULL
       AND ($2::timestamptz IS NULL OR ${STARTED_AT} >= $2)
       AND ($3::timestamptz IS NULL OR ${STARTED_AT} < $3)
       AND ($4::text IS NULL OR m.platform = $4)
       AND ($5::text IS NULL OR EXISTS (SELECT 1 FROM participants p
         WHERE p.meeting_id = m.id AND ${NAME} ILIKE $5))
     ORDER BY m.id DESC`,
    [
      search.userId,
      search.from ?? null,
      search.to ?? null,
      search.platform ?? null,
      speakerPattern(search),
    ],
  );
  return rows;
}

const NAME = 'p.name COLLATE "und-x-icu"';
const STARTED_AT = 'coalesce(m.clock_origin, m.actual_start, m.scheduled_start, m.created_at)';

function speakerPattern({ speaker }: Search): string | null {
  return speaker === undefined ? null : `%${escapePattern(speaker)}%`;
}

/** How many meetings there are of everybody, as far as PostgreSQL has counted; Infinity before it has. */
async function countMeetings(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT reltuples AS count FROM pg_class WHERE oid = 'meetings'::regclass`,
  );
  const count = rows[0]?.count ?? -1;
  return count < 0 ? Infinity : count;
}

interface Look {
  batch: SearchedMeeting[];
  newestId: number;
  most: number;
  /**
   * In each, the index is asked by meeting and words: what it costs grows with the meetings. Once, it
   * is asked by words alone, which finds what others said as well.
   */
  lookUp: 'in_each' | 'once';
}

/** The newest matches in these meetings, each in its meeting's current transcript. */
async function matchIn(
  db: Queryable,
  search: Search,
  { batch, newestId, most, lookUp }: Look,
): Promise<Match[]> {
  // an expression is in no index
  const meetingId = lookUp === 'once' ? 't.meeting_id + 0' : 't.meeting_id';
  // Kept apart from the versions, so that the index is asked once a meeting and never more. Joined,
  // since `= ANY` has every segment of the meetings read from another index besides.
  const { rows } = await db.query<Match>(
    `WITH found AS MATERIALIZED (
       SELECT t.id, t.meeting_id, t.version, t.search FROM unnest($1::int[]) AS m(id)
       JOIN transcriptions t ON ${meetingId} = m.id
       WHERE t.id <= $3 AND t.search @@ ${asQuery('$4')}
         AND ($5::text IS NULL OR t.participant_id IN (SELECT p.id FROM participants p
           WHERE p.meeting_id = ANY($1::int[]) AND ${NAME} ILIKE $5))),
     newest AS (
       SELECT found.id, found.search FROM found
       JOIN unnest($1::int[], $2::int[]) AS m(id, version)
         ON m.id = found.meeting_id AND m.version = found.version
       ORDER BY found.meeting_id DESC, found.id DESC LIMIT $6)
     SELECT id, ts_rank(search, ${asQuery('$4')}, ${BY_LENGTH})::float8 AS rank
     FROM newest`,
    [
      batch.map(({ id }) => id),
      batch.map(({ version }) => version),
      newestId,
      search.q,
      speakerPattern(search),
      most,
    ],
  );
  return rows;
}

/** ts_rank's flag for preferring a match in a short segment to one in a long one. */
const BY_LENGTH = 1;

type ResultRow = Omit<SearchResult, 'parts' | 'meeting' | 'at' | 'speaker'> & {
  meetingId: number;
  title: string | null;
  platform: MeetingPlatform;
  origin: Date | null;
  startedAt: Date | null;
  speakerId: number | null;
  speakerName: string | null;
  headline: string;
};

async function readResults(
  db: Queryable,
  q: string,
  matches: readonly Match[],
): Promise<SearchResult[]> {
  if (matches.length === 0) return [];
  // Nobody can have said what is drawn now.
  const mark = randomBytes(12).toString('hex');
  const { rows } = await db.query<ResultRow>(
    `SELECT m.id AS "meetingId", m.title, m.platform, m.clock_origin AS origin,
       coalesce(m.clock_origin, m.actual_start) AS "startedAt", t.id AS "segmentId",
       t.timestamp_ms AS "startMs", t.end_ms AS "endMs", p.id AS "speakerId",
       p.name AS "speakerName",
       ts_headline('spoken', t.text, ${asQuery('$2')}, $3) AS headline
     FROM unnest($1::int[]) WITH ORDINALITY AS wanted(id, place)
     JOIN transcriptions t ON t.id = wanted.id JOIN meetings m ON m.id = t.meeting_id
     LEFT JOIN participants p ON p.id = t.participant_id
     ORDER BY wanted.place`,
    [matches.map(({ id }) => id), q, `HighlightAll=true, StartSel=${mark}, StopSel=${mark}`],
  );
  return rows.map((row) => toResult(row, mark));
}

function toResult(row: ResultRow, mark: string): SearchResult {
  const { meetingId, title, platform, origin, segmentId, startMs, endMs } = row;
  return {
    meeting: { id: meetingId, title, platform, startedAt: row.startedAt?.toISOString() ?? null },
    segmentId,
    startMs,
    endMs,
    at: origin && new Date(origin.getTime() + startMs).toISOString(),
    speaker: row.speakerId === null ? null : { id: row.speakerId, name: row.speakerName },
    // Marks stand in pairs around each match, so every second part is one.
    parts: row.headline
      .split(mark)
      .map((text, index) => ({ text, isMatch: index % 2 === 1 }))
      .filter(({ text }) => text !== ''),
  };
}
