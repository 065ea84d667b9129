import type { Queryable } from './client';

/** What a user used on one day, by UTC. */
export interface DayUsage {
  userId: number;
  /** As `2026-01-01`. */
  day: string;
  /** Bots, from launch to end; one that runs counts until now. Two at a time count twice. */
  botMinutes: number;
  /** Audio that bots delivered, by when it was acknowledged. */
  audioSeconds: number;
  /** Audio that was transcribed, each chunk once and by when that was done. */
  whisperSeconds: number;
  /** Tokens of analyses by a language model, by when the analysis was asked for. */
  inputTokens: number;
  outputTokens: number;
}

/** Days as `2026-01-01`, both included. */
export interface DayRange {
  from: string;
  to: string;
}

/** Beginning of a day of UTC, for a column of type date. */
const startOf = (day: string): string => `((${day})::timestamp AT TIME ZONE 'UTC')`;
const dayOf = (moment: string): string => `(${moment} AT TIME ZONE 'UTC')::date`;

/** An attempt's end; a superseded one counts no further than its successor's begin. */
const END_OF_ATTEMPT = 'coalesce(least(a.ended_at, a.fenced_at), now())';

/** Its begin; while it waits in line for others it has not begun. */
const START_OF_ATTEMPT = `coalesce(a.slot_granted_at,
  CASE WHEN a.slot_asked_at IS NULL THEN a.created_at ELSE ${END_OF_ATTEMPT} END)`;

/** Which rows count: of the meetings `m` that are chosen, and within the time if that is given. */
interface Counted {
  chosen: string;
  /** Moments in SQL, the second not included. */
  within?: { start: string; end: string };
}

/**
 * Rows of (user_id, day, bot_ms, audio_ms, whisper_ms, input_tokens, output_tokens); an attempt over
 * midnight has its part on each day, also on days out of the time. Each branch has the range itself,
 * so that a day's usage does not read all chunks there ever were.
 */
const usageOf = ({ chosen, within }: Counted): string => {
  const at = (moment: string): string =>
    within ? `AND ${moment} >= ${within.start} AND ${moment} < ${within.end}` : '';
  const overlap = within
    ? `AND a.created_at < ${within.end} AND ${END_OF_ATTEMPT} >= ${within.start}`
    : '';
  return `
  SELECT m.user_id, d.day::date AS day,
    extract(epoch FROM least(${END_OF_ATTEMPT}, ${startOf(`d.day + interval '1 day'`)})
      - greatest(${START_OF_ATTEMPT}, ${startOf('d.day')})) * 1000 AS bot_ms,
    0 AS audio_ms, 0 AS whisper_ms, 0 AS input_tokens, 0 AS output_tokens
  FROM meetings m JOIN bot_attempts a ON a.meeting_id = m.id
  CROSS JOIN LATERAL generate_series(
    ${dayOf(START_OF_ATTEMPT)}, ${dayOf(END_OF_ATTEMPT)}, interval '1 day') AS d(day)
  WHERE ${chosen} AND m.source = 'bot' ${overlap}
  UNION ALL
  SELECT m.user_id, ${dayOf('c.acknowledged_at')}, 0, c.end_ms - c.start_ms, 0, 0, 0
  FROM meetings m JOIN audio_chunks c ON c.meeting_id = m.id
  WHERE ${chosen} ${at('c.acknowledged_at')}
  UNION ALL
  SELECT m.user_id, ${dayOf('c.done_at')}, 0, 0, c.end_ms - c.start_ms, 0, 0
  FROM meetings m JOIN audio_chunks c ON c.meeting_id = m.id
  WHERE ${chosen} AND c.status = 'done' AND c.done_at IS NOT NULL ${at('c.done_at')}
  UNION ALL
  SELECT m.user_id, ${dayOf('r.created_at')}, 0, 0, 0, r.input_tokens, r.output_tokens
  FROM meetings m JOIN analysis_results r ON r.meeting_id = m.id
  WHERE ${chosen} ${at('r.created_at')}`;
};

/** What these users used, by user and day; days on which nothing was used are left out. */
export async function readUsage(
  db: Queryable,
  userIds: readonly number[],
  { from, to }: DayRange,
): Promise<DayUsage[]> {
  const within = { start: startOf('$2::date'), end: startOf('$3::date + 1') };
  const counted = { chosen: `m.user_id = ANY($1) AND m.created_at < ${within.end}`, within };
  const { rows } = await db.query<DayUsage>(
    `SELECT user_id AS "userId", day::text AS day,
       (sum(bot_ms) / 60000)::float8 AS "botMinutes",
       (sum(audio_ms) / 1000)::float8 AS "audioSeconds",
       (sum(whisper_ms) / 1000)::float8 AS "whisperSeconds",
       sum(input_tokens)::float8 AS "inputTokens", sum(output_tokens)::float8 AS "outputTokens"
     FROM (${usageOf(counted)}
       UNION ALL
       SELECT user_id, day, bot_ms, audio_ms, whisper_ms, input_tokens, output_tokens
       FROM kept_usage WHERE user_id = ANY($1)) AS used
     WHERE day BETWEEN $2::date AND $3::date
     GROUP BY user_id, day ORDER BY user_id DESC, day`,
    [userIds, from, to],
  );
  return rows;
}

/** Bot minutes of this month, by UTC. */
export async function readBotMinutesOfMonth(db: Queryable, userId: number): Promise<number> {
  const month = `date_trunc('month', now() AT TIME ZONE 'UTC')`;
  const { rows } = await db.query<{ minutes: number }>(
    `SELECT ((coalesce((SELECT sum(extract(epoch FROM ${END_OF_ATTEMPT}
           - greatest(${START_OF_ATTEMPT}, ${startOf(month)})) * 1000)
         FROM meetings m JOIN bot_attempts a ON a.meeting_id = m.id
         WHERE m.user_id = $1 AND m.source = 'bot' AND ${END_OF_ATTEMPT} > ${startOf(month)}), 0)
       + coalesce((SELECT sum(bot_ms) FROM kept_usage
         WHERE user_id = $1 AND day >= ${month}::date), 0)) / 60000)::float8 AS minutes`,
    [userId],
  );
  return rows[0]?.minutes ?? 0;
}

/** Keeps what a meeting used before its rows go. Call it once, in the transaction that deletes them. */
export async function keepUsage(tx: Queryable, meetingId: number): Promise<void> {
  await tx.query(
    `INSERT INTO kept_usage AS kept
       (user_id, day, bot_ms, audio_ms, whisper_ms, input_tokens, output_tokens)
     SELECT user_id, day, sum(bot_ms), sum(audio_ms), sum(whisper_ms), sum(input_tokens),
       sum(output_tokens)
     FROM (${usageOf({ chosen: 'm.id = $1' })}) AS used GROUP BY user_id, day
     ON CONFLICT (user_id, day) DO UPDATE SET bot_ms = kept.bot_ms + excluded.bot_ms,
       audio_ms = kept.audio_ms + excluded.audio_ms,
       whisper_ms = kept.whisper_ms + excluded.whisper_ms,
       input_tokens = kept.input_tokens + excluded.input_tokens,
       output_tokens = kept.output_tokens + excluded.output_tokens`,
    [meetingId],
  );
}
