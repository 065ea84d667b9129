import { setTimeout as delay } from 'node:timers/promises';

/** Somebody who reads one stream (`key`) from `after` on, in seq order. */
export interface Follower<Item> {
  key: number;
  /** The doorbell that rings for this stream. */
  meetingId: number;
  /** Everything up to and with this seq was taken. */
  after: number;
  /** False while nothing can be taken; `wake` says that it can again. */
  isReady(): boolean;
  /** Takes one item; false leaves it, and all after it, for later. */
  take(item: Item): boolean;
  /** The stream is over: its meeting is deleted, or the process shuts down. */
  end(reason: FollowEnd): void;
}
export type FollowEnd = 'meeting_deleted' | 'shutting_down';

export interface Position {
  key: number;
  after: number;
}

export interface LiveReaderOptions<Item> {
  /** Items behind each position, in seq order per key, at most `limit` of each key. */
  read(positions: Position[], limit: number): Promise<{ key: number; item: Item }[]>;
  /** Which of these keys' meetings are deleted. */
  findDeleted?(keys: number[]): Promise<number[]>;
  lookIntervalMs: number;
  onError(error: unknown): void;
}

const ITEMS_PER_READ = 200;
const KEYS_PER_READ = 500;
/** Rings that come within this time share one read: many meetings cost few queries. */
const GATHER_MS = 5;

/**
 * Serves all followers of a process with as few reads as possible: one query for everything that
 * was rung for since the last one. A follower's place is its cursor in PostgreSQL, so a lost ring,
 * a slow reader or a database that was down costs time and never an item.
 */
export class LiveReader<Item extends { seq: number }> {
  private readonly byKey = new Map<number, Set<Follower<Item>>>();
  private readonly keysByMeeting = new Map<number, Set<number>>();
  private readonly due = new Set<number>();
  private readonly timer: NodeJS.Timeout;
  private isReading = false;
  private isStopped = false;

  constructor(private readonly options: LiveReaderOptions<Item>) {
    this.timer = setInterval(() => void this.look(), options.lookIntervalMs);
    this.timer.unref();
  }

  get followerCount(): number {
    return [...this.byKey.values()].reduce((sum, followers) => sum + followers.size, 0);
  }

  /** Follows from `follower.after` on; returns how to stop. */
  follow(follower: Follower<Item>): () => void {
    if (this.isStopped) {
      follower.end('shutting_down');
      return () => undefined;
    }
    addTo(this.byKey, follower.key, follower);
    addTo(this.keysByMeeting, follower.meetingId, follower.key);
    this.wake(follower.key);
    return () => this.remove(follower);
  }

  /** The doorbell rang for a meeting. */
  ring(meetingId: number): void {
    for (const key of this.keysByMeeting.get(meetingId) ?? []) this.wake(key);
  }

  /** Reads a stream again: there may be more, or a follower can take more. */
  wake(key: number): void {
    this.due.add(key);
    void this.pump();
  }

  stop(): void {
    this.isStopped = true;
    clearInterval(this.timer);
    for (const followers of [...this.byKey.values()]) {
      for (const follower of [...followers]) this.endOne(follower, 'shutting_down');
    }
  }

  private remove(follower: Follower<Item>): void {
    const followers = this.byKey.get(follower.key);
    followers?.delete(follower);
    if (followers?.size !== 0) return;
    this.byKey.delete(follower.key);
    this.due.delete(follower.key);
    const keys = this.keysByMeeting.get(follower.meetingId);
    keys?.delete(follower.key);
    if (keys?.size === 0) this.keysByMeeting.delete(follower.meetingId);
  }

  private endOne(follower: Follower<Item>, reason: FollowEnd): void {
    this.remove(follower);
    follower.end(reason);
  }

  private async look(): Promise<void> {
    for (const key of this.byKey.keys()) this.due.add(key);
    void this.pump();
    if (!this.options.findDeleted || this.byKey.size === 0) return;
    try {
      for (const key of await this.options.findDeleted([...this.byKey.keys()])) {
        for (const follower of [...(this.byKey.get(key) ?? [])]) {
          this.endOne(follower, 'meeting_deleted');
        }
      }
    } catch (error) {
      this.options.onError(error);
    }
  }

  private async pump(): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    try {
      while (this.due.size > 0 && !this.isStopped) {
        await delay(GATHER_MS);
        await this.readDue();
      }
    } catch (error) {
      // The next look reads all streams again, from where their followers are.
      this.options.onError(error);
    } finally {
      this.isReading = false;
    }
  }

  private async readDue(): Promise<void> {
    // Only who is known now may take what is read now: a follower that joins meanwhile from an
    // earlier place would get a hole.
    const batch = new Map<number, Follower<Item>[]>();
    for (const key of this.due) {
      if (batch.size >= KEYS_PER_READ) break;
      this.due.delete(key);
      const ready = [...(this.byKey.get(key) ?? [])].filter((each) => each.isReady());
      if (ready.length > 0) batch.set(key, ready);
    }
    if (batch.size === 0) return;
    const positions = [...batch].map(([key, followers]) => ({
      key,
      after: Math.min(...followers.map((each) => each.after)),
    }));
    const rows = await this.options.read(positions, ITEMS_PER_READ);
    this.hand(batch, rows);
  }

  private hand(batch: Map<number, Follower<Item>[]>, rows: { key: number; item: Item }[]): void {
    const counts = new Map<number, number>();
    const full = new Set<Follower<Item>>();
    for (const { key, item } of rows) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      for (const follower of batch.get(key) ?? []) {
        if (follower.after >= item.seq || full.has(follower)) continue;
        if (!this.byKey.get(key)?.has(follower)) continue;
        if (follower.take(item)) follower.after = item.seq;
        else full.add(follower);
      }
    }
    for (const [key, count] of counts) {
      if (count >= ITEMS_PER_READ && this.byKey.has(key)) this.due.add(key);
    }
  }
}

function addTo<Value>(map: Map<number, Set<Value>>, key: number, value: Value): void {
  const values = map.get(key) ?? new Set<Value>();
  values.add(value);
  map.set(key, values);
}
