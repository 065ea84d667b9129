import { fenceAttempts } from '../../infra/database/attempts';
import {
  completeChunk,
  countChunks,
  failChunk,
  insertChunk,
  listPendingChunks,
} from '../../infra/database/chunks';
import { closeIntake, openIntake } from '../../infra/database/intakes';
import type { Database } from '../../infra/database/client';
import { readEvents, readSegments } from '../../infra/database/events';
import { markMeetingDeleted } from '../../infra/database/meetings';
import type { NewSegment } from '../../domain/segment';
import { insertAttempt, insertMeeting, makeChunk, openTestDatabase } from '../records';

let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
afterAll(() => close());

const segment = (text: string, startMs = 0): NewSegment => ({
  startMs,
  endMs: startMs + 500,
  text,
  language: 'en',
  confidence: 0.9,
  words: [],
});

async function acceptChunk(seq = 1): Promise<{ meetingId: number; chunkId: number }> {
  const { meetingId } = await insertMeeting(db);
  const attempt = await insertAttempt(db, meetingId);
  const result = await insertChunk(db, makeChunk(attempt, { seq }));
  if (result.kind !== 'accepted') throw new Error(`Expected the chunk in, got ${result.kind}`);
  return { meetingId, chunkId: result.chunkId };
}

describe('insertChunk', () => {
  test('accepts a chunk once and recognises its repeat', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await insertAttempt(db, meetingId);
    const first = await insertChunk(db, makeChunk(attempt));
    const second = await insertChunk(db, makeChunk(attempt));
    expect(first.kind).toBe('accepted');
    expect(second).toMatchObject({ kind: 'already_accepted' });
    expect(await countChunks(db, meetingId)).toMatchObject({ pending: 1 });
  });

  test('accepts exactly one of twenty simultaneous repeats', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await insertAttempt(db, meetingId);
    const results = await Promise.all(
      Array.from({ length: 20 }, () => insertChunk(db, makeChunk(attempt))),
    );
    expect(results.filter((result) => result.kind === 'accepted')).toHaveLength(1);
    expect(results.filter((result) => result.kind === 'already_accepted')).toHaveLength(19);
  });

  test('refuses other bytes under a known key', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await insertAttempt(db, meetingId);
    await insertChunk(db, makeChunk(attempt));
    const other = await insertChunk(db, makeChunk(attempt, { sha256: 'b'.repeat(64) }));
    expect(other.kind).toBe('hash_conflict');
  });

  test('takes from a fenced attempt only what was captured before the fence', async () => {
    const { meetingId } = await insertMeeting(db);
    const first = await insertAttempt(db, meetingId);
    const capturedAt = new Date(Date.now() - 5_000);
    await insertAttempt(db, meetingId);
    const early = await insertChunk(db, makeChunk(first, { capturedAt }));
    const late = await insertChunk(
      db,
      makeChunk(first, { seq: 2, capturedAt: new Date(Date.now() + 5_000) }),
    );
    expect([early.kind, late.kind]).toEqual(['accepted', 'superseded']);
  });

  test('refuses every chunk once the intake is closed, and takes them again when it reopens', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await insertAttempt(db, meetingId);
    await closeIntake(db, meetingId);
    expect((await insertChunk(db, makeChunk(attempt))).kind).toBe('intake_closed');
    await openIntake(db, meetingId);
    expect((await insertChunk(db, makeChunk(attempt))).kind).toBe('accepted');
  });

  test('refuses chunks of a deleted meeting, whose intake cannot be opened again', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    const attempt = await insertAttempt(db, meetingId);
    expect(await markMeetingDeleted(db, { meetingId, userId })).toBe(true);
    await openIntake(db, meetingId);
    expect((await insertChunk(db, makeChunk(attempt))).kind).toBe('meeting_deleted');
  });

  test('neither loses a chunk nor deadlocks while attempts are fenced and the intake closes', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await insertAttempt(db, meetingId);
    const capturedAt = new Date(Date.now() - 1_000);
    const inserts = Array.from({ length: 40 }, (_, index) =>
      insertChunk(db, makeChunk(attempt, { seq: index + 1, capturedAt })),
    );
    const others = [
      insertAttempt(db, meetingId),
      fenceAttempts(db, meetingId),
      insertAttempt(db, meetingId),
      closeIntake(db, meetingId),
    ];
    const results = await Promise.all(inserts);
    await Promise.all(others);
    const accepted = results.filter((result) => result.kind === 'accepted').length;
    const refused = results.filter((result) => result.kind === 'intake_closed').length;
    expect(accepted + refused).toBe(40);
    expect(await countChunks(db, meetingId)).toMatchObject({
      pending: accepted,
    });
  });
});

describe('completeChunk', () => {
  test('writes the segments of a chunk once when two workers finish it at the same time', async () => {
    const { meetingId, chunkId } = await acceptChunk();
    const result = {
      chunkId,
      version: 1,
      segments: [segment('one'), segment('two', 600)],
      dropped: {},
    };
    const finished = await Promise.all(Array.from({ length: 8 }, () => completeChunk(db, result)));
    expect(finished.filter(Boolean)).toHaveLength(1);
    const segments = await readSegments(db, { meetingId, after: 0, version: 1 }, 10);
    expect(segments.map((each) => each.seq)).toEqual([1, 2]);
  });

  test('finishes a chunk without words and leaves the cursor where it was', async () => {
    const { meetingId, chunkId } = await acceptChunk();
    expect(
      await completeChunk(db, {
        chunkId,
        version: 1,
        segments: [],
        dropped: { silence: 1 },
      }),
    ).toBe(true);
    expect(await readEvents(db, [{ meetingId, after: 0 }], 10)).toEqual([]);
    expect(await countChunks(db, meetingId)).toMatchObject({
      pending: 0,
      done: 1,
    });
  });

  test('leaves a failed chunk failed', async () => {
    const { meetingId, chunkId } = await acceptChunk();
    expect(await failChunk(db, chunkId, 'not audio')).toBe(true);
    const late = {
      chunkId,
      version: 1,
      segments: [segment('late')],
      dropped: {},
    };
    expect(await completeChunk(db, late)).toBe(false);
    const events = await readEvents(db, [{ meetingId, after: 0 }], 10);
    expect(events.map((each) => each.event.type)).toEqual(['chunk.failed']);
  });
});

describe('listPendingChunks', () => {
  test('gives each meeting its oldest chunks, at most the limit', async () => {
    const one = await insertMeeting(db);
    const two = await insertMeeting(db);
    for (const { meetingId } of [one, two]) {
      const attempt = await insertAttempt(db, meetingId);
      for (const seq of [1, 2, 3]) await insertChunk(db, makeChunk(attempt, { seq }));
    }
    const pending = await listPendingChunks(db, [one.meetingId, two.meetingId], 2);
    expect(pending.map((chunk) => [chunk.meetingId, chunk.startMs])).toEqual([
      [one.meetingId, 1000],
      [one.meetingId, 2000],
      [two.meetingId, 1000],
      [two.meetingId, 2000],
    ]);
  });
});
