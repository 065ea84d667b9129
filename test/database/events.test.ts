import { completeChunk, insertChunk } from '../../infra/database/chunks';
import type { Database } from '../../infra/database/client';
import { appendEvent, readCursor, readEvents } from '../../infra/database/events';
import { insertAttempt, insertMeeting, makeChunk, openTestDatabase } from '../records';

let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
afterAll(() => close());

const chat = (text: string) => ({
  body: { type: 'chat.message' as const, from: null, text },
});

describe('readEvents', () => {
  test('shows a reader every event once and in order while ten writers commit', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await insertAttempt(db, meetingId);
    let writing = true;
    const write = async (writer: number): Promise<void> => {
      for (let index = 0; index < 20; index += 1) {
        if (writer % 2 === 0) {
          await appendEvent(db, meetingId, chat(`${writer}-${index}`));
          continue;
        }
        const chunk = makeChunk(attempt, {
          track: `t${writer}`,
          seq: index + 1,
        });
        const inserted = await insertChunk(db, chunk);
        if (inserted.kind !== 'accepted')
          throw new Error(`Expected accepted, got ${inserted.kind}`);
        const words = ['a', 'b'].map((text) => ({
          startMs: 0,
          endMs: 1,
          text,
          language: null,
          confidence: null,
          words: [],
        }));
        await completeChunk(db, {
          chunkId: inserted.chunkId,
          version: 1,
          segments: words,
          dropped: {},
        });
      }
    };
    const seen: number[] = [];
    const follow = async (): Promise<void> => {
      for (let last = false; !last;) {
        last = !writing;
        const events = await readEvents(db, [{ meetingId, after: seen.at(-1) ?? 0 }], 7);
        seen.push(...events.map((event) => event.seq));
        if (events.length > 0) last = false;
      }
    };
    const reader = follow();
    await Promise.all(Array.from({ length: 10 }, (_, writer) => write(writer)));
    writing = false;
    await reader;
    expect(seen).toEqual(Array.from({ length: 5 * 20 + 5 * 20 * 2 }, (_, index) => index + 1));
  });

  test('reads several meetings at once, each from its own place', async () => {
    const one = await insertMeeting(db);
    const two = await insertMeeting(db);
    for (const text of ['x', 'y']) {
      await appendEvent(db, one.meetingId, chat(text));
      await appendEvent(db, two.meetingId, chat(text));
    }
    const events = await readEvents(
      db,
      [
        { meetingId: one.meetingId, after: 1 },
        { meetingId: two.meetingId, after: 0 },
      ],
      10,
    );
    expect(events.map((event) => [event.meetingId, event.seq])).toEqual([
      [one.meetingId, 2],
      [two.meetingId, 1],
      [two.meetingId, 2],
    ]);
  });
});

describe('appendEvent', () => {
  test('stores an event with a known dedupe key only once', async () => {
    const { meetingId } = await insertMeeting(db);
    const event = { ...chat('hello'), dedupeKey: 'chat:1' };
    expect(await appendEvent(db, meetingId, event)).toBe(1);
    expect(await appendEvent(db, meetingId, event)).toBeNull();
    expect(await readCursor(db, meetingId)).toBe(1);
  });

  test('stores nothing for a meeting that is gone', async () => {
    expect(await appendEvent(db, 2_000_000_000, chat('hello'))).toBeNull();
  });
});
