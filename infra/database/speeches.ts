import type { Queryable } from './client';

/** Something a bot is to say: the sound's place in the audio store. */
export interface Speech {
  id: string;
  meetingId: number;
  objectKey: string;
  sizeBytes: number;
}

/** Keeps the row of a speech whose sound is in the audio store already. */
export async function insertSpeech(tx: Queryable, speech: Speech): Promise<void> {
  await tx.query(
    'INSERT INTO speeches (id, meeting_id, object_key, size_bytes) VALUES ($1, $2, $3, $4)',
    [speech.id, speech.meetingId, speech.objectKey, speech.sizeBytes],
  );
}

/** The speech of this meeting, or null: another meeting's does not exist for its bot. */
export async function findSpeech(
  db: Queryable,
  key: { meetingId: number; speechId: string },
): Promise<Speech | null> {
  const { rows } = await db.query<Speech>(
    `SELECT id, meeting_id AS "meetingId", object_key AS "objectKey", size_bytes AS "sizeBytes"
     FROM speeches WHERE id = $1 AND meeting_id = $2`,
    [key.speechId, key.meetingId],
  );
  return rows[0] ?? null;
}
