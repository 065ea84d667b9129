import type { PendingChunk } from '../infra/database/chunks';
import type { Queryable } from '../infra/database/client';
import type { DoorbellChannel } from '../infra/doorbell';
import { createChunkFeed, type ChunkFeed, type InboxState } from './chunk-feed';

/** Answers the feed's two queries from memory and keeps what was asked. */
function makeDatabase(pending: Record<number, number> = {}) {
  const asked: number[][] = [];
  let failures = 0;
  const db: Queryable = {
    query<Row>(sql: string, values: unknown[] = []) {
      const meetingIds = [...(values[0] as number[])];
      if (sql.includes('closed_at')) {
        asked.push(meetingIds);
        if (failures-- > 0) return Promise.reject(new Error('the database is down'));
        const rows = meetingIds.map((id) => ({ id, intake_closed: false, deleted: false }));
        return Promise.resolve({ rows: rows as Row[] });
      }
      const limit = values[1] as number;
      const rows = meetingIds.flatMap((meetingId) =>
        Array.from({ length: Math.min(pending[meetingId] ?? 0, limit) }, (_, index) => ({
          id: index + 1,
          meeting_id: meetingId,
        })),
      );
      return Promise.resolve({ rows: rows as Row[] });
    },
  };
  return { db, asked, failNext: (count: number) => (failures = count) };
}

function makeDoorbell() {
  const listeners = new Map<DoorbellChannel, (meetingId: number) => void>();
  return {
    ring: (channel: DoorbellChannel, meetingId: number) => listeners.get(channel)?.(meetingId),
    listen(channel: DoorbellChannel, listener: (meetingId: number) => void) {
      listeners.set(channel, listener);
      return () => void listeners.delete(channel);
    },
  };
}

/** Follows a meeting and hands out its states one by one. */
function follow(feed: ChunkFeed, meetingId: number) {
  const states: InboxState[] = [];
  let wake = (): void => {};
  const following = feed.follow(meetingId, (state) => {
    states.push(state);
    wake();
  });
  const next = async (): Promise<InboxState> => {
    while (states.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return states.shift() as InboxState;
  };
  return { ...following, next, states };
}

describe('createChunkFeed', () => {
  let feed: ChunkFeed | undefined;
  afterEach(() => feed?.close());

  function open(database: ReturnType<typeof makeDatabase>, pollIntervalMs = 3_600_000) {
    const doorbell = makeDoorbell();
    const warnings: unknown[] = [];
    const logger = { warn: (fields: unknown) => void warnings.push(fields) };
    feed = createChunkFeed({ db: database.db, doorbell, logger, pollIntervalMs });
    return { feed, doorbell, warnings };
  }

  const idsOf = (chunks: PendingChunk[]): number[] => chunks.map(({ id }) => id);

  test('tells a new follower what waits, up to a limit, and that there may be more', async () => {
    const { feed } = open(makeDatabase({ 1: 2, 2: 100 }));
    const [one, two] = [follow(feed, 1), follow(feed, 2)];
    const [first, second] = [await one.next(), await two.next()];
    expect(idsOf(first.chunks)).toEqual([1, 2]);
    expect(first.isFull).toBe(false);
    expect(second.chunks).toHaveLength(16);
    expect(second.isFull).toBe(true);
  });

  test('looks for all its meetings in one query', async () => {
    const database = makeDatabase();
    const { feed, doorbell } = open(database);
    const meetingIds = Array.from({ length: 1_000 }, (_, index) => index + 1);
    const followers = meetingIds.map((meetingId) => follow(feed, meetingId));
    await Promise.all(followers.map(({ next }) => next()));
    expect(database.asked).toEqual([meetingIds]);
    for (const meetingId of [5, 6, 5, 5]) doorbell.ring('chunks', meetingId);
    await followers[4]?.next();
    expect(database.asked[1]).toEqual([5, 6]);
  });

  test('ignores rings for meetings that others transcribe', async () => {
    const database = makeDatabase();
    const { feed, doorbell } = open(database);
    const follower = follow(feed, 1);
    await follower.next();
    doorbell.ring('chunks', 2);
    doorbell.ring('intake', 1);
    await follower.next();
    expect(database.asked).toEqual([[1], [1]]);
  });

  test('finds at the next poll what it could not read while the database was down', async () => {
    const database = makeDatabase({ 1: 1 });
    database.failNext(2);
    const { feed, warnings } = open(database, 5);
    expect((await follow(feed, 1).next()).chunks).toHaveLength(1);
    expect(warnings).toHaveLength(2);
  });

  test('tells nothing to a follower that has stopped', async () => {
    const { feed, doorbell } = open(makeDatabase());
    const [stopped, other] = [follow(feed, 1), follow(feed, 2)];
    await Promise.all([stopped.next(), other.next()]);
    stopped.stop();
    doorbell.ring('chunks', 1);
    doorbell.ring('chunks', 2);
    await other.next();
    expect(stopped.states).toEqual([]);
  });

  test('takes a meeting that is gone for a deleted one', async () => {
    const { db } = makeDatabase();
    const gone: Queryable = {
      query: (sql, values) =>
        sql.includes('closed_at') ? Promise.resolve({ rows: [] }) : db.query(sql, values),
    };
    const doorbell = makeDoorbell();
    feed = createChunkFeed({ db: gone, doorbell, logger: { warn: () => undefined } });
    await expect(follow(feed, 1).next()).resolves.toMatchObject({
      intakeClosed: true,
      meetingDeleted: true,
    });
  });
});
