import type { Database, Queryable } from './client';
import { appendEvent } from './events';
import { announceSegmentsOf, lockCursor } from './sound-sources';

/** A participant with how much they said in the meeting's current transcript. */
export interface ParticipantRow {
  id: number;
  name: string | null;
  platformName: string | null;
  isNameGiven: boolean;
  role: string;
  joinTime: Date | null;
  leaveTime: Date | null;
  talkMs: number;
  segments: number;
}

const SELECT_PARTICIPANTS = `SELECT p.id, p.name, p.is_name_given AS "isNameGiven", p.role,
    CASE WHEN p.is_name_given THEN p.platform_name ELSE p.name END AS "platformName",
    p.join_time AS "joinTime", p.leave_time AS "leaveTime",
    coalesce(s.talk_ms, 0)::int AS "talkMs", coalesce(s.segments, 0)::int AS segments
  FROM participants p JOIN meetings m ON m.id = p.meeting_id
  LEFT JOIN LATERAL (
    SELECT sum(t.end_ms - t.timestamp_ms) AS talk_ms, count(*) AS segments FROM transcriptions t
    WHERE t.participant_id = p.id AND t.version = m.transcript_version) s ON true`;

/** A meeting's participants, whoever spoke most first. */
export async function listParticipants(
  db: Queryable,
  meetingId: number,
): Promise<ParticipantRow[]> {
  const { rows } = await db.query<ParticipantRow>(
    `${SELECT_PARTICIPANTS} WHERE p.meeting_id = $1 ORDER BY "talkMs" DESC, p.id`,
    [meetingId],
  );
  return rows;
}

/** How much was said by people nobody could tell. */
export async function measureUnknownTalk(
  db: Queryable,
  { meetingId, version }: { meetingId: number; version: number },
): Promise<{ talkMs: number; segments: number }> {
  const { rows } = await db.query<{ talkMs: number; segments: number }>(
    `SELECT coalesce(sum(end_ms - timestamp_ms), 0)::int AS "talkMs", count(*)::int AS segments
     FROM transcriptions WHERE meeting_id = $1 AND version = $2 AND participant_id IS NULL`,
    [meetingId, version],
  );
  return rows[0] ?? { talkMs: 0, segments: 0 };
}

/**
 * Gives a participant a name that stays whatever the platform says, or with null the platform's
 * name again; all that they have said goes onto the cursor once more. Null when the user's meeting
 * has no such participant.
 */
export async function renameParticipant(
  db: Database,
  key: { meetingId: number; userId: number; participantId: number },
  name: string | null,
): Promise<ParticipantRow | null> {
  const { meetingId, participantId } = key;
  return db.transaction(async (tx) => {
    // a deletion waits for this, or is seen
    const meeting = await tx.query(
      'SELECT 1 FROM meetings WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL FOR SHARE',
      [meetingId, key.userId],
    );
    if (meeting.rows.length === 0) return null;
    await lockCursor(tx, meetingId);
    const { rows: found } = await tx.query<{ name: string | null }>(
      'SELECT name FROM participants WHERE id = $1 AND meeting_id = $2 FOR NO KEY UPDATE',
      [participantId, meetingId],
    );
    const before = found[0];
    if (!before) return null;
    await tx.query(
      `UPDATE participants SET is_name_given = $2::text IS NOT NULL,
         platform_name = CASE WHEN $2 IS NULL THEN NULL WHEN is_name_given THEN platform_name
           ELSE name END,
         name = CASE WHEN $2 IS NOT NULL THEN $2 WHEN is_name_given THEN platform_name
           ELSE name END
       WHERE id = $1`,
      [participantId, name],
    );
    const { rows } = await tx.query<ParticipantRow>(`${SELECT_PARTICIPANTS} WHERE p.id = $1`, [
      participantId,
    ]);
    const after = rows[0];
    if (after && after.name !== before.name) await announceName(tx, meetingId, after);
    return after ?? null;
  });
}

async function announceName(
  tx: Queryable,
  meetingId: number,
  { id, name }: ParticipantRow,
): Promise<void> {
  const body = { type: 'participant.renamed', participant: { id, name } } as const;
  await appendEvent(tx, meetingId, { body });
  await announceSegmentsOf(tx, meetingId, [id]);
}
