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

/**
 * Asks for a slot, or asks again: the line and who may run are decided here alone. In line come
 * first those whose users have the fewest bots, of these whose last turn is longest ago, then who
 * asked first. A bot that replaces a lost one has its slot. Idempotent by attempt; readers are told
 * of each new place once.
 */
export async function askForSlot(
  db: Database,
  key: { meetingId: number; attempt: number },
  slots: BotSlots,
): Promise<SlotAnswer | 'meeting_gone'> {
  if (slots.total === null && slots.perUser === null) return { kind: 'granted' };
  return db.transaction(async (tx) => {
    await tx.query(DECIDING);
    const attemptId = await joinLine(tx, key);
    if (attemptId === null) return 'meeting_gone';
    if (attemptId === 'granted') return { kind: 'granted' };
    const { place, isFree } = await findPlace(tx, attemptId, slots);
    if (isFree || (await replacesLostBot(tx, key))) {
      await tx.query('UPDATE bot_attempts SET slot_granted_at = now() WHERE id = $1', [attemptId]);
      await showPlace(tx, key.meetingId, null);
      return { kind: 'granted' };
    }
    await showPlace(tx, key.meetingId, place);
    const message = `The bot waits for others to end: it is number ${place} in line.`;
    await appendEvent(tx, key.meetingId, {
      body: {
        type: 'bot.pickup_delayed',
        attempt: key.attempt,
        reason: null,
        queuePlace: place,
        message,
      },
      dedupeKey: `queued:${key.attempt}:${place}`,
    });
    return { kind: 'queued', place };
  });
}

async function showPlace(tx: Queryable, meetingId: number, place: number | null): Promise<void> {
  await tx.query(
    'UPDATE meetings SET bot_queue_place = $2 WHERE id = $1 AND bot_queue_place IS DISTINCT FROM $2',
    [meetingId, place],
  );
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

async function findPlace(
  tx: Queryable,
  attemptId: number,
  { total, perUser }: BotSlots,
): Promise<{ place: number; isFree: boolean }> {
  const { rows } = await tx.query<{ place: number; isFree: boolean }>(
    `WITH holders AS (
       SELECT m.user_id, count(*)::int AS held FROM bot_attempts a
       JOIN meetings m ON m.id = a.meeting_id
       WHERE m.source = 'bot' AND m.deleted_at IS NULL AND a.fenced_at IS NULL
         AND NOT (${IS_WAITING})
         AND (NOT (${IS_OVER})
           OR (a.status = 'failed' AND m.status IN ('joining', 'live')
             AND a.ended_at > now() - interval '${RELAUNCH_SECONDS} seconds'))
       GROUP BY m.user_id),
     served AS (
       SELECT m.user_id, max(a.slot_granted_at) AS last FROM bot_attempts a
       JOIN meetings m ON m.id = a.meeting_id
       WHERE a.slot_granted_at > now() - interval '1 hour' GROUP BY m.user_id),
     line AS (
       SELECT a.id, a.slot_asked_at, s.last AS served_at, coalesce(h.held, 0) + row_number()
         OVER (PARTITION BY m.user_id ORDER BY a.slot_asked_at, a.id) AS turn
       FROM bot_attempts a JOIN meetings m ON m.id = a.meeting_id
       LEFT JOIN holders h ON h.user_id = m.user_id LEFT JOIN served s ON s.user_id = m.user_id
       WHERE m.deleted_at IS NULL AND a.fenced_at IS NULL AND NOT (${IS_OVER}) AND ${IS_WAITING}
         AND a.slot_seen_at > now() - interval '${WAITING_SECONDS} seconds'),
     placed AS (
       SELECT id, turn <= coalesce($2, turn) AS may, row_number()
         OVER (ORDER BY turn > coalesce($2, turn), turn, served_at NULLS FIRST, slot_asked_at, id)::int AS place
       FROM line)
     SELECT place, may AND place + (SELECT coalesce(sum(held), 0) FROM holders)
       <= coalesce($3, 2147483647) AS "isFree"
     FROM placed WHERE id = $1`,
    [attemptId, perUser, total],
  );
  if (!rows[0]) throw new Error(`Expected attempt ${attemptId} to be in line`);
  return rows[0];
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
