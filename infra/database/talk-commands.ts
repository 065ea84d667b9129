import type { BotCommand } from '../../domain/bot-api';
import { isMeetingActive, type MeetingStatus } from '../../domain/statuses';
import type { BotCommandView } from '../../domain/talking-back';
import type { Queryable } from './client';
import type { FinishedCommand } from './commands';

/** Commands that make a bot say or write something; they outlive the attempt they were left for. */
export type TalkCommand = Exclude<BotCommand['command'], { kind: 'leave' }>;

/** Written into the detail of what nobody carries out any more. */
const LOST_BOT = 'The bot was lost in the middle of it: the others may have got it.';
const MEETING_OVER = 'The meeting was over before a bot could do it.';

export interface TalkCommandRow {
  id: number;
  kind: BotCommandView['kind'];
  text: string | null;
  attempt: number;
  status: 'done' | 'failed' | null;
  detail: string | null;
  createdAt: Date;
  acknowledgedAt: Date | null;
}

const COLUMNS = `c.id, c.command ->> 'kind' AS kind, c.command ->> 'text' AS text, a.attempt,
  c.status, c.detail, c.created_at AS "createdAt", c.acknowledged_at AS "acknowledgedAt"`;
const IS_TALK = `c.command ->> 'kind' IN ('send_chat', 'speak', 'stop_speaking')`;

export type TalkResult =
  | { kind: 'left'; command: TalkCommandRow }
  | { kind: 'no_running_bot' }
  | { kind: 'meeting_over' }
  | { kind: 'meeting_deleted' };

/**
 * Leaves a command for the meeting's newest attempt while the meeting is active. When that attempt
 * is lost, the next one gets it. Call it in a transaction: it locks the meeting, so that the end of
 * the meeting comes either before, and refuses, or after, and fails what is left.
 */
export async function leaveTalkCommand(
  tx: Queryable,
  meetingId: number,
  command: TalkCommand,
): Promise<TalkResult> {
  const target = await findTarget(tx, meetingId);
  if (target.kind !== 'ready') return target;
  const { rows } = await tx.query<TalkCommandRow>(
    `WITH made AS (
       INSERT INTO bot_commands (attempt_id, seq, command)
       SELECT $1, coalesce(max(seq), 0) + 1, $2::jsonb FROM bot_commands WHERE attempt_id = $1
       RETURNING *)
     SELECT ${COLUMNS} FROM made c JOIN bot_attempts a ON a.id = c.attempt_id`,
    [target.attemptId, JSON.stringify(command)],
  );
  if (!rows[0]) throw new Error('Expected the insert of a command to return its row');
  return { kind: 'left', command: rows[0] };
}

/** Whether a command could be left now; asked before the work of synthesising speech. */
export async function canTalk(
  db: Queryable,
  meetingId: number,
): Promise<'ready' | 'no_running_bot' | 'meeting_over' | 'meeting_deleted'> {
  const { rows } = await db.query<Standing>(`${STANDING} WHERE m.id = $1`, [meetingId]);
  return judge(rows[0]).kind;
}

interface Standing {
  status: MeetingStatus;
  deleted: boolean;
  attemptId: number | null;
}

const STANDING = `SELECT m.status, m.deleted_at IS NOT NULL AS deleted, (
    SELECT id FROM bot_attempts WHERE meeting_id = m.id ORDER BY attempt DESC LIMIT 1) AS "attemptId"
  FROM meetings m`;

type Target =
  | { kind: 'ready'; attemptId: number }
  | { kind: 'no_running_bot' }
  | { kind: 'meeting_over' }
  | { kind: 'meeting_deleted' };

async function findTarget(tx: Queryable, meetingId: number): Promise<Target> {
  await tx.query('SELECT 1 FROM meetings WHERE id = $1 FOR NO KEY UPDATE', [meetingId]);
  const { rows } = await tx.query<Standing>(`${STANDING} WHERE m.id = $1`, [meetingId]);
  const target = judge(rows[0]);
  if (target.kind === 'ready') {
    // `leave` commands take the same lock for the next seq
    await tx.query('SELECT 1 FROM bot_attempts WHERE id = $1 FOR NO KEY UPDATE', [
      target.attemptId,
    ]);
  }
  return target;
}

function judge(standing: Standing | undefined): Target {
  if (!standing || standing.deleted) return { kind: 'meeting_deleted' };
  const { status, attemptId } = standing;
  if (status === 'created' || status === 'scheduled') return { kind: 'no_running_bot' };
  // from `processing` on no bot comes back
  if (!isMeetingActive(status) || status === 'processing') return { kind: 'meeting_over' };
  return attemptId === null ? { kind: 'no_running_bot' } : { kind: 'ready', attemptId };
}

/**
 * Gives what earlier attempts left undone to a new one, in the order it was asked for. What one of
 * them had begun fails, to be announced: rather missing than there twice.
 */
export async function inheritTalkCommands(
  tx: Queryable,
  { meetingId, attemptId }: { meetingId: number; attemptId: number },
): Promise<FinishedCommand[]> {
  const { rows } = await tx.query<FinishedCommand>(
    `UPDATE bot_commands c SET acknowledged_at = now(), status = 'failed', detail = $3
     FROM bot_attempts a WHERE a.id = c.attempt_id AND a.meeting_id = $1 AND a.id <> $2
       AND c.acknowledged_at IS NULL AND c.begun_at IS NOT NULL AND ${IS_TALK}
     RETURNING c.id, c.command ->> 'kind' AS kind, c.status, c.detail`,
    [meetingId, attemptId, LOST_BOT],
  );
  await tx.query(
    `UPDATE bot_commands c SET attempt_id = $2, seq = ordered.place
     FROM (SELECT c.id, row_number() OVER (ORDER BY c.id) AS place
       FROM bot_commands c JOIN bot_attempts a ON a.id = c.attempt_id
       WHERE a.meeting_id = $1 AND a.id <> $2 AND c.acknowledged_at IS NULL AND ${IS_TALK}) ordered
     WHERE c.id = ordered.id`,
    [meetingId, attemptId],
  );
  return rows.sort((one, other) => one.id - other.id);
}

/** Fails what no bot will do any more, in the transaction that ends the meeting; to be announced. */
export async function failOpenTalkCommands(
  tx: Queryable,
  meetingId: number,
): Promise<FinishedCommand[]> {
  const { rows } = await tx.query<FinishedCommand>(
    `UPDATE bot_commands c SET acknowledged_at = now(), status = 'failed', detail = $2
     FROM bot_attempts a WHERE a.id = c.attempt_id AND a.meeting_id = $1
       AND c.acknowledged_at IS NULL AND ${IS_TALK}
     RETURNING c.id, c.command ->> 'kind' AS kind, c.status, c.detail`,
    [meetingId, MEETING_OVER],
  );
  return rows.sort((one, other) => one.id - other.id);
}

/** What a meeting's bots were asked to say or write, newest first, before `beforeId`. */
export async function listTalkCommands(
  db: Queryable,
  query: { meetingId: number; beforeId: number | null; limit: number },
): Promise<{ commands: TalkCommandRow[]; nextBeforeId: number | null }> {
  const { rows } = await db.query<TalkCommandRow>(
    `SELECT ${COLUMNS} FROM bot_commands c JOIN bot_attempts a ON a.id = c.attempt_id
     WHERE a.meeting_id = $1 AND ${IS_TALK} AND ($2::int IS NULL OR c.id < $2)
     ORDER BY c.id DESC LIMIT $3`,
    [query.meetingId, query.beforeId, query.limit + 1],
  );
  const commands = rows.slice(0, query.limit);
  const hasMore = rows.length > query.limit;
  return { commands, nextBeforeId: hasMore ? (commands.at(-1)?.id ?? null) : null };
}
