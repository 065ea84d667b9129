import { analysisContentSchema, type Analysis, type AnalysisContent } from '../../domain/analysis';
import type { AnalysisResultModel } from '../generated/prisma/models';
import { appendAnalysisStatus } from './analysis-runs';
import type { Database } from './client';

/**
 * Begins the next analysis of a meeting, or finds the one that is still running: at most one runs
 * at a time. Returns null when the meeting is gone or deleted.
 */
export async function beginAnalysis(
  db: Database,
  meetingId: number,
): Promise<{ run: number } | null> {
  return db.transaction(async (tx) => {
    const meeting = await tx.query<{ transcript_version: number }>(
      `SELECT transcript_version FROM meetings
       WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`,
      [meetingId],
    );
    if (!meeting.rows[0]) return null;
    const running = await tx.query<{ run: number }>(
      `SELECT run FROM analysis_results
       WHERE meeting_id = $1 AND status = 'running' ORDER BY run DESC LIMIT 1`,
      [meetingId],
    );
    if (running.rows[0]) return running.rows[0];
    const made = await tx.query<{ run: number }>(
      `INSERT INTO analysis_results (meeting_id, run, transcript_version)
       SELECT $1, coalesce(max(run), 0) + 1, $2 FROM analysis_results WHERE meeting_id = $1
       RETURNING run`,
      [meetingId, meeting.rows[0].transcript_version],
    );
    const begun = made.rows[0];
    if (!begun) return null;
    await appendAnalysisStatus(tx, { meetingId, run: begun.run }, 'running');
    return begun;
  });
}

/** The newest analysis of a meeting, or null. */
export async function findLatestAnalysis(
  db: Database,
  meetingId: number,
): Promise<Analysis | null> {
  const row = await db.prisma.analysisResult.findFirst({
    where: { meetingId, analysisType: 'meeting' },
    orderBy: { run: 'desc' },
  });
  return row && toAnalysis(row);
}

/** The newest analysis that came to an end with something to read, or null. */
export async function findCompletedAnalysis(
  db: Database,
  meetingId: number,
): Promise<(Analysis & { content: AnalysisContent }) | null> {
  const row = await db.prisma.analysisResult.findFirst({
    where: { meetingId, analysisType: 'meeting', status: 'completed' },
    orderBy: { run: 'desc' },
  });
  const analysis = row && toAnalysis(row);
  return analysis?.content ? { ...analysis, content: analysis.content } : null;
}

function toAnalysis(row: AnalysisResultModel): Analysis {
  return {
    run: row.run,
    status: row.status as Analysis['status'],
    provider: row.provider,
    model: row.model,
    transcriptVersion: row.transcriptVersion,
    content: row.resultData === null ? null : analysisContentSchema.parse(row.resultData),
    droppedClaims: row.droppedClaims,
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
    error: row.error,
    createdAt: row.createdAt.toISOString(),
    completedAt: row.completedAt?.toISOString() ?? null,
  };
}
