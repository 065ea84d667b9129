import type { GapReason, MeetingEvent } from '../../domain/events';
import { recordReport, recordUnreportedEnd, type Attempt } from '../../infra/database/attempts';
import { insertChunk } from '../../infra/database/chunks';
import type { Database } from '../../infra/database/client';
import { readEvents } from '../../infra/database/events';
import { recordGap, recordFinalGaps } from '../../infra/database/gaps';
import { markMeetingDeleted } from '../../infra/database/meetings';
import { drainAbandonedMeeting } from '../../infra/database/reconcile';
import { insertAttempt, insertMeeting, makeChunk, openTestDatabase } from '../records';

let db: Database;
let close: () => Promise<void>;
let attempt: Attempt;
let userId: number;
/** The meeting's clock began a minute ago. */
let originMs: number;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
afterAll(() => close());
beforeEach(async () => {
  const meeting = await insertMeeting(db);
  userId = meeting.userId;
  attempt = await insertAttempt(db, meeting.meetingId);
  originMs = Date.now() - 60_000;
  await join(attempt);
});

async function join(of: Attempt): Promise<void> {
  await recordReport(db, of, { reportSeq: 1, state: 'in_meeting', atMs: originMs });
  await db.query('UPDATE bot_attempts SET joined_at = $2 WHERE id = $1', [
    of.id,
    new Date(originMs),
  ]);
}

/** Ends the attempt 30 s after the clock's origin. */
async function end(of: Attempt, lastSeqs: Record<string, number>): Promise<void> {
  const atMs = Date.now();
  await recordReport(db, of, { reportSeq: 2, state: 'ended', atMs, reason: 'alone', lastSeqs });
  await db.query('UPDATE bot_attempts SET ended_at = $2 WHERE id = $1', [
    of.id,
    new Date(originMs + 30_000),
  ]);
}

async function arrive(of: Attempt, track: string, ...seqs: number[]): Promise<void> {
  for (const seq of seqs) {
    const result = await insertChunk(db, makeChunk(of, { track, seq }));
    expect(result.kind).toBe('accepted');
  }
}

type Gap = Extract<MeetingEvent['event'], { type: 'gap' }>;

async function readGaps(reason: GapReason): Promise<Gap[]> {
  const events = await readEvents(db, [{ meetingId: attempt.meetingId, after: 0 }], 1_000);
  return events.flatMap(({ event }) =>
    event.type === 'gap' && event.reason === reason ? [event] : [],
  );
}

describe('recordGap', () => {
  const tell = (key: string, startMs: number, endMs: number) =>
    recordGap(db, attempt, {
      key,
      startAtMs: originMs + startMs,
      endAtMs: originMs + endMs,
      reason: 'silent_capture',
    });

  test('records a gap on the meeting’s clock, and its repeat as none', async () => {
    await tell('g1', 5_000, 9_000);
    await tell('g1', 5_000, 12_000);
    expect(await readGaps('silent_capture')).toEqual([
      { type: 'gap', startMs: 5_000, endMs: 9_000, attempt: 1, reason: 'silent_capture' },
    ]);
  });

  test('records one of eight simultaneous repeats', async () => {
    await Promise.all(Array.from({ length: 8 }, () => tell('g1', 0, 1_000)));
    expect(await readGaps('silent_capture')).toHaveLength(1);
  });

  test('cuts a gap to what the clock has counted so far', async () => {
    await tell('before', -5_000, 2_000);
    await tell('after', 50_000, 3_600_000);
    const [first, second] = await readGaps('silent_capture');
    expect(first).toMatchObject({ startMs: 0, endMs: 2_000 });
    expect(second?.startMs).toBe(50_000);
    expect(second?.endMs).toBeLessThan(3_600_000);
  });

  test('finds no gap in what lies wholly outside the clock', async () => {
    expect(await tell('before', -5_000, -2_000)).toBe('recorded');
    expect(await tell('after', 3_600_000, 3_700_000)).toBe('recorded');
    expect(await readGaps('silent_capture')).toEqual([]);
  });

  test('is refused to a superseded attempt and for a deleted meeting', async () => {
    const { meetingId } = attempt;
    const earlier = attempt;
    attempt = await insertAttempt(db, meetingId);
    expect(
      await recordGap(db, earlier, { key: 'g', startAtMs: 0, endAtMs: 1, reason: 'alone' }),
    ).toBe('superseded');
    await markMeetingDeleted(db, { meetingId, userId });
    expect(await tell('g', 0, 1)).toBe('meeting_deleted');
  });
});

describe('recordFinalGaps', () => {
  const record = () => db.transaction((tx) => recordFinalGaps(tx, attempt.meetingId));
  const readMissing = async () =>
    (await readGaps('audio_never_arrived')).map((gap) => [gap.attempt, gap.startMs, gap.endMs]);

  test('tells from when on nothing was heard after a bot that no other came back for', async () => {
    await recordUnreportedEnd(db, attempt, { reason: 'lost' });
    await db.query('UPDATE bot_attempts SET last_heartbeat_at = $2 WHERE id = $1', [
      attempt.id,
      new Date(originMs + 20_000),
    ]);
    await Promise.all([record(), record()]);
    await record();
    expect(await readGaps('lost')).toMatchObject([{ attempt: 1, startMs: 20_000, endMs: null }]);
  });

  test('has no such gap after a bot that left because the meeting was over', async () => {
    await end(attempt, {});
    await record();
    expect(await readGaps('alone')).toEqual([]);
  });

  test('finds nothing when everything named has arrived', async () => {
    await arrive(attempt, 'audio-1', 1, 2, 3);
    await end(attempt, { 'audio-1': 3, 'audio-2': 0 });
    await record();
    expect(await readMissing()).toEqual([]);
  });

  test('tells where chunks are missing between others, one gap for neighbours', async () => {
    await arrive(attempt, 'audio-1', 1, 2, 5, 7);
    await end(attempt, { 'audio-1': 7 });
    await record();
    expect(await readMissing()).toEqual([
      [1, 3_000, 5_000],
      [1, 6_000, 7_000],
    ]);
  });

  test('takes joining and end for neighbours where no chunk is', async () => {
    await arrive(attempt, 'audio-1', 2);
    await end(attempt, { 'audio-1': 3, 'audio-2': 4 });
    await record();
    expect(await readMissing()).toEqual([
      [1, 0, 2_000],
      [1, 0, 30_000],
      [1, 3_000, 30_000],
    ]);
  });

  test('finds what is missing of a bot that ended without a report, as far as can be known', async () => {
    await arrive(attempt, 'audio-1', 1, 3);
    await record();
    expect(await readMissing()).toEqual([[1, 2_000, 3_000]]);
  });

  test('tells each attempt and track for itself, and all of it once', async () => {
    await arrive(attempt, 'audio-1', 1, 3);
    await end(attempt, { 'audio-1': 3 });
    const second = await insertAttempt(db, attempt.meetingId);
    await join(second);
    await arrive(second, 'audio-1', 1, 3);
    await arrive(second, 'audio-2', 2);
    await end(second, { 'audio-1': 3, 'audio-2': 2 });
    await Promise.all([record(), record()]);
    await record();
    expect((await readMissing()).sort()).toEqual([
      [1, 2_000, 3_000],
      [2, 0, 2_000],
      [2, 2_000, 3_000],
    ]);
  });

  test('is not impressed by a bot that names a billion chunks', async () => {
    await end(attempt, { 'audio-1': 2_000_000_000 });
    await record();
    expect(await readMissing()).toEqual([[1, 0, 30_000]]);
  });

  test('has nothing to tell of a bot that was never let in', async () => {
    await db.query('UPDATE bot_attempts SET joined_at = NULL WHERE id = $1', [attempt.id]);
    await end(attempt, { 'audio-1': 2 });
    await record();
    expect(await readMissing()).toEqual([]);
  });

  test('is told too when a meeting is drained whose workflow is gone', async () => {
    await arrive(attempt, 'audio-1', 1, 3);
    await end(attempt, { 'audio-1': 3 });
    const { meetingId } = attempt;
    const input = { meetingId, goneSince: new Date(Date.now() + 1_000), graceMs: 0 };
    await drainAbandonedMeeting(db, input);
    await drainAbandonedMeeting(db, input);
    expect(await readMissing()).toEqual([[1, 2_000, 3_000]]);
  });
});
