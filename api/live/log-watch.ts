import type { Logger } from 'pino';
import type { Database } from '../../infra/database/client';
import { findGrownLogs, findOwners, readLogBound } from '../../infra/database/all-events';
import type { Doorbell } from '../../infra/doorbell';

/** Somebody who waits for something new in any of a user's meetings. */
export interface LogWaiter {
  /** Resolves when there may be something, at the latest after `waitMs`; `rung` when a bell said so. */
  next(waitMs: number): Promise<'rung' | 'looked' | 'over'>;
  /** Answers a wait that is under way, too. */
  end(): void;
}

export interface LogWatchDeps {
  database: Database;
  doorbell: Doorbell;
  logger: Logger;
  lookIntervalMs: number;
}

type Wake = (why: 'rung' | 'looked' | 'over') => void;

/** Rings that come within this time are looked up together. */
const GATHER_MS = 5;
/** Meetings whose owners are kept; they never change. */
const KEPT_OWNERS = 10_000;

/**
 * Tells who waits for a user's log that it may have grown. A ring names a meeting, and its owner is
 * who may be waiting. One look for all of a process finds what no ring told, and what was hidden
 * behind an older transaction when it rang.
 */
export class LogWatch {
  private readonly waiting = new Map<number, Set<Wake>>();
  private readonly owners = new Map<number, number>();
  private readonly rung = new Set<number>();
  private readonly stopListening: () => void;
  private readonly timer: NodeJS.Timeout;
  private gathering: NodeJS.Timeout | null = null;
  /** How far the looks have come; null while nobody waits. */
  private seen: Promise<string> | null = null;
  private isStopped = false;

  constructor(private readonly deps: LogWatchDeps) {
    this.stopListening = deps.doorbell.listen('meeting', (meetingId) => this.ring(meetingId));
    this.timer = setInterval(() => void this.look().catch(this.warn), deps.lookIntervalMs);
    this.timer.unref();
  }

  /** Whatever is committed from now on is told; what was before, a read finds. */
  async begin(userId: number): Promise<LogWaiter> {
    const { wake, next } = createWaiter();
    this.waiting.set(userId, (this.waiting.get(userId) ?? new Set()).add(wake));
    const end = (): void => {
      this.remove(userId, wake);
      wake('over');
    };
    this.seen ??= readLogBound(this.deps.database);
    try {
      await this.seen;
    } catch (error) {
      this.seen = null;
      end();
      throw error;
    }
    if (this.isStopped) wake('over');
    return { next, end };
  }

  /** Answers all that wait, and takes no more. */
  stop(): void {
    this.isStopped = true;
    clearInterval(this.timer);
    if (this.gathering) clearTimeout(this.gathering);
    this.stopListening();
    for (const userId of [...this.waiting.keys()]) this.wakeAll(userId, 'over');
  }

  private readonly warn = (err: unknown): void =>
    this.deps.logger.warn({ err }, 'waiting readers not told; the next look tells them');

  private wakeAll(userId: number, why: Parameters<Wake>[0]): void {
    for (const wake of [...(this.waiting.get(userId) ?? [])]) wake(why);
  }

  private remove(userId: number, wake: Wake): void {
    const wakes = this.waiting.get(userId);
    wakes?.delete(wake);
    if (wakes?.size === 0) this.waiting.delete(userId);
  }

  private ring(meetingId: number): void {
    if (this.waiting.size === 0) return;
    this.rung.add(meetingId);
    this.gathering ??= setTimeout(() => void this.answerRings().catch(this.warn), GATHER_MS);
  }

  private async answerRings(): Promise<void> {
    const { owners } = this;
    const meetingIds = [...this.rung];
    this.rung.clear();
    this.gathering = null;
    const unknown = meetingIds.filter((meetingId) => !owners.has(meetingId));
    for (const [meetingId, userId] of await findOwners(this.deps.database, unknown)) {
      owners.set(meetingId, userId);
    }
    const users = new Set(meetingIds.map((meetingId) => owners.get(meetingId)));
    for (const userId of users) if (userId !== undefined) this.wakeAll(userId, 'rung');
    if (owners.size > KEPT_OWNERS) owners.clear();
  }

  private async look(): Promise<void> {
    if (this.waiting.size === 0) this.seen = null;
    if (this.seen === null) return;
    const since = await this.seen;
    const { reached, userIds } = await findGrownLogs(
      this.deps.database,
      [...this.waiting.keys()],
      since,
    );
    this.seen = Promise.resolve(reached);
    for (const userId of userIds) this.wakeAll(userId, 'looked');
  }
}

/** Keeps a wake that comes while nobody waits, so that none between two waits is lost. */
function createWaiter(): { wake: Wake; next: LogWaiter['next'] } {
  let kept: Parameters<Wake>[0] | null = null;
  let settle: Wake | null = null;
  return {
    wake(why) {
      if (settle) settle(why);
      // an end is never forgotten over something new
      else if (kept !== 'over') kept = why;
    },
    next: (waitMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => done('over'), waitMs);
        const done: Wake = (why) => {
          clearTimeout(timer);
          settle = null;
          kept = null;
          resolve(why);
        };
        if (kept) done(kept);
        else settle = done;
      }),
  };
}
