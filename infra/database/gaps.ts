import { createHash } from 'node:crypto';
import type { BotGap } from '../../domain/bot-api';
import { isRelaunchable, type EndReason } from '../../domain/end-reasons';
import type { Database, Queryable } from './client';
import { appendEvent } from './events';
import { lockAttempt, type AttemptKey, type SightingResult } from './sightings';
import { lockCursor } from './sound-sources';

/**
 * Records a stretch that a bot could not hear, cut to the meeting's clock: what lies before its
 * origin or after now is no gap. One with a key that is known changes nothing.
 */
export async function recordGap(
  db: Database,
  key: AttemptKey,
  gap: BotGap,
): Promise<SightingResult> {
  return db.transaction(async (tx) => {
    const refusal = await lockAttempt(tx, key);
    if (refusal) return refusal;
    const { rows } = await tx.query<{ attempt: number; origin: Date | null; now: Date }>(
      `SELECT a.attempt, m.clock_origin AS origin, now() AS now
       FROM bot_attempts a JOIN meetings m ON m.id = a.meeting_id
       WHERE a.meeting_id = $1 AND a.launch_id = $2`,
      [key.meetingId, key.launchId],
    );
    const row = rows[0];
    if (!row?.origin) return 'recorded';
    const { attempt, origin, now } = row;
    const startMs = Math.max(0, Math.round(gap.startAtMs - origin.getTime()));
    const endMs = Math.round(Math.min(gap.endAtMs, now.getTime()) - origin.getTime());
    if (endMs <= startMs) return 'recorded';
    const hash = createHash('sha256').update(gap.key).digest('hex');
    await appendEvent(tx, key.meetingId, {
      body: { type: 'gap', startMs, endMs, attempt, reason: gap.reason },
      dedupeKey: `gap:${attempt}:told:${hash}`,
    });
    return 'recorded';
  });
}

/** The last attempt that was in the call, and until when it heard what was said. */
export interface LastHearing {
  attempt: number;
  reason: EndReason | null;
  until: Date;
}

/** Finds it among the attempts before `beforeAttempt`; null when none was in. */
export async function findLastHearing(
  db: Queryable,
  meetingId: number,
  beforeAttempt: number,
): Promise<LastHearing | null> {
  const { rows } = await db.query<LastHearing>(
    `SELECT attempt, reason, least(
         (SELECT min(e.created_at) FROM meeting_events e
          WHERE e.meeting_id = $1 AND e.type = 'bot.status'
            AND (e.data ->> 'attempt')::int = bot_attempts.attempt
            AND e.data ->> 'status' = 'leaving'),
         CASE WHEN reason = 'page_frozen' THEN last_heartbeat_at
             - coalesce((heartbeat ->> 'pageSilentMs')::int, 0) * interval '1 millisecond'
           WHEN last_seqs IS NULL THEN coalesce(last_heartbeat_at, ended_at)
           ELSE ended_at END) AS until
     FROM bot_attempts
     WHERE meeting_id = $1 AND attempt < $2 AND joined_at IS NOT NULL
     ORDER BY attempt DESC LIMIT 1`,
    [meetingId, beforeAttempt],
  );
  return rows[0] ?? null;
}

/**
 * Records what went unheard once the intake is closed: the stretch after a bot that was lost and
 * that no other came back for, and audio that never arrived. Within a transaction; a repeat adds
 * nothing.
 */
export async function recordFinalGaps(tx: Queryable, meetingId: number): Promise<void> {
  await lockCursor(tx, meetingId);
  await recordUnheardEnd(tx, meetingId);
  await recordMissingAudio(tx, meetingId);
}

const AFTER_ALL = 2_147_483_647;

/** Until when the meeting went on is not known: the gap has no end. */
async function recordUnheardEnd(tx: Queryable, meetingId: number): Promise<void> {
  const last = await findLastHearing(tx, meetingId, AFTER_ALL);
  if (!last?.reason || !isRelaunchable(last.reason)) return;
  const { rows } = await tx.query<{ origin: Date | null }>(
    'SELECT clock_origin AS origin FROM meetings WHERE id = $1 AND deleted_at IS NULL',
    [meetingId],
  );
  const origin = rows[0]?.origin;
  if (!origin) return;
  const { attempt, reason, until } = last;
  const startMs = Math.max(0, Math.round(until.getTime() - origin.getTime()));
  await appendEvent(tx, meetingId, {
    body: { type: 'gap', startMs, endMs: null, attempt, reason },
    dedupeKey: `gap:${attempt}:end`,
  });
}

/**
 * Records as gaps the audio that attempts of the meeting had and that never arrived: chunks missing
 * before others of their track, or named by a terminal report. Where it lay exactly is not known:
 * somewhere between the chunks beside it.
 */
async function recordMissingAudio(tx: Queryable, meetingId: number): Promise<void> {
  const missing = await listMissingAudio(tx, meetingId);
  for (const { attempt, track, fromSeq, startMs, endMs } of missing) {
    await appendEvent(tx, meetingId, {
      body: { type: 'gap', startMs, endMs, attempt, reason: 'audio_never_arrived' },
      dedupeKey: `gap:${attempt}:missing:${track}:${fromSeq}`,
    });
  }
}

interface MissingAudio {
  attempt: number;
  track: string;
  /** The first chunk that is missing. */
  fromSeq: number;
  startMs: number;
  endMs: number;
}

async function listMissingAudio(db: Queryable, meetingId: number): Promise<MissingAudio[]> {
  const { rows } = await db.query<MissingAudio>(
    `WITH been_in AS (
       SELECT a.id, a.attempt, a.last_seqs,
         (extract(epoch FROM a.joined_at - m.clock_origin) * 1000)::bigint AS joined_ms,
         (extract(epoch FROM coalesce(a.ended_at, now()) - m.clock_origin) * 1000)::bigint AS ended_ms
       FROM bot_attempts a JOIN meetings m ON m.id = a.meeting_id
       WHERE m.id = $1 AND m.deleted_at IS NULL AND m.clock_origin IS NOT NULL
         AND a.joined_at IS NOT NULL),
     known AS (
       SELECT b.id, c.track, c.seq::bigint AS seq, c.start_ms::bigint AS start_ms,
         c.end_ms::bigint AS end_ms
       FROM been_in b JOIN audio_chunks c ON c.attempt_id = b.id
       UNION ALL
       SELECT b.id, named.track, named.last::bigint + 1, b.ended_ms, b.ended_ms
       FROM been_in b CROSS JOIN jsonb_each_text(b.last_seqs) AS named(track, last)),
     neighbours AS (
       SELECT id, track, seq, start_ms,
         lag(seq, 1, 0) OVER track AS before_seq, lag(end_ms) OVER track AS before_end_ms
       FROM known WINDOW track AS (PARTITION BY id, track ORDER BY seq))
     SELECT b.attempt, n.track, n.before_seq::int + 1 AS "fromSeq",
       least(greatest(coalesce(n.before_end_ms, b.joined_ms), 0), 2147483647)::int AS "startMs",
       least(greatest(n.start_ms, coalesce(n.before_end_ms, b.joined_ms), 0), 2147483647)::int
         AS "endMs"
     FROM neighbours n JOIN been_in b ON b.id = n.id
     WHERE n.seq - n.before_seq > 1
     ORDER BY "startMs", b.attempt, n.track LIMIT ${MOST_MISSING}`,
    [meetingId],
  );
  return rows;
}

/** Gaps of one meeting worth telling one by one. */
const MOST_MISSING = 1_000;
