import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Encryption } from '../encryption';
import { countNew, countOld, type MoveReport } from './counts';
import { estimateEndMs, translateMeeting, translateRole, type OldMeeting } from './translate';

export interface MoveOptions {
  oldUrl: string;
  newUrl: string;
  encryption: Encryption;
  /** The old columns are without a time zone: which one they were written in. */
  timeZone: string;
  /** Rows that are counted at a time. */
  pageRows?: number;
  onProgress?: (moved: { meetings: number; of: number }) => void;
}

/**
 * Copies the old system's users, meetings, participants, transcripts and analyses, under the same
 * ids, into a migrated database that holds nothing else. The old one is only read. May be run
 * again after it was interrupted: each meeting is one transaction, and what is there is left alone.
 */
export async function moveOver(options: MoveOptions): Promise<MoveReport> {
  const old = new pg.Client({ connectionString: options.oldUrl });
  const now = new pg.Client({ connectionString: options.newUrl });
  await old.connect();
  await now.connect();
  try {
    // one picture of the old database, whatever is still written into it
    await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await old.query(`SELECT set_config('timezone', $1, true)`, [options.timeZone]);
    const before = await countOld(old);
    await refuseStrangers(old, now);
    await copyUsers(old, now);
    const missing = await listMissingMeetings(old, now);
    for (const [index, id] of missing.entries()) {
      await copyMeeting({ old, now, options }, id);
      options.onProgress?.({ meetings: index + 1, of: missing.length });
    }
    await moveSequences(now);
    return { before, after: await countNew(old, now, options.pageRows) };
  } finally {
    await old.end();
    await now.end();
  }
}

/** The same id must mean the same person and the same meeting, or somebody reads another's words. */
async function refuseStrangers(old: pg.Client, now: pg.Client): Promise<void> {
  const { rows: here } = await now.query<{ id: number; clerk_id: string }>(
    'SELECT id, clerk_id FROM users',
  );
  const { rows: there } = await old.query<{ id: number; clerk_id: string | null }>(
    'SELECT id, clerk_id FROM users',
  );
  const known = new Map(there.map(({ id, clerk_id }) => [id, clerk_id ?? `old:${id}`]));
  const strangers = here.filter(({ id, clerk_id }) => known.get(id) !== clerk_id);
  const { rows: meetings } = await now.query<{ id: number }>(
    `SELECT m.id FROM meetings m WHERE NOT EXISTS (
       SELECT 1 FROM bot_attempts a WHERE a.meeting_id = m.id AND a.detail = $1) LIMIT 1`,
    [MOVED],
  );
  if (strangers.length === 0 && meetings.length === 0) return;
  throw new Error(
    `Expected a new database without users and meetings of its own, got ${strangers.length} users and ${meetings.length > 0 ? 'meetings' : 'no meetings'} that were not moved: use an empty one, before anybody signs in.`,
  );
}

async function copyUsers(old: pg.Client, now: pg.Client): Promise<void> {
  const { rows } = await old.query<Record<string, unknown>>(
    `SELECT id, coalesce(clerk_id, 'old:' || id) AS clerk_id, nullif(trim(email), '') AS email,
       full_name, avatar_url, coalesce(created_at, now()::timestamp)::timestamptz AS created_at
     FROM users ORDER BY id`,
  );
  await now.query(
    `INSERT INTO users (id, clerk_id, email, full_name, avatar_url, created_at)
     SELECT * FROM jsonb_to_recordset($1::jsonb) AS
       u(id int, clerk_id text, email text, full_name text, avatar_url text, created_at timestamptz)
     ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(rows)],
  );
}

async function listMissingMeetings(old: pg.Client, now: pg.Client): Promise<number[]> {
  const { rows: there } = await old.query<{ id: number }>(
    'SELECT id FROM meetings WHERE user_id IS NOT NULL ORDER BY id',
  );
  const { rows: here } = await now.query<{ id: number }>('SELECT id FROM meetings');
  const moved = new Set(here.map(({ id }) => id));
  return there.map(({ id }) => id).filter((id) => !moved.has(id));
}

interface Move {
  old: pg.Client;
  now: pg.Client;
  options: MoveOptions;
}

/** What the attempt of a moved meeting says, and how a second run knows it. */
const MOVED = 'moved over from the old system';

async function copyMeeting(move: Move, id: number): Promise<void> {
  const { old, now } = move;
  const meeting = await readMeeting(old, id);
  await now.query('BEGIN');
  try {
    await insertMeeting(move, meeting);
    const chunkId = await insertOrigin(now, meeting);
    await copyParticipants(old, now, id);
    await copySegments(move, meeting, chunkId);
    await copyAnalyses(old, now, id);
    await now.query('COMMIT');
  } catch (error) {
    await now.query('ROLLBACK');
    throw new Error(`Meeting ${id} could not be moved, and nothing of it was`, { cause: error });
  }
}

async function readMeeting(old: pg.Client, id: number): Promise<OldMeeting> {
  const { rows } = await old.query<OldMeeting>(
    `SELECT id, user_id AS "userId", title, platform, meeting_url AS "meetingUrl",
       scheduled_start::timestamptz AS "scheduledStart",
       actual_start::timestamptz AS "actualStart", actual_end::timestamptz AS "actualEnd",
       status, recording_url AS "recordingUrl", created_at::timestamptz AS "createdAt",
       updated_at::timestamptz AS "updatedAt",
       (SELECT count(*)::int FROM transcriptions t WHERE t.meeting_id = m.id) AS segments,
       (SELECT coalesce(max(timestamp_ms), 0) FROM transcriptions t WHERE t.meeting_id = m.id)
         AS "lastSegmentMs"
     FROM meetings m WHERE id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error(`Expected the old meeting ${id}`);
  return row;
}

async function insertMeeting({ now, options }: Move, old: OldMeeting): Promise<void> {
  const moved = translateMeeting(old);
  const { passcode } = moved;
  await now.query(
    `INSERT INTO meetings (id, user_id, title, platform, platform_meeting_id, meeting_url,
       passcode_encrypted, bot_name, leave_policy, scheduled_start, actual_start, actual_end,
       clock_origin, status, bot_status, reason, recording_url, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
       coalesce($18, now()), coalesce($19, $18, now()))`,
    [
      ...[old.id, old.userId, old.title, moved.platform, moved.platformMeetingId, moved.meetingUrl],
      passcode === null ? null : options.encryption.encrypt(passcode),
      ...[moved.botName, JSON.stringify(moved.leavePolicy), old.scheduledStart, old.actualStart],
      ...[moved.actualEnd, moved.clockOrigin, moved.status, moved.botStatus, moved.reason],
      ...[old.recordingUrl, old.createdAt, old.updatedAt],
    ],
  );
  await now.query('INSERT INTO meeting_cursors (meeting_id, seq) VALUES ($1, $2)', [
    old.id,
    old.segments,
  ]);
  await now.query('INSERT INTO meeting_intakes (meeting_id, closed_at) VALUES ($1, $2)', [
    old.id,
    old.segments > 0 ? (moved.actualEnd ?? new Date()) : null,
  ]);
}

/** Words come from a chunk of an attempt here; the old system kept neither. */
async function insertOrigin(now: pg.Client, { id, createdAt }: OldMeeting): Promise<number> {
  const { rows } = await now.query<{ id: number }>(
    `WITH attempt AS (
       INSERT INTO bot_attempts (meeting_id, attempt, launch_id, status, detail, created_at, ended_at)
       VALUES ($1, 1, $2, 'ended', $3, coalesce($4, now()), coalesce($4, now())) RETURNING id)
     INSERT INTO audio_chunks (meeting_id, attempt_id, track, seq, start_ms, end_ms, captured_at,
       size_bytes, sha256, object_key, status, acknowledged_at, done_at)
     SELECT $1, id, 'moved', 1, 0, 1, coalesce($4, now()), 0, '', '', 'done', coalesce($4, now()),
       coalesce($4, now())
     FROM attempt RETURNING id`,
    [id, randomUUID(), MOVED, createdAt],
  );
  const [row] = rows;
  if (!row) throw new Error('Expected the chunk to be made');
  return row.id;
}

async function copyParticipants(old: pg.Client, now: pg.Client, id: number): Promise<void> {
  const { rows } = await old.query<{ id: number; role: string | null }>(
    `SELECT id, name, email, role, join_time::timestamptz AS join_time,
       leave_time::timestamptz AS leave_time
     FROM participants WHERE meeting_id = $1`,
    [id],
  );
  const moved = rows.map((row) => ({ ...row, role: translateRole(row.role) }));
  await now.query(
    `INSERT INTO participants (id, meeting_id, participant_key, name, email, role, join_time, leave_time)
     SELECT p.id, $1, 'moved-' || p.id, p.name, p.email, p.role, p.join_time, p.leave_time
     FROM jsonb_to_recordset($2::jsonb) AS p(id int, name text, email text, role text,
       join_time timestamptz, leave_time timestamptz)`,
    [id, JSON.stringify(moved)],
  );
}

interface OldSegment {
  id: number;
  participantId: number | null;
  text: string;
  startMs: number;
  language: string | null;
  confidence: number | null;
  createdAt: Date | null;
}

/** Rows of one statement: what a parameter holds stays far from its limit. */
const ROWS_AT_ONCE = 2_000;

async function copySegments(
  { old, now }: Move,
  { id }: OldMeeting,
  chunkId: number,
): Promise<void> {
  const { rows } = await old.query<OldSegment>(
    `SELECT t.id, p.id AS "participantId", t.text,
       greatest(timestamp_ms, 0) AS "startMs", language, confidence,
       t.created_at::timestamptz AS "createdAt"
     FROM transcriptions t
       LEFT JOIN participants p ON p.id = t.participant_id AND p.meeting_id = t.meeting_id
     WHERE t.meeting_id = $1 ORDER BY timestamp_ms, t.id`,
    [id],
  );
  const placed = rows.map((row, index) => ({
    ...row,
    endMs: estimateEndMs(row, rows[index + 1]?.startMs),
    place: index + 1,
  }));
  for (let from = 0; from < placed.length; from += ROWS_AT_ONCE) {
    await now.query(
      `INSERT INTO transcriptions (id, meeting_id, participant_id, chunk_id, version, index, seq,
         text, timestamp_ms, end_ms, language, confidence, words, created_at, updated_at)
       SELECT s.id, $1, s."participantId", $2, 1, s.place - 1, s.place, s.text, s."startMs",
         s."endMs", s.language, s.confidence, '[]', coalesce(s."createdAt", now()),
         coalesce(s."createdAt", now())
       FROM jsonb_to_recordset($3::jsonb) AS s(id int, "participantId" int, text text,
         "startMs" int, "endMs" int, language text, confidence float8, "createdAt" timestamptz,
         place int)`,
      [id, chunkId, JSON.stringify(placed.slice(from, from + ROWS_AT_ONCE))],
    );
  }
}

/** Kept as they are under a type of their own: they cite no words, so nobody shows them as ours. */
async function copyAnalyses(old: pg.Client, now: pg.Client, id: number): Promise<void> {
  const { rows } = await old.query<Record<string, unknown>>(
    `SELECT id, 'old:' || analysis_type AS type, result_data AS data,
       row_number() OVER (PARTITION BY analysis_type ORDER BY id)::int AS run,
       coalesce(created_at, now()::timestamp)::timestamptz AS made
     FROM analysis_results WHERE meeting_id = $1`,
    [id],
  );
  await now.query(
    `INSERT INTO analysis_results (id, meeting_id, analysis_type, run, status, provider,
       transcript_version, result_data, created_at, completed_at)
     SELECT a.id, $1, a.type, a.run, 'completed', 'old system', 1, a.data, a.made, a.made
     FROM jsonb_to_recordset($2::jsonb) AS
       a(id int, type text, data jsonb, run int, made timestamptz)`,
    [id, JSON.stringify(rows)],
  );
}

/** What is made from now on takes ids after those that came along. */
async function moveSequences(now: pg.Client): Promise<void> {
  for (const table of ['users', 'meetings', 'participants', 'transcriptions', 'analysis_results']) {
    await now.query(
      `SELECT setval(pg_get_serial_sequence('${table}', 'id'),
         greatest((SELECT max(id) FROM ${table}), 1))`,
    );
  }
}
