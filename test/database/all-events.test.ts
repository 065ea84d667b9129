import {
  lookForGrownMeetings,
  noteLook,
  readAllEvents,
  START_OF_LOG,
  type LogEvent,
} from '../../infra/database/all-events';
import { completeChunk, insertChunk } from '../../infra/database/chunks';
import type { Database, Queryable } from '../../infra/database/client';
import { appendEvent } from '../../infra/database/events';
import { recordParticipants } from '../../infra/database/participants';
import { insertAttempt, insertMeeting, makeChunk, openTestDatabase } from '../records';

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
afterAll(() => close());

const chat = (text: string) => ({ body: { type: 'chat.message' as const, from: null, text } });

const nameOf = ({ meetingId, event }: LogEvent): string =>
  event.type === 'chat.message' ? event.text : `${meetingId}:${event.type}`;

/** Reads on from a place until nothing has come for as long as `isOver` says no. */
async function follow(userId: number, isOver: (seen: LogEvent[]) => boolean, limit = 3) {
  const seen: LogEvent[] = [];
  while (!isOver(seen)) {
    seen.push(...(await readAllEvents(db, { userId, after: seen.at(-1) ?? START_OF_LOG }, limit)));
  }
  return seen;
}

/** A transaction that stays open until the test ends it. */
async function holdOpen(work: (tx: Queryable) => Promise<unknown>): Promise<() => Promise<void>> {
  let release: () => void = () => undefined;
  let begun: () => void = () => undefined;
  const hasBegun = new Promise<void>((resolve) => (begun = resolve));
  const ended = db.transaction(async (tx) => {
    await work(tx);
    begun();
    await new Promise<void>((resolve) => (release = resolve));
  });
  await hasBegun;
  return () => {
    release();
    return ended;
  };
}

describe('readAllEvents', () => {
  test('shows nothing that an older running transaction could be put in front of', async () => {
    const one = await insertMeeting(db);
    const two = await insertMeeting(db, { userId: one.userId });
    const commitFirst = await holdOpen((tx) => appendEvent(tx, one.meetingId, chat('began first')));
    await appendEvent(db, two.meetingId, chat('committed first'));

    expect(await readAllEvents(db, { userId: one.userId, after: START_OF_LOG }, 10)).toEqual([]);
    await commitFirst();
    const seen = await follow(one.userId, ({ length }) => length >= 2);
    expect(seen.map(nameOf)).toEqual(['began first', 'committed first']);
  });

  test('skips and repeats nothing while twelve writers commit out of order', async () => {
    const { userId, meetingId: first } = await insertMeeting(db);
    const others = await Promise.all([1, 2, 3].map(() => insertMeeting(db, { userId })));
    const meetingIds = [first, ...others.map((other) => other.meetingId)];
    const perWriter = 25;
    const write = async (writer: number): Promise<void> => {
      for (let index = 0; index < perWriter; index += 1) {
        const meetingId = meetingIds[(writer + index) % meetingIds.length] ?? first;
        await db.transaction(async (tx) => {
          // takes its id now and commits after others that take theirs later
          await tx.query('SELECT pg_current_xact_id()');
          for (let turn = 0; turn < (writer * 7 + index) % 9; turn += 1) await tx.query('SELECT 1');
          await appendEvent(tx, meetingId, chat(`${writer}-${index}`));
        });
      }
    };
    const writers = Array.from({ length: 12 }, (_, writer) => write(writer));
    const seen = await follow(userId, ({ length }) => length >= 12 * perWriter, 5);
    await Promise.all(writers);
    const expected = Array.from({ length: 12 }, (_, writer) =>
      Array.from({ length: perWriter }, (_, index) => `${writer}-${index}`),
    ).flat();
    expect(seen.map(nameOf).sort()).toEqual(expected.sort());
    const rest = await readAllEvents(db, { userId, after: seen.at(-1) ?? START_OF_LOG }, 10);
    expect(rest).toEqual([]);
  });

  test('shows a segment again when its speaker’s name is corrected', async () => {
    const { userId, meetingId } = await insertMeeting(db);
    const attempt = await insertAttempt(db, meetingId);
    const sight = (name: string, change: 'joined' | 'renamed') =>
      recordParticipants(db, attempt, [{ key: 'maya', name, change, atMs: Date.now() }]);
    await sight('May', 'joined');
    const chunk = await insertChunk(db, makeChunk(attempt));
    if (chunk.kind !== 'accepted') throw new Error(`Expected accepted, got ${chunk.kind}`);
    const words = { startMs: 0, endMs: 1, text: 'a', language: null, confidence: null, words: [] };
    await completeChunk(db, { chunkId: chunk.chunkId, version: 1, segments: [words], dropped: {} });
    const has = (type: string) => (seen: LogEvent[]) =>
      seen.some(({ event }) => event.type === type);
    const before = await follow(userId, has('segment'));
    await sight('Maya', 'renamed');
    const after = await follow(userId, has('segment.updated'));
    const names = [before, after].map((seen) =>
      seen.flatMap(({ event }) => (event.type.startsWith('segment') ? [event] : [])),
    );
    expect(names[0]).toMatchObject([{ type: 'segment', segment: { speaker: { name: 'May' } } }]);
    expect(names[1]).toMatchObject([
      { type: 'segment.updated', segment: { speaker: { name: 'Maya' } } },
    ]);
  });

  test('shows nobody else’s events and none of deleted meetings', async () => {
    const one = await insertMeeting(db);
    const two = await insertMeeting(db);
    await appendEvent(db, one.meetingId, chat('mine'));
    await appendEvent(db, two.meetingId, chat('theirs'));
    expect((await follow(one.userId, ({ length }) => length > 0)).map(nameOf)).toEqual(['mine']);
    await db.query('UPDATE meetings SET deleted_at = now() WHERE id = $1', [one.meetingId]);
    const after = START_OF_LOG;
    expect(await readAllEvents(db, { userId: one.userId, after }, 10)).toEqual([]);
  });
});

describe('lookForGrownMeetings', () => {
  test('finds a meeting until the look is noted, and again when it grows', async () => {
    const { meetingId } = await insertMeeting(db);
    await appendEvent(db, meetingId, chat('hello'));
    expect((await lookForGrownMeetings(db)).meetingIds).toContain(meetingId);
    const noteUntilFresh = async (): Promise<void> => {
      for (;;) {
        const { meetingIds, reached } = await lookForGrownMeetings(db);
        if (!meetingIds.includes(meetingId)) return;
        await noteLook(db, reached);
      }
    };
    await noteUntilFresh();
    await appendEvent(db, meetingId, chat('again'));
    expect((await lookForGrownMeetings(db)).meetingIds).toContain(meetingId);
  });
});
