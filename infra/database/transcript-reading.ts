import type { GapReason } from '../../domain/events';
import type { ReadableMeeting, TranscriptEntry } from '../../domain/transcript';
import { findCompletedAnalysis } from './analyses';
import type { Database, Queryable } from './client';
import type { MeetingRow } from './meeting-records';

/** Segments that lie in memory at a time. */
const PAGE_SEGMENTS = 1_000;

/** A meeting with its newest finished analysis and its current transcript, to be read in pages. */
export async function readableMeeting(db: Database, meeting: MeetingRow): Promise<ReadableMeeting> {
  return {
    id: meeting.id,
    title: meeting.title,
    startedAt: meeting.clockOrigin ?? meeting.actualStart,
    endedAt: meeting.actualEnd,
    analysis: await findCompletedAnalysis(db, meeting.id),
    readPages: () => readPages(db, { meetingId: meeting.id, version: meeting.transcriptVersion }),
  };
}

type Gap = Extract<TranscriptEntry, { kind: 'gap' }>;
type Segment = Extract<TranscriptEntry, { kind: 'segment' }>;

/** In the order of time, with gaps where they lie. */
async function* readPages(
  db: Queryable,
  key: { meetingId: number; version: number },
): AsyncGenerator<TranscriptEntry[]> {
  const gaps = await readGaps(db, key.meetingId);
  let after = { startMs: -1, id: 0 };
  for (;;) {
    const segments = await readSegmentPage(db, key, after);
    const last = segments.at(-1);
    if (last) after = last;
    const isLast = segments.length < PAGE_SEGMENTS;
    const until = isLast || !last ? Infinity : last.startMs;
    const due = gaps.splice(0, gaps.filter(({ startMs }) => startMs < until).length);
    const page = mergeByTime(segments, due);
    if (page.length > 0) yield page;
    if (isLast) return;
  }
}

function mergeByTime(segments: Segment[], gaps: Gap[]): TranscriptEntry[] {
  return [...gaps, ...segments].sort((one, other) => one.startMs - other.startMs);
}

async function readSegmentPage(
  db: Queryable,
  { meetingId, version }: { meetingId: number; version: number },
  after: { startMs: number; id: number },
): Promise<Segment[]> {
  const { rows } = await db.query<Segment>(
    `SELECT 'segment' AS kind, t.id, t.timestamp_ms AS "startMs", t.end_ms AS "endMs", t.text,
       p.name AS speaker, t.language
     FROM transcriptions t LEFT JOIN participants p ON p.id = t.participant_id
     WHERE t.meeting_id = $1 AND t.version = $2 AND (t.timestamp_ms, t.id) > ($3, $4)
     ORDER BY t.timestamp_ms, t.id LIMIT ${PAGE_SEGMENTS}`,
    [meetingId, version, after.startMs, after.id],
  );
  return rows;
}

/** When segments begin, by their ids; those that are not of the current transcript are left out. */
export async function readSegmentStarts(
  db: Queryable,
  { id, transcriptVersion }: Pick<MeetingRow, 'id' | 'transcriptVersion'>,
  segmentIds: readonly number[],
): Promise<Map<number, number>> {
  const { rows } = await db.query<{ id: number; startMs: number }>(
    `SELECT id, timestamp_ms AS "startMs" FROM transcriptions
     WHERE meeting_id = $1 AND version = $2 AND id = ANY($3::int[])`,
    [id, transcriptVersion, segmentIds],
  );
  return new Map(rows.map((row) => [row.id, row.startMs]));
}

async function readGaps(db: Queryable, meetingId: number): Promise<Gap[]> {
  const { rows } = await db.query<{ startMs: number; endMs: number | null; reason: GapReason }>(
    `SELECT (data ->> 'startMs')::int AS "startMs", (data ->> 'endMs')::int AS "endMs",
       data ->> 'reason' AS reason
     FROM meeting_events WHERE meeting_id = $1 AND type = 'gap' ORDER BY 1, 2, seq`,
    [meetingId],
  );
  return rows.map((row) => ({ kind: 'gap', ...row }));
}
