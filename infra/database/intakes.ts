import type { Queryable } from './client';

/** Whether a meeting may still bring chunks. */
export interface IntakeState {
  intakeClosed: boolean;
  meetingDeleted: boolean;
}

/** Intake states of several meetings; a meeting that is gone is absent. */
export async function readIntakes(
  db: Queryable,
  meetingIds: readonly number[],
): Promise<Map<number, IntakeState>> {
  const { rows } = await db.query<{
    id: number;
    intake_closed: boolean;
    deleted: boolean;
  }>(
    `SELECT m.id, i.closed_at IS NOT NULL AS intake_closed, m.deleted_at IS NOT NULL AS deleted
     FROM meetings m LEFT JOIN meeting_intakes i ON i.meeting_id = m.id
     WHERE m.id = ANY($1::int[])`,
    [meetingIds],
  );
  return new Map(
    rows.map((row) => [row.id, { intakeClosed: row.intake_closed, meetingDeleted: row.deleted }]),
  );
}

/** Opens the meeting's intake, unless the meeting is deleted; makes its row on first use. */
export async function openIntake(db: Queryable, meetingId: number): Promise<void> {
  await db.query(
    `INSERT INTO meeting_intakes (meeting_id)
     SELECT id FROM meetings WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE
     ON CONFLICT (meeting_id) DO UPDATE SET closed_at = NULL`,
    [meetingId],
  );
}

/** Closes the meeting's intake; waits for chunks that are being inserted, refuses later ones. */
export async function closeIntake(db: Queryable, meetingId: number): Promise<void> {
  await db.query(
    `UPDATE meeting_intakes SET closed_at = now() WHERE meeting_id = $1 AND closed_at IS NULL`,
    [meetingId],
  );
}
