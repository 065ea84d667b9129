import type { EndReason } from '../../domain/end-reasons';
import { leavePolicySchema } from '../../domain/leave-policy';
import type { Platform } from '../../domain/platforms';
import { isBotStatusAdvance, type BotStatus } from '../../domain/statuses';
import type { Queryable } from './client';

/** What the database knows of one attempt's bot and of those beside it. */
export interface BotWatch {
  reading: { status: BotStatus; hasBeenIn: boolean };
  reason: EndReason | null;
  hasReported: boolean;
  /** Since its last heartbeat or report, else since its attempt began, in milliseconds. */
  silentMs: number;
  /** It reported a state that the meeting's row does not show yet. */
  isAheadOfMeeting: boolean;
  /** Other bots that should be heard now, and those heard within 10 s. */
  othersExpected: number;
  othersHeard: number;
}

/** What a launcher must know of a bot's meeting; null when the meeting is gone or deleted. */
export async function readBotNeeds(
  db: Queryable,
  meetingId: number,
): Promise<{ platform: Platform; longestMs: number } | null> {
  const { rows } = await db.query<{ platform: Platform; policy: unknown }>(
    `SELECT platform, leave_policy AS policy FROM meetings
     WHERE id = $1 AND deleted_at IS NULL`,
    [meetingId],
  );
  if (!rows[0]) return null;
  const { platform } = rows[0];
  const policy = leavePolicySchema.parse(rows[0].policy ?? {});
  const longestSeconds = policy.waitingRoomSeconds + policy.longestMeetingSeconds;
  return { platform, longestMs: longestSeconds * 1_000 };
}

/** Reads what `watchBot` judges by; null when the meeting is deleted. */
export async function readBotWatch(
  db: Queryable,
  key: { meetingId: number; attempt: number },
): Promise<BotWatch | null> {
  const { rows } = await db.query<{
    status: BotStatus;
    joined: boolean;
    reason: EndReason | null;
    reported: boolean;
    silent_ms: number;
    shown: BotStatus;
  }>(
    `SELECT a.status, a.joined_at IS NOT NULL AS joined, a.reason,
       a.last_heartbeat_at IS NOT NULL AS reported, m.bot_status AS shown,
       extract(epoch FROM now() - coalesce(a.last_heartbeat_at, a.slot_granted_at, a.created_at))
         * 1000 AS silent_ms
     FROM bot_attempts a JOIN meetings m ON m.id = a.meeting_id
     WHERE a.meeting_id = $1 AND a.attempt = $2 AND m.deleted_at IS NULL`,
    [key.meetingId, key.attempt],
  );
  const row = rows[0];
  if (!row) return null;
  const silentMs = Number(row.silent_ms);
  return {
    reading: { status: row.status, hasBeenIn: row.joined },
    reason: row.reason,
    hasReported: row.reported,
    silentMs,
    isAheadOfMeeting: row.status !== 'launching' && isBotStatusAdvance(row.shown, row.status),
    ...(await countOthers(db, key.meetingId, silentMs)),
  };
}

/** A heartbeat comes every 3 s: below this nobody asks who else is heard. */
const NOTABLE_SILENCE_MS = 4_000;

async function countOthers(
  db: Queryable,
  meetingId: number,
  silentMs: number,
): Promise<Pick<BotWatch, 'othersExpected' | 'othersHeard'>> {
  if (silentMs < NOTABLE_SILENCE_MS) return { othersExpected: 0, othersHeard: 0 };
  const { rows } = await db.query<{ expected: number; heard: number }>(
    `SELECT count(*)::int AS expected,
       (count(*) FILTER (WHERE last_heartbeat_at > now() - interval '10 seconds'))::int AS heard
     FROM bot_attempts
     WHERE meeting_id <> $1 AND fenced_at IS NULL AND status NOT IN ('ended', 'failed')
       AND last_heartbeat_at > now() - interval '10 minutes'`,
    [meetingId],
  );
  return { othersExpected: rows[0]?.expected ?? 0, othersHeard: rows[0]?.heard ?? 0 };
}
