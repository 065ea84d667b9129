import type { BotCommand, BotCommandAck } from '../../domain/bot-api';
import type { Database, Queryable } from './client';
import { appendEvent } from './events';

/**
 * Leaves a command for one attempt's bot; the same `leave` twice is one. Returns false when the
 * attempt does not exist.
 */
export async function leaveCommand(
  db: Queryable,
  key: { meetingId: number; attempt: number },
  command: BotCommand['command'],
): Promise<boolean> {
  const { rows } = await db.query(
    `WITH target AS (
       SELECT id FROM bot_attempts WHERE meeting_id = $1 AND attempt = $2 FOR NO KEY UPDATE),
     known AS (
       SELECT c.id FROM bot_commands c JOIN target ON c.attempt_id = target.id
       WHERE c.command = $3::jsonb AND c.command ->> 'kind' = 'leave'),
     made AS (
       INSERT INTO bot_commands (attempt_id, seq, command)
       SELECT target.id, coalesce((SELECT max(seq) FROM bot_commands
         WHERE attempt_id = target.id), 0) + 1, $3::jsonb
       FROM target WHERE NOT EXISTS (SELECT 1 FROM known) RETURNING id)
     SELECT id FROM made UNION ALL SELECT id FROM known`,
    [key.meetingId, key.attempt, JSON.stringify(command)],
  );
  return rows.length > 0;
}

/** Commands of an attempt with `seq > after`, in order. */
export async function readCommands(
  db: Queryable,
  attemptId: number,
  after: number,
): Promise<BotCommand[]> {
  const { rows } = await db.query<{
    seq: number;
    command: BotCommand['command'];
  }>('SELECT seq, command FROM bot_commands WHERE attempt_id = $1 AND seq > $2 ORDER BY seq', [
    attemptId,
    after,
  ]);
  return rows;
}

/** Commands behind several attempts' positions, in order per attempt, at most `limit` of each. */
export async function readCommandsOfMany(
  db: Queryable,
  positions: readonly { attemptId: number; after: number }[],
  limit: number,
): Promise<(BotCommand & { attemptId: number })[]> {
  const { rows } = await db.query<BotCommand & { attemptId: number }>(
    `SELECT w.attempt_id AS "attemptId", c.seq, c.command
     FROM unnest($1::int[], $2::int[]) AS w(attempt_id, after)
     CROSS JOIN LATERAL (
       SELECT seq, command FROM bot_commands
       WHERE attempt_id = w.attempt_id AND seq > w.after ORDER BY seq LIMIT $3) c
     ORDER BY w.attempt_id, c.seq`,
    [positions.map((each) => each.attemptId), positions.map((each) => each.after), limit],
  );
  return rows;
}

/**
 * Notes that a bot begins with a command: a later attempt does not do it again. Returns false when
 * one took over already.
 */
export async function beginCommand(
  db: Database,
  key: { attemptId: number; seq: number },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const attempt = await tx.query(
      'SELECT 1 FROM bot_attempts WHERE id = $1 AND fenced_at IS NULL FOR NO KEY UPDATE',
      [key.attemptId],
    );
    if (!attempt.rows[0]) return false;
    await tx.query(
      `UPDATE bot_commands SET begun_at = now()
       WHERE attempt_id = $1 AND seq = $2 AND begun_at IS NULL`,
      [key.attemptId, key.seq],
    );
    return true;
  });
}

/**
 * Notes once what became of a command, and tells readers when it was something to say or write.
 * Returns false when a later attempt took over: the command is that one's now.
 */
export async function acknowledgeCommand(
  db: Database,
  key: { meetingId: number; attemptId: number; seq: number },
  { status, detail }: BotCommandAck,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const attempt = await tx.query(
      'SELECT 1 FROM bot_attempts WHERE id = $1 AND fenced_at IS NULL FOR NO KEY UPDATE',
      [key.attemptId],
    );
    if (!attempt.rows[0]) return false;
    const { rows } = await tx.query<FinishedCommand>(
      `UPDATE bot_commands SET acknowledged_at = now(), status = $3, detail = $4
       WHERE attempt_id = $1 AND seq = $2 AND acknowledged_at IS NULL
       RETURNING id, command ->> 'kind' AS kind, status, detail`,
      [key.attemptId, key.seq, status, detail ?? null],
    );
    await announceCommands(tx, key.meetingId, rows);
    return true;
  });
}

/** A command with what became of it. */
export interface FinishedCommand {
  id: number;
  kind: BotCommand['command']['kind'];
  status: BotCommandAck['status'];
  detail: string | null;
}

/** Call it last in a transaction, as every appending of events. */
export async function announceCommands(
  tx: Queryable,
  meetingId: number,
  commands: readonly FinishedCommand[],
): Promise<void> {
  for (const { id, kind, status, detail } of commands) {
    if (kind === 'leave') continue;
    await appendEvent(tx, meetingId, {
      body: { type: 'command.status', commandId: id, kind, status, detail },
      dedupeKey: `command:${id}`,
    });
  }
}
