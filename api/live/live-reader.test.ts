import { LiveReader, type Follower, type LiveReaderOptions } from './live-reader';

interface Item {
  seq: number;
}

/** Streams that can be held up and broken, and that count how often they are read. */
class Streams {
  readonly rows = new Map<number, Item[]>();
  readonly reads: { key: number; after: number }[][] = [];
  deleted: number[] = [];
  failure: Error | null = null;
  private gate: Promise<void> | null = null;
  private open = (): void => undefined;
  private readStarted = (): void => undefined;

  append(key: number, count: number): void {
    const rows = this.rows.get(key) ?? [];
    for (let index = 0; index < count; index += 1) rows.push({ seq: rows.length + 1 });
    this.rows.set(key, rows);
  }

  /** Holds back what the next read has already found; resolves once that read has begun. */
  async hold(start: () => void): Promise<void> {
    this.gate = new Promise((resolve) => (this.open = resolve));
    const started = new Promise<void>((resolve) => (this.readStarted = resolve));
    start();
    await started;
  }

  release(): void {
    this.gate = null;
    this.open();
  }

  async read(positions: { key: number; after: number }[], limit: number) {
    this.reads.push(positions);
    const found = positions.flatMap(({ key, after }) =>
      (this.rows.get(key) ?? [])
        .filter((item) => item.seq > after)
        .slice(0, limit)
        .map((item) => ({ key, item })),
    );
    this.readStarted();
    await this.gate;
    if (this.failure) throw this.failure;
    return found;
  }
}

class TestFollower implements Follower<Item> {
  readonly seen: number[] = [];
  ended: string | null = null;
  room = Infinity;
  private wake = (): void => undefined;

  constructor(
    readonly key: number,
    public after = 0,
    readonly meetingId = key,
  ) {}

  isReady(): boolean {
    return this.seen.length < this.room;
  }

  take({ seq }: Item): boolean {
    if (!this.isReady()) return false;
    this.seen.push(seq);
    this.wake();
    return true;
  }

  end(reason: string): void {
    this.ended = reason;
    this.wake();
  }

  async waitFor(isDone: () => boolean): Promise<void> {
    while (!isDone()) await new Promise<void>((resolve) => (this.wake = resolve));
  }

  waitForCount(count: number): Promise<void> {
    return this.waitFor(() => this.seen.length >= count);
  }
}

const NEVER_MS = 1_000_000;
let streams: Streams;
let errors: unknown[];
const readers: LiveReader<Item>[] = [];

function open(options: Partial<LiveReaderOptions<Item>> = {}): LiveReader<Item> {
  const reader = new LiveReader<Item>({
    read: (positions, limit) => streams.read(positions, limit),
    findDeleted: () => Promise.resolve(streams.deleted),
    lookIntervalMs: NEVER_MS,
    onError: (error) => errors.push(error),
    ...options,
  });
  readers.push(reader);
  return reader;
}

function follow(reader: LiveReader<Item>, follower: TestFollower): () => void {
  return reader.follow(follower);
}

const upTo = (last: number, from = 1) =>
  Array.from({ length: last - from + 1 }, (_, index) => from + index);

beforeEach(() => {
  streams = new Streams();
  errors = [];
});
afterEach(() => {
  for (const reader of readers.splice(0)) reader.stop();
});

describe('LiveReader', () => {
  test('replays everything behind the follower’s place, over as many reads as it takes', async () => {
    streams.append(1, 950);
    const follower = new TestFollower(1, 10);
    follow(open(), follower);
    await follower.waitForCount(940);
    expect(follower.seen).toEqual(upTo(950, 11));
  });

  test('reads a thousand rung meetings with few queries', async () => {
    const reader = open();
    const followers = upTo(1_000).map((key) => new TestFollower(key));
    for (const follower of followers) follow(reader, follower);
    for (const key of upTo(1_000)) {
      streams.append(key, 1);
      reader.ring(key);
    }
    await Promise.all(followers.map((each) => each.waitForCount(1)));
    expect(streams.reads.length).toBeLessThanOrEqual(4);
  });

  test('reads only meetings that have followers', async () => {
    const reader = open();
    const follower = new TestFollower(1);
    follow(reader, follower);
    reader.ring(2);
    streams.append(1, 1);
    reader.ring(1);
    await follower.waitForCount(1);
    expect(streams.reads.flat().every(({ key }) => key === 1)).toBe(true);
  });

  test('loses no ring that comes while a read is under way', async () => {
    const reader = open();
    const follower = new TestFollower(1);
    await streams.hold(() => follow(reader, follower));
    streams.append(1, 1);
    reader.ring(1);
    streams.release();
    await follower.waitForCount(1);
    expect(follower.seen).toEqual([1]);
  });

  test('gives a follower that joins during a read, from an earlier place, everything', async () => {
    streams.append(1, 5);
    const reader = open();
    const late = new TestFollower(1, 3);
    const early = new TestFollower(1, 0);
    await streams.hold(() => follow(reader, late));
    follow(reader, early);
    streams.release();
    await early.waitForCount(5);
    expect(early.seen).toEqual(upTo(5));
    expect(late.seen).toEqual([4, 5]);
  });

  test('shows nothing to who stopped during a read', async () => {
    streams.append(1, 5);
    const reader = open();
    const gone = new TestFollower(1);
    const other = new TestFollower(1);
    let stop = (): void => undefined;
    await streams.hold(() => {
      stop = follow(reader, gone);
      follow(reader, other);
    });
    stop();
    streams.release();
    await other.waitForCount(5);
    expect(gone.seen).toEqual([]);
  });

  test('finds what no ring told of at the next look', async () => {
    const reader = open({ lookIntervalMs: 10 });
    const follower = new TestFollower(1);
    await streams.hold(() => follow(reader, follower));
    streams.release();
    streams.append(1, 3);
    await follower.waitForCount(3);
    expect(follower.seen).toEqual([1, 2, 3]);
  });

  test('goes on from each follower’s place after reads that failed', async () => {
    const reader = open({ lookIntervalMs: 10 });
    streams.append(1, 2);
    const follower = new TestFollower(1);
    follow(reader, follower);
    await follower.waitForCount(2);
    streams.failure = new Error('down');
    await streams.hold(() => {
      streams.append(1, 2);
      reader.ring(1);
    });
    streams.release();
    await follower.waitFor(() => {
      if (errors.length === 0) setImmediate(() => follower.end('look again'));
      return errors.length > 0;
    });
    streams.failure = null;
    await follower.waitForCount(4);
    expect(follower.seen).toEqual(upTo(4));
  });

  test('holds back what a full follower cannot take, without holding up the others', async () => {
    streams.append(1, 500);
    const reader = open();
    const slow = new TestFollower(1);
    const quick = new TestFollower(1);
    slow.room = 7;
    follow(reader, slow);
    follow(reader, quick);
    await quick.waitForCount(500);
    expect(slow.seen).toEqual(upTo(7));
    slow.room = Infinity;
    reader.wake(1);
    await slow.waitForCount(500);
    expect(slow.seen).toEqual(upTo(500));
    expect(quick.seen).toEqual(upTo(500));
  });

  test('ends the followers of a meeting that was deleted', async () => {
    const reader = open({ lookIntervalMs: 10 });
    const follower = new TestFollower(1);
    streams.deleted = [1];
    follow(reader, follower);
    await follower.waitFor(() => follower.ended !== null);
    expect(follower.ended).toBe('meeting_deleted');
    expect(reader.followerCount).toBe(0);
  });

  test('ends all followers when it stops, and later ones at once', () => {
    const reader = open();
    const before = new TestFollower(1);
    const after = new TestFollower(1);
    follow(reader, before);
    reader.stop();
    follow(reader, after);
    expect([before.ended, after.ended]).toEqual(['shutting_down', 'shutting_down']);
  });
});
