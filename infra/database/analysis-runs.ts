import type { AnalysisContent, AnalysisSegment, TokenUse } from '../../domain/analysis';
import type { AnalysisWorkflowInput } from '../../domain/workflow-messages';
import type { Database, Queryable } from './client';
import { appendEvent } from './events';

/** What an analysis is made from, read at one moment. */
export interface AnalysisTranscript {
  version: number;
  /** In the order they were said. */
  segments: AnalysisSegment[];
  /** Newest seq among the segments, 0 for none: tells whether more was said since. */
  seq: number;
}

export type AnalysisReading =
  | { kind: 'running'; transcript: AnalysisTranscript }
  /** This run has its answer, or was given up, by an earlier attempt. */
  | { kind: 'settled' }
  | { kind: 'meeting_deleted' };

/** Reads what a running analysis works on. */
export async function readAnalysisRun(
  db: Queryable,
  { meetingId, run }: AnalysisWorkflowInput,
): Promise<AnalysisReading> {
  const found = await db.query<{ status: string; version: number }>(
    `SELECT a.status, m.transcript_version AS version FROM analysis_results a
     JOIN meetings m ON m.id = a.meeting_id AND m.deleted_at IS NULL
     WHERE a.meeting_id = $1 AND a.run = $2`,
    [meetingId, run],
  );
  const row = found.rows[0];
  if (!row) return { kind: 'meeting_deleted' };
  if (row.status !== 'running') return { kind: 'settled' };
  const { rows } = await db.query<AnalysisSegment & { seq: number }>(
    `SELECT t.id, t.seq, t.timestamp_ms AS "startMs", t.end_ms AS "endMs", t.text,
       t.participant_id AS "speakerId", p.name AS "speakerName"
     FROM transcriptions t LEFT JOIN participants p ON p.id = t.participant_id
     WHERE t.meeting_id = $1 AND t.version = $2
     ORDER BY t.timestamp_ms, t.id`,
    [meetingId, row.version],
  );
  const seq = rows.reduce((newest, segment) => Math.max(newest, segment.seq), 0);
  const segments = rows.map(({ seq: _seq, ...segment }) => segment);
  return { kind: 'running', transcript: { version: row.version, segments, seq } };
}

/** The answer for one part of a long meeting under the hash of what was asked, or null. */
export async function findAnalysisPart(
  db: Queryable,
  { meetingId, run }: AnalysisWorkflowInput,
  hash: string,
): Promise<unknown> {
  const { rows } = await db.query<{ part: unknown }>(
    'SELECT parts -> $3 AS part FROM analysis_results WHERE meeting_id = $1 AND run = $2',
    [meetingId, run, hash],
  );
  return rows[0]?.part ?? null;
}

/** Keeps a part's answer, so that a retry pays for none twice. */
export async function saveAnalysisPart(
  db: Queryable,
  { meetingId, run }: AnalysisWorkflowInput,
  { hash, part }: { hash: string; part: unknown },
): Promise<void> {
  await db.query(
    `UPDATE analysis_results SET parts = coalesce(parts, '{}') || jsonb_build_object($3::text, $4::jsonb)
     WHERE meeting_id = $1 AND run = $2 AND status = 'running'`,
    [meetingId, run, hash, JSON.stringify(part)],
  );
}

/** Adds tokens that were used, also by answers that were of no use. */
export async function addAnalysisTokens(
  db: Queryable,
  { meetingId, run }: AnalysisWorkflowInput,
  { inputTokens, outputTokens }: TokenUse,
): Promise<void> {
  await db.query(
    `UPDATE analysis_results SET input_tokens = input_tokens + $3, output_tokens = output_tokens + $4
     WHERE meeting_id = $1 AND run = $2`,
    [meetingId, run, inputTokens, outputTokens],
  );
}

export interface AnalysisAnswer {
  content: AnalysisContent;
  droppedClaims: number;
  provider: string;
  model: string | null;
}

/**
 * Stores the answer of a running analysis and says so, in one transaction. More words since the
 * transcript was read mean `transcript_grew`: nothing is stored and the run goes on. A meeting that
 * is under way again is not chased, since its end begins another run.
 */
export async function completeAnalysis(
  db: Database,
  key: AnalysisWorkflowInput,
  { answer, transcript }: { answer: AnalysisAnswer; transcript: AnalysisTranscript },
): Promise<'completed' | 'transcript_grew' | 'not_running'> {
  return db.transaction(async (tx) => {
    const locked = await tx.query<{ grew: boolean }>(
      `SELECT m.status NOT IN ('joining', 'live', 'processing') AND (
         m.transcript_version <> $3 OR EXISTS (
           SELECT 1 FROM transcriptions WHERE meeting_id = m.id AND version = $3 AND seq > $4)) AS grew
       FROM analysis_results a
       JOIN meetings m ON m.id = a.meeting_id AND m.deleted_at IS NULL
       WHERE a.meeting_id = $1 AND a.run = $2 AND a.status = 'running'
       FOR NO KEY UPDATE`,
      [key.meetingId, key.run, transcript.version, transcript.seq],
    );
    const row = locked.rows[0];
    if (!row) return 'not_running';
    if (row.grew) return 'transcript_grew';
    await tx.query(
      `UPDATE analysis_results SET status = 'completed', completed_at = now(), result_data = $3::jsonb,
         dropped_claims = $4, provider = $5, model = $6, transcript_version = $7, parts = NULL
       WHERE meeting_id = $1 AND run = $2`,
      [
        key.meetingId,
        key.run,
        JSON.stringify(answer.content),
        answer.droppedClaims,
        answer.provider,
        answer.model,
        transcript.version,
      ],
    );
    await appendAnalysisStatus(tx, key, 'completed');
    return 'completed';
  });
}

/** Gives a running analysis up with a sentence for people; a settled one stays as it is. */
export async function failAnalysis(
  db: Database,
  key: AnalysisWorkflowInput,
  error: string,
): Promise<void> {
  await db.transaction(async (tx) => {
    const { rows } = await tx.query(
      `UPDATE analysis_results SET status = 'failed', completed_at = now(), error = $3
       WHERE meeting_id = $1 AND run = $2 AND status = 'running' RETURNING id`,
      [key.meetingId, key.run, error],
    );
    if (rows[0]) await appendAnalysisStatus(tx, key, 'failed');
  });
}

/** Says where an analysis stands. The last statement of its transaction, as `appendEvent` is. */
export async function appendAnalysisStatus(
  tx: Queryable,
  { meetingId, run }: AnalysisWorkflowInput,
  status: 'running' | 'completed' | 'failed',
): Promise<void> {
  await appendEvent(tx, meetingId, {
    body: { type: 'analysis.status', run, status },
    dedupeKey: `analysis:${run}:${status}`,
  });
}
