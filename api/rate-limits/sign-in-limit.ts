import { ipKeyGenerator } from 'express-rate-limit';
import { ApiError, RateLimitedError } from '../errors';
import type { SharedStore } from './shared-store';

/** Limits how often one address may fail to sign in, wherever it tries. */
export interface SignInLimit {
  /** Does `signIn`, unless too many from this address failed lately; a 401 of it counts. */
  attempt<T>(address: string, signIn: () => Promise<T>): Promise<T>;
}

/** The sign-ins of one address in this process. */
interface Line {
  /** When the one before has been let in or refused. */
  turn: Promise<unknown>;
  /** How many were let in and are not decided yet. */
  underWay: number;
  /** Tells the one whose turn it is that another was decided. */
  wake(): void;
  /** How many have not left. */
  count: number;
}

/**
 * Each is counted before it is tried, so that none of many that come together is overlooked, and
 * given back unless it fails. Where only those that are not decided yet are in the way, the next
 * waits: they may all succeed.
 */
export function createSignInLimit(
  store: SharedStore,
  { limit, windowMs }: { limit: number; windowMs: number },
): SignInLimit {
  store.init({ windowMs });
  const lines = new Map<string, Line>();

  const letIn = async (key: string, line: Line): Promise<void> => {
    for (;;) {
      const { underWay } = line;
      const { totalHits, resetTime } = await store.increment(key);
      if (totalHits <= limit) {
        line.underWay += 1;
        return;
      }
      await store.decrement(key);
      if (underWay === 0) throw refuse(limit, (resetTime?.getTime() ?? 0) - Date.now());
      if (line.underWay === underWay) await new Promise<void>((wake) => (line.wake = wake));
    }
  };
  const decide = async <T>(key: string, signIn: () => Promise<T>): Promise<T> => {
    let hasFailed = false;
    try {
      return await signIn();
    } catch (error) {
      hasFailed = error instanceof ApiError && error.code === 'unauthenticated';
      throw error;
    } finally {
      if (!hasFailed) await store.decrement(key);
    }
  };
  return {
    async attempt(address, signIn) {
      const key = ipKeyGenerator(address);
      const line = lines.get(key) ?? makeLine();
      lines.set(key, line);
      line.count += 1;
      try {
        const turn = line.turn.then(() => letIn(key, line));
        line.turn = turn.catch(() => undefined);
        await turn;
        return await decide(key, signIn).finally(() => {
          line.underWay -= 1;
          line.wake();
        });
      } finally {
        line.count -= 1;
        if (line.count === 0) lines.delete(key);
      }
    },
  };
}

function makeLine(): Line {
  return { turn: Promise.resolve(), underWay: 0, wake: () => undefined, count: 0 };
}

function refuse(limit: number, waitMs: number): RateLimitedError {
  return new RateLimitedError(
    `Expected at most ${limit} failed sign-ins a minute from one address`,
    Math.max(1, Math.ceil(waitMs / 1000)),
  );
}
