import type { Database, Queryable } from './client';
import { appendEvent } from './events';

/** How many bots may run at the same time; null for no limit. */
export interface BotSlots {
  total: number | null;
  perUser: number | null;
}

/** Whether an attempt's bot may run now, else its place in line. */
export type SlotAnswer = { kind: 'granted' } | { kind: 'queued'; place: number };

/** Decisions come one after another, whoever asks. */
const DECIDING = 'SELECT pg_advisory_xact_lock(7264910335)';
/** Who has not looked for so long does not hold up the line; it keeps its turn for when it does. */
const WAITING_SECONDS = 30;
/** Between two attempts of a meeting its slot is kept for the next: the longest delay and some. */
const RELAUNCH_SECONDS = 90;

/** What one look at the line came to. */
export interface SlotDecision {
  answer: SlotAnswer;
  /** Meetings of others whose bots may run from now on: wake who waits for them. */
  granted: number[];
}

/**
 * Asks for a slot, or asks again: the line and who may run are decided here alone, for all who wait,
 * so that one look gives every free slot away. In line come first those whose users have the fewest
 * bots, of these whose last turn is longest ago, then who asked first. A bot that replaces a lost one
 * has its slot. Idempotent by attempt; readers are told of each new place once.
 */
export async function askForSlot(
  db: Database,
  key: { meetingId: number; attempt: number },
  slots: BotSlots,
): Promise<SlotDecision | 'meeting_gone'> {
  if (slots.total === null && slots.perUser === null) return { answer: GRANTED, granted: [] };
  return db.transaction(async (tx) => {
    await tx.query(DECIDING);
    const attemptId = await joinLine(tx, key);
    if (attemptId === null) return 'meeting_gone';
    if (attemptId === 'granted') return { answer: GRANTED, granted: [] };
    if (await replacesLostBot(tx, key)) {
      await grant(tx, [{ id: attemptId, meetingId: key.meetingId }]);
      return { answer: GRANTED, granted: [] };
    }
    const { free, place } = await readLine(tx, attemptId, slots);
    await grant(tx, free);
    const granted = free.map(({ meetingId }) => meetingId).filter((id) => id !== key.meetingId);
    if (place === null) return { answer: GRANTED, granted };
    await tellPlace(tx, key, place);
    return { answer: { kind: 'queued', place }, granted };
  });
}

const GRANTED: SlotAnswer = { kind: 'granted' };

interface Waiting {
  id: number;
  meetingId: number;
}

async function grant(tx: Queryable, free: readonly Waiting[]): Promise<void> {
  if (free.length === 0) return;
  await tx.query('UPDATE bot_attempts SET slot_granted_at = now() WHERE id = ANY($1)', [
    free.map(({ id }) => id),
  ]);
  const meetingIds = free.map(({ meetingId }) => meetingId);
  await tx.query('UPDATE meetings SET bot_queue_place = NULL WHERE id = ANY($1)', [meetingIds]);
}

async function tellPlace(
  tx: Queryable,
  { meetingId, attempt }: { meetingId: number; attempt: number },
  place: number,
): Promise<void> {
  await tx.query(
    'UPDATE meetings SET bot_queue_place = $2 WHERE id = $1 AND bot_queue_place IS DISTINCT FROM $2',
    [meetingId, place],
  );
  const message = `The bot waits for others to end: it is number ${place} in line.`;
  await appendEvent(tx, meetingId, {
    body: { type: 'bot.pickup_delayed', attempt, reason: null, queuePlace: place, message },
    dedupeKey: `queued:${attempt}:${place}`,
  });
}

/** The attempt's id while it waits. One that was called back holds nobody up: it may "run" to its end. */
async function joinLine(
  tx: Queryable,
  { meetingId, attempt }: { meetingId: number; attempt: number },
): Promise<number | 'granted' | null> {
  const { rows } = await tx.query<{ id: number; isWaiting: boolean }>(
    `UPDATE bot_attempts a SET slot_asked_at = coalesce(a.slot_asked_at, now()), slot_seen_at = now()
     FROM meetings m
     WHERE a.meeting_id = $1 AND a.attempt = $2 AND m.id = a.meeting_id AND m.deleted_at IS NULL
     RETURNING a.id, a.slot_granted_at IS NULL AND a.fenced_at IS NULL
       AND a.status NOT IN ('ended', 'failed') AS "isWaiting"`,
    [meetingId, attempt],
  );
  const row = rows[0];
  if (row === undefined) return null;
  return row.isWaiting ? row.id : 'granted';
}

const IS_WAITING = `a.slot_asked_at IS NOT NULL AND a.slot_granted_at IS NULL`;
const IS_OVER = `a.status IN ('ended', 'failed')`;

/** Who may run now, and the attempt's place among those who still wait; null when it may run. */
async function readLine(
  tx: Queryable,
  attemptId: number,
  { total, perUser }: BotSlots,
): Promise<{ free: Waiting[]; place: number | null }> {
  const { rows } = await tx.query<Waiting & { place: number; isFree: boolean }>(
    `WITH holding AS (
       SELECT a.meeting_id FROM bot_attempts a
       WHERE a.fenced_at IS NULL AND NOT (${IS_OVER}) AND NOT (${IS_WAITING})
       UNION ALL
       SELECT a.meeting_id FROM bot_attempts a JOIN meetings m ON m.id = a.meeting_id
       WHERE a.status = 'failed' AND a.ended_at > now() - interval '${RELAUNCH_SECONDS} seconds'
         AND a.fenced_at IS NULL AND NOT (${IS_WAITING}) AND m.status IN ('joining', 'live')),
     holders AS (
       SELECT m.user_id, count(*)::int AS held FROM holding h JOIN meetings m ON m.id = h.meeting_id
       WHERE m.source = 'bot' AND m.deleted_at IS NULL GROUP BY m.user_id),
     served AS (
       SELECT m.user_id, max(a.slot_granted_at) AS last FROM bot_attempts a
       JOIN meetings m ON m.id = a.meeting_id
       WHERE a.slot_granted_at > now() - interval '1 hour' GROUP BY m.user_id),
     line AS (
       SELECT a.id, a.meeting_id, a.slot_asked_at, s.last AS served_at, coalesce(h.held, 0)
         + row_number() OVER (PARTITION BY m.user_id ORDER BY a.slot_asked_at, a.id) AS turn
       FROM bot_attempts a JOIN meetings m ON m.id = a.meeting_id
       LEFT JOIN holders h ON h.user_id = m.user_id LEFT JOIN served s ON s.user_id = m.user_id
       WHERE m.deleted_at IS NULL AND a.fenced_at IS NULL AND NOT (${IS_OVER}) AND ${IS_WAITING}
         AND a.slot_seen_at > now() - interval '${WAITING_SECONDS} seconds'),
     placed AS (
       SELECT id, meeting_id, turn <= coalesce($2, turn) AS may, row_number()
         OVER (ORDER BY turn > coalesce($2, turn), turn, served_at NULLS FIRST, slot_asked_at, id)::int AS place
       FROM line),
     judged AS (
       SELECT id, meeting_id AS "meetingId", place,
         may AND place + (SELECT coalesce(sum(held), 0) FROM holders)
           <= coalesce($3, 2147483647) AS "isFree"
       FROM placed)
     SELECT * FROM judged WHERE id = $1 OR "isFree"`,
    [attemptId, perUser, total],
  );
  const own = rows.find(({ id }) => id === attemptId);
  if (!own) throw new Error(`Expected attempt ${attemptId} to be in line`);
  const free = rows.filter(({ isFree }) => isFree);
  // those who may run are the first in line
  return { free, place: own.isFree ? null : own.place - free.length };
}

/** The attempt before had its slot, and it was not its meeting that ended it. */
async function replacesLostBot(
  tx: Queryable,
  { meetingId, attempt }: { meetingId: number; attempt: number },
): Promise<boolean> {
  const { rows } = await tx.query(
    `SELECT 1 FROM bot_attempts a WHERE a.meeting_id = $1 AND a.attempt = $2 - 1
       AND NOT (${IS_WAITING}) AND a.status <> 'ended'
       AND coalesce(a.ended_at, a.fenced_at) > now() - interval '5 minutes'`,
    [meetingId, attempt],
  );
  return rows.length > 0;
}
