import type { Queryable } from './client';

export interface NotesKey {
  meetingId: number;
  userId: number;
}

/** What a user wrote down about a meeting. */
export interface NotesRow {
  text: string;
  version: number;
  updatedAt: Date;
}

const COLUMNS = 'text, version, updated_at AS "updatedAt"';

/** A user's notes about a meeting, or null before there are any. */
export async function readNotes(db: Queryable, key: NotesKey): Promise<NotesRow | null> {
  const { rows } = await db.query<NotesRow>(
    `SELECT ${COLUMNS} FROM meeting_notes WHERE meeting_id = $1 AND user_id = $2`,
    [key.meetingId, key.userId],
  );
  return rows[0] ?? null;
}

/**
 * Writes notes that were made from `version`, 0 for none; null when there is another version by now.
 * The meeting must be the user's and not deleted.
 */
export async function writeNotes(
  db: Queryable,
  key: NotesKey,
  { text, version }: { text: string; version: number },
): Promise<NotesRow | null> {
  const { rows } = await db.query<NotesRow>(
    `INSERT INTO meeting_notes AS n (meeting_id, user_id, text)
     SELECT m.id, $2, $3 FROM meetings m
     WHERE m.id = $1 AND m.user_id = $2 AND m.deleted_at IS NULL
       AND ($4 = 0 OR EXISTS (SELECT 1 FROM meeting_notes WHERE meeting_id = $1 AND user_id = $2))
     ON CONFLICT (meeting_id, user_id) DO UPDATE
       SET text = excluded.text, version = n.version + 1, updated_at = now()
       WHERE n.version = $4
     RETURNING ${COLUMNS}`,
    [key.meetingId, key.userId, text, version],
  );
  return rows[0] ?? null;
}
