import { createHash } from 'node:crypto';
import type { BotChatMessage, ParticipantChange } from '../../domain/bot-api';
import { toStorableText } from '../../domain/text';
import type { Database, Queryable } from './client';
import { appendEvent, type NewEvent } from './events';
import { lockAttempt, type AttemptKey, type SightingResult } from './sightings';
import { announceSegmentsOf, bindNamesakes, lockCursor } from './sound-sources';

/**
 * Records who came, left and changed their name. A change that is known already, told by attempt,
 * person, kind and moment, changes nothing. Segments show the newest name of their speaker: when it
 * changes, all that they have said goes onto the cursor again, once per call of this.
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
    const fresh = named.filter(({ dedupeKey }) => {
      const isFresh = !seen.has(dedupeKey);
      seen.add(dedupeKey);
      return isFresh;
    });
    if (fresh.length > 0) await applyChanges(tx, key.meetingId, fresh);
    return 'recorded';
  });
}

interface NamedChange {
  change: ParticipantChange;
  dedupeKey: string;
}

async function applyChanges(
  tx: Queryable,
  meetingId: number,
  changes: readonly NamedChange[],
): Promise<void> {
  await lockCursor(tx, meetingId);
  const keys = changes.map(({ change }) => change.key);
  const before = await readNames(tx, meetingId, keys);
  const events: NewEvent[] = [];
  const after = new Map<number, string | null>();
  for (const { change, dedupeKey } of changes) {
    const participant = await applyChange(tx, meetingId, change);
    after.set(participant.id, participant.name);
    events.push({ body: { type: `participant.${change.change}`, participant }, dedupeKey });
  }
  for (const event of events) await appendEvent(tx, meetingId, event);
  const renamed = [...before].filter(([id, name]) => after.get(id) !== name);
  await announceSegmentsOf(
    tx,
    meetingId,
    renamed.map(([id]) => id),
  );
  await bindNamesakes(tx, meetingId, keys);
}

async function readNames(
  tx: Queryable,
  meetingId: number,
  keys: readonly string[],
): Promise<Map<number, string | null>> {
  const { rows } = await tx.query<{ id: number; name: string | null }>(
    'SELECT id, name FROM participants WHERE meeting_id = $1 AND participant_key = ANY($2)',
    [meetingId, keys],
  );
  return new Map(rows.map((row) => [row.id, row.name]));
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
  return `participant:${hash(parts)}`;
}

function hash(parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
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
       -- a name that the owner gave stays
       name = CASE WHEN participants.is_name_given THEN participants.name
         ELSE coalesce(excluded.name, participants.name) END,
       platform_name = CASE WHEN participants.is_name_given
         THEN coalesce(excluded.name, participants.platform_name) END,
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
      // some pages know no better key than a place in the list, which begins anew with each attempt
      dedupeKey: `chat:${hash([message.key, message.from, message.text])}`,
    });
    return 'recorded';
  });
}
