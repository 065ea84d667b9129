import type { WebhookMeeting } from '../../domain/webhooks';
import type { Queryable } from './client';

/** What messages say of a meeting; null for one that is gone or deleted. */
export async function readWebhookMeeting(
  db: Queryable,
  meetingId: number,
): Promise<WebhookMeeting | null> {
  const { rows } = await db.query<{
    title: string | null;
    platform: WebhookMeeting['platform'];
    meetingUrl: string | null;
    scheduledStart: Date | null;
    actualStart: Date | null;
    actualEnd: Date | null;
  }>(
    `SELECT title, platform, meeting_url AS "meetingUrl", scheduled_start AS "scheduledStart",
       actual_start AS "actualStart", actual_end AS "actualEnd"
     FROM meetings WHERE id = $1 AND deleted_at IS NULL`,
    [meetingId],
  );
  const row = rows[0];
  if (!row) return null;
  return {
    ...row,
    scheduledStart: row.scheduledStart?.toISOString() ?? null,
    actualStart: row.actualStart?.toISOString() ?? null,
    actualEnd: row.actualEnd?.toISOString() ?? null,
  };
}

/** What an analysis says, as its message carries it. */
export async function readAnalysisData(
  db: Queryable,
  { meetingId, run }: { meetingId: number; run: number },
): Promise<{
  provider: string | null;
  model: string | null;
  content: unknown;
  error: string | null;
}> {
  const { rows } = await db.query<{
    provider: string | null;
    model: string | null;
    content: unknown;
    error: string | null;
  }>(
    `SELECT provider, model, result_data AS content, error FROM analysis_results
     WHERE meeting_id = $1 AND analysis_type = 'meeting' AND run = $2`,
    [meetingId, run],
  );
  return rows[0] ?? { provider: null, model: null, content: null, error: null };
}

/** How large and long a meeting's recording is. */
export async function readRecordingData(
  db: Queryable,
  meetingId: number,
): Promise<{ bytes: number | null; durationMs: number | null }> {
  const { rows } = await db.query<{ bytes: number | null; durationMs: number | null }>(
    `SELECT recording_bytes AS bytes, recording_ms AS "durationMs" FROM meetings WHERE id = $1`,
    [meetingId],
  );
  return rows[0] ?? { bytes: null, durationMs: null };
}
