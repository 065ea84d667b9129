import { createHash } from 'node:crypto';
import type { BotChatMessage, ParticipantChange } from '../../domain/bot-api';
import { toStorableText } from '../../domain/text';
import type { Database, Queryable } from './client';
import { appendEvent, type NewEvent } from './events';

/** What became of something that a bot saw in the call. */
export type SightingResult = 'recorded' | 'superseded' | 'meeting_deleted';

interface AttemptKey {
  meetingId: number;
  launchId: string;
}

/**
 * Records who came, left and changed their name. A change that is known already, told by attempt,
 * person, kind and moment, changes nothing.
 */
export async function recordParticipants(
  db: Database,
  key: AttemptKey,
  changes: readonly ParticipantChange[],
): Promise<SightingResult> {
  return db.transaction(async (tx) => {
    const refusal = await lockAttempt(tx, key);
    if (refusal) return refusal;
    const named = changes.map((change) => ({
      change: clean(change),
      dedupeKey: makeDedupeKey(key, change),
    }));
    const known = await tx.query<{ dedupe_key: string }>(
      'SELECT dedupe_key FROM meeting_events WHERE meeting_id = $1 AND dedupe_key = ANY($2)',
      [key.meetingId, named.map((each) => each.dedupeKey)],
    );
    const seen = new Set(known.rows.map((row) => row.dedupe_key));
    const events: NewEvent[] = [];
    for (const { change, dedupeKey } of named) {
      if (seen.has(dedupeKey)) continue;
      seen.add(dedupeKey);
      const participant = await applyChange(tx, key.meetingId, change);
      events.push({ body: { type: `participant.${change.change}`, participant }, dedupeKey });
    }
    // The cursor's row stays locked from the first event to the commit: they come last.
    for (const event of events) await appendEvent(tx, key.meetingId, event);
    return 'recorded';
  });
}

function clean(change: ParticipantChange): ParticipantChange {
  return {
    ...change,
    key: toStorableText(change.key),
    name: change.name === null ? null : toStorableText(change.name),
  };
}

function makeDedupeKey(key: AttemptKey, change: ParticipantChange): string {
  const parts = [key.launchId, change.key, change.change, change.atMs, change.name];
  return `participant:${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
}

async function applyChange(
  tx: Queryable,
  meetingId: number,
  change: ParticipantChange,
): Promise<{ id: number; name: string | null }> {
  const role = change.isBot ? 'bot' : change.isHost ? 'host' : 'guest';
  const { rows } = await tx.query<{ id: number; name: string | null }>(
    `INSERT INTO participants (meeting_id, participant_key, name, role, join_time, leave_time)
     VALUES ($1, $2, $3, $4, CASE WHEN $5 <> 'left' THEN $6::timestamptz END,
       CASE WHEN $5 = 'left' THEN $6::timestamptz END)
     ON CONFLICT (meeting_id, participant_key) DO UPDATE SET
       name = coalesce(excluded.name, participants.name),
       role = CASE WHEN $5 = 'joined' THEN excluded.role ELSE participants.role END,
       join_time = coalesce(participants.join_time, excluded.join_time),
       leave_time = CASE $5 WHEN 'joined' THEN NULL WHEN 'left' THEN excluded.leave_time
         ELSE participants.leave_time END
     RETURNING id, name`,
    [meetingId, change.key, change.name, role, change.change, new Date(change.atMs)],
  );
  const row = rows[0];
  if (!row) throw new Error('Expected the upsert of a participant to return its row');
  return row;
}

/** Records a chat message; one with a key that is known changes nothing. */
export async function recordChat(
  db: Database,
  key: AttemptKey,
  message: BotChatMessage,
): Promise<SightingResult> {
  return db.transaction(async (tx) => {
    const refusal = await lockAttempt(tx, key);
    if (refusal) return refusal;
    const from = message.from === null ? null : toStorableText(message.from);
    await appendEvent(tx, key.meetingId, {
      body: { type: 'chat.message', from, text: toStorableText(message.text) },
      dedupeKey: `chat:${createHash('sha256').update(message.key).digest('hex')}`,
    });
    return 'recorded';
  });
}

/** Keeps two requests of one attempt apart, and tells whether the attempt may still write. */
async function lockAttempt(
  tx: Queryable,
  key: AttemptKey,
): Promise<Exclude<SightingResult, 'recorded'> | null> {
  const meeting = await tx.query(
    'SELECT 1 FROM meetings WHERE id = $1 AND deleted_at IS NULL FOR KEY SHARE',
    [key.meetingId],
  );
  if (meeting.rows.length === 0) return 'meeting_deleted';
  const attempt = await tx.query(
    `SELECT 1 FROM bot_attempts
     WHERE meeting_id = $1 AND launch_id = $2 AND fenced_at IS NULL FOR NO KEY UPDATE`,
    [key.meetingId, key.launchId],
  );
  return attempt.rows.length === 0 ? 'superseded' : null;
}
