import type { Platform } from '../../domain/platforms';
import type { Database, Queryable } from './client';
import { recordFinalGaps } from './gaps';
import type { IntentKind } from './intents';

/** Rows one round looks at; the next round comes a minute later. */
const PER_ROUND = 500;

/** Meetings with chunks that have been pending for longer than `olderThanMs`. */
export async function listWaitingTranscripts(
  db: Queryable,
  olderThanMs: number,
): Promise<{ meetingId: number; version: number }[]> {
  const { rows } = await db.query<{ meetingId: number; version: number }>(
    `SELECT m.id AS "meetingId", m.transcript_version AS version FROM meetings m
     WHERE m.deleted_at IS NULL AND EXISTS (
       SELECT 1 FROM audio_chunks c WHERE c.meeting_id = m.id AND c.status = 'pending'
         AND c.acknowledged_at < now() - $1 * interval '1 millisecond')
     ORDER BY m.id LIMIT ${PER_ROUND}`,
    [olderThanMs],
  );
  return rows;
}

/** Analyses whose row has said `running` for longer than `olderThanMs`. */
export async function listRunningAnalyses(
  db: Queryable,
  olderThanMs: number,
): Promise<{ meetingId: number; run: number }[]> {
  const { rows } = await db.query<{ meetingId: number; run: number }>(
    `SELECT a.meeting_id AS "meetingId", a.run FROM analysis_results a
     JOIN meetings m ON m.id = a.meeting_id
     WHERE a.status = 'running' AND m.deleted_at IS NULL
       AND a.created_at < now() - $1 * interval '1 millisecond'
     ORDER BY a.id LIMIT ${PER_ROUND}`,
    [olderThanMs],
  );
  return rows;
}

/** An intent that was never sent, with what sending it needs. */
export interface OpenIntent {
  id: string;
  kind: IntentKind;
  meetingId: number;
  platform: Platform;
  transcriptVersion: number;
  ageMs: number;
  /** Somebody asked for something else since: what counts is what was asked last. */
  isOutdated: boolean;
}

/** Start, stop and plan intents that have been pending for longer than `olderThanMs`, oldest first. */
export async function listOpenIntents(db: Queryable, olderThanMs: number): Promise<OpenIntent[]> {
  const { rows } = await db.query<OpenIntent>(
    `SELECT i.id, i.kind, i.meeting_id AS "meetingId", m.platform,
       m.transcript_version AS "transcriptVersion",
       (extract(epoch FROM now() - i.created_at) * 1000)::float8 AS "ageMs",
       EXISTS (SELECT 1 FROM intents later WHERE later.meeting_id = i.meeting_id
         AND later.kind IN ('start_bot', 'stop_bot', 'plan_meeting')
         AND later.created_at > i.created_at)
         AS "isOutdated"
     FROM intents i JOIN meetings m ON m.id = i.meeting_id
     WHERE i.status = 'pending' AND i.kind IN ('start_bot', 'stop_bot', 'plan_meeting')
       AND m.deleted_at IS NULL
       AND i.created_at < now() - $1 * interval '1 millisecond'
     ORDER BY i.created_at LIMIT ${PER_ROUND}`,
    [olderThanMs],
  );
  return rows;
}

/** A planned meeting, with what starting its workflow needs. */
export type PlannedMeeting = Pick<OpenIntent, 'meetingId' | 'platform' | 'transcriptVersion'>;

/**
 * Planned meetings whose workflow must be waiting now: those that start within `withinMs`, and
 * those whose plan changed lately but longer than `olderThanMs` ago. Soonest first.
 */
export async function listPlannedMeetings(
  db: Queryable,
  { withinMs, olderThanMs }: { withinMs: number; olderThanMs: number },
): Promise<PlannedMeeting[]> {
  const { rows } = await db.query<PlannedMeeting>(
    `SELECT id AS "meetingId", platform, transcript_version AS "transcriptVersion" FROM meetings
     WHERE is_plan_open AND deleted_at IS NULL
       AND updated_at < now() - $2 * interval '1 millisecond'
       AND (scheduled_start < now() + $1 * interval '1 millisecond'
         OR updated_at > now() - interval '10 minutes')
     ORDER BY scheduled_start, id LIMIT ${PER_ROUND}`,
    [withinMs, olderThanMs],
  );
  return rows;
}

/** Deleted meetings whose rows are still there `olderThanMs` after the mark. */
export async function listUnfinishedDeletions(
  db: Queryable,
  olderThanMs: number,
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT id FROM meetings WHERE deleted_at < now() - $1 * interval '1 millisecond'
     ORDER BY deleted_at LIMIT ${PER_ROUND}`,
    [olderThanMs],
  );
  return rows.map((row) => row.id);
}

/** Those of the objects that no row stands for: chunk, evidence, speech, recording or upload. */
export async function findOrphanedKeys(
  db: Queryable,
  objects: readonly { meetingId: number; key: string }[],
): Promise<string[]> {
  const { rows } = await db.query<{ key: string }>(
    `SELECT o.key FROM unnest($1::int[], $2::text[]) AS o(meeting_id, key)
     WHERE NOT EXISTS (SELECT 1 FROM audio_chunks c
         WHERE c.meeting_id = o.meeting_id AND c.object_key = o.key)
       AND NOT EXISTS (SELECT 1 FROM attempt_evidence e JOIN bot_attempts a ON a.id = e.attempt_id
         WHERE a.meeting_id = o.meeting_id AND e.object_key = o.key)
       AND NOT EXISTS (SELECT 1 FROM recording_parts r JOIN bot_attempts a ON a.id = r.attempt_id
         WHERE a.meeting_id = o.meeting_id AND r.object_key = o.key)
       AND NOT EXISTS (SELECT 1 FROM upload_parts u
         WHERE u.meeting_id = o.meeting_id AND u.object_key = o.key)
       AND NOT EXISTS (SELECT 1 FROM speeches s
         WHERE s.meeting_id = o.meeting_id AND s.object_key = o.key)
       AND NOT EXISTS (SELECT 1 FROM meetings m
         WHERE m.id = o.meeting_id AND m.recording_key = o.key)`,
    [objects.map((each) => each.meetingId), objects.map((each) => each.key)],
  );
  return rows.map((row) => row.key);
}

/** `over`: its attempt has ended, but not so long ago. `stray`: nobody needs it any more. */
export type BotStanding = 'needed' | 'over' | 'stray';

/** Where the attempt of a bot that the launcher knows stands; an unknown one is stray at once. */
export async function readBotStanding(
  db: Queryable,
  key: { meetingId: number; attempt: number; overForMs: number },
): Promise<BotStanding> {
  const { rows } = await db.query<{ deleted: boolean; over_ms: number | null }>(
    `SELECT m.deleted_at IS NOT NULL AS deleted,
       (extract(epoch FROM now() - least(a.ended_at, a.fenced_at)) * 1000)::float8 AS over_ms
     FROM bot_attempts a JOIN meetings m ON m.id = a.meeting_id
     WHERE a.meeting_id = $1 AND a.attempt = $2`,
    [key.meetingId, key.attempt],
  );
  const row = rows[0];
  if (!row || row.deleted) return 'stray';
  if (row.over_ms === null) return 'needed';
  return row.over_ms > key.overForMs ? 'stray' : 'over';
}

/** Meetings that count as active, though nothing was decided about them for `quietForMs`. */
export async function listQuietMeetings(db: Queryable, quietForMs: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT id FROM meetings WHERE status IN ('joining', 'live', 'processing')
       AND source = 'bot' AND deleted_at IS NULL
       AND projected_at < now() - $1 * interval '1 millisecond'
     ORDER BY id LIMIT ${PER_ROUND}`,
    [quietForMs],
  );
  return rows.map((row) => row.id);
}

/** A meeting that no bot hears, with what starting its workflow needs. */
export interface MeetingWithoutBot {
  meetingId: number;
  source: 'recorder' | 'upload';
  transcriptVersion: number;
}

/** Those that are being recorded or whose file has come, and about which nothing was decided lately. */
export async function listMeetingsWithoutBot(
  db: Queryable,
  quietForMs: number,
): Promise<MeetingWithoutBot[]> {
  const { rows } = await db.query<MeetingWithoutBot>(
    `SELECT m.id AS "meetingId", m.source, m.transcript_version AS "transcriptVersion"
     FROM meetings m LEFT JOIN uploads u ON u.meeting_id = m.id
     WHERE m.source <> 'bot' AND m.status IN ('created', 'joining', 'live', 'processing')
       AND m.deleted_at IS NULL AND u.status IS DISTINCT FROM 'receiving'
       AND coalesce(m.projected_at, m.clock_origin) < now() - $1 * interval '1 millisecond'
     ORDER BY m.id LIMIT ${PER_ROUND}`,
    [quietForMs],
  );
  return rows;
}

export type AbandonedMeeting =
  /** A new run has taken the meeting over meanwhile. */
  | { kind: 'taken_over' }
  /** Chunks may still come, or are still being transcribed. */
  | { kind: 'draining' }
  | { kind: 'drained'; hasBeenIn: boolean };

/**
 * Brings a meeting whose workflow is gone one step further: fences the attempts begun before
 * `goneSince`, closes the intake once `graceMs` have passed after that, counts what is pending.
 */
export async function drainAbandonedMeeting(
  db: Database,
  input: { meetingId: number; goneSince: Date; graceMs: number },
): Promise<AbandonedMeeting> {
  return db.transaction(async (tx) => {
    await tx.query('SELECT 1 FROM meetings WHERE id = $1 FOR NO KEY UPDATE', [input.meetingId]);
    await tx.query(
      `UPDATE bot_attempts SET fenced_at = now()
       WHERE meeting_id = $1 AND fenced_at IS NULL AND created_at < $2`,
      [input.meetingId, input.goneSince],
    );
    const { rows } = await tx.query<{ unfenced: boolean; last: Date | null; now: Date }>(
      `SELECT coalesce(bool_or(fenced_at IS NULL), false) AS unfenced, max(fenced_at) AS last,
         now() AS now FROM bot_attempts WHERE meeting_id = $1`,
      [input.meetingId],
    );
    const attempts = rows[0];
    if (!attempts || attempts.unfenced) return { kind: 'taken_over' };
    const sinceMs = attempts.now.getTime() - (attempts.last?.getTime() ?? 0);
    if (sinceMs < input.graceMs) return { kind: 'draining' };
    await tx.query(
      'UPDATE meeting_intakes SET closed_at = now() WHERE meeting_id = $1 AND closed_at IS NULL',
      [input.meetingId],
    );
    await recordFinalGaps(tx, input.meetingId);
    const state = await tx.query<{ pending: boolean; been_in: boolean }>(
      `SELECT m.clock_origin IS NOT NULL AS been_in, EXISTS (
         SELECT 1 FROM audio_chunks c WHERE c.meeting_id = m.id AND c.status = 'pending') AS pending
       FROM meetings m WHERE m.id = $1`,
      [input.meetingId],
    );
    if (state.rows[0]?.pending !== false) return { kind: 'draining' };
    return { kind: 'drained', hasBeenIn: state.rows[0].been_in };
  });
}
