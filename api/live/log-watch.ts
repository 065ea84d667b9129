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

/** Tells who waits for a user's log that it may have grown. */
export interface LogWatch {
  /** Whatever is committed from now on is told; what was before, a read finds. */
  begin(userId: number): Promise<LogWaiter>;
  /** Answers all that wait, and takes no more. */
  stop(): void;
}

interface LogWatchDeps {
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
 * A ring names a meeting, and its owner is who may be waiting. One look for all of a process finds
 * what no ring told, and what was hidden behind an older transaction when it rang.
 */
export function createLogWatch(deps: LogWatchDeps): LogWatch {
  const { database, doorbell, logger, lookIntervalMs } = deps;
  const waiting = new Map<number, Set<Wake>>();
  const owners = new Map<number, number>();
  const rung = new Set<number>();
  let gathering: NodeJS.Timeout | null = null;
  /** How far the looks have come; null while nobody waits. */
  let seen: Promise<string> | null = null;
  let isStopped = false;

  const wakeAll = (userId: number, why: 'rung' | 'looked' | 'over'): void => {
    for (const wake of [...(waiting.get(userId) ?? [])]) wake(why);
  };
  const warn = (err: unknown): void =>
    logger.warn({ err }, 'waiting readers not told; the next look tells them');

  const answerRings = async (): Promise<void> => {
    const meetingIds = [...rung];
    rung.clear();
    gathering = null;
    const unknown = meetingIds.filter((meetingId) => !owners.has(meetingId));
    for (const [meetingId, userId] of await findOwners(database, unknown)) {
      owners.set(meetingId, userId);
    }
    const users = new Set(meetingIds.map((meetingId) => owners.get(meetingId)));
    for (const userId of users) if (userId !== undefined) wakeAll(userId, 'rung');
    if (owners.size > KEPT_OWNERS) owners.clear();
  };
  const look = async (): Promise<void> => {
    if (waiting.size === 0) seen = null;
    if (seen === null) return;
    const since = await seen;
    const { reached, userIds } = await findGrownLogs(database, [...waiting.keys()], since);
    seen = Promise.resolve(reached);
    for (const userId of userIds) wakeAll(userId, 'looked');
  };

  const stopListening = doorbell.listen('meeting', (meetingId) => {
    if (waiting.size === 0) return;
    rung.add(meetingId);
    gathering ??= setTimeout(() => void answerRings().catch(warn), GATHER_MS);
  });
  const timer = setInterval(() => void look().catch(warn), lookIntervalMs);
  timer.unref();

  const remove = (userId: number, wake: Wake): void => {
    const wakes = waiting.get(userId);
    wakes?.delete(wake);
    if (wakes?.size === 0) waiting.delete(userId);
  };
  return {
    async begin(userId) {
      const waiter = createWaiter();
      waiting.set(userId, (waiting.get(userId) ?? new Set()).add(waiter.wake));
      const end = (): void => {
        remove(userId, waiter.wake);
        waiter.wake('over');
      };
      seen ??= readLogBound(database);
      try {
        await seen;
      } catch (error) {
        seen = null;
        end();
        throw error;
      }
      if (isStopped) waiter.wake('over');
      return { next: waiter.next, end };
    },
    stop() {
      isStopped = true;
      clearInterval(timer);
      if (gathering) clearTimeout(gathering);
      stopListening();
      for (const userId of [...waiting.keys()]) wakeAll(userId, 'over');
    },
  };
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
