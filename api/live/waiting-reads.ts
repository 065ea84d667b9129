import type { ApiConfig } from '../../infra/config';
import { BusyError, RateLimitedError } from '../errors';

/** How many reads wait for something new in this process, in all and of one user. */
export interface WaitingReads {
  /** Counts one more, or throws; call what it returns when it has been answered. */
  enter(userId: number): () => void;
  count(): number;
}

/** What waits is answered within this time. */
const RETRY_AFTER_SECONDS = 5;

export function createWaitingReads(
  config: Pick<ApiConfig, 'MAX_WAITING_READS' | 'MAX_WAITING_READS_PER_USER'>,
): WaitingReads {
  const { MAX_WAITING_READS: most, MAX_WAITING_READS_PER_USER: mostOfOne } = config;
  const byUser = new Map<number, number>();
  let all = 0;
  const count = (userId: number, by: 1 | -1): void => {
    all += by;
    const now = (byUser.get(userId) ?? 0) + by;
    if (now > 0) byUser.set(userId, now);
    else byUser.delete(userId);
  };
  return {
    enter(userId) {
      if ((byUser.get(userId) ?? 0) >= mostOfOne) {
        const message = `Expected at most ${mostOfOne} reads of a user that wait at the same time`;
        throw new RateLimitedError(message, RETRY_AFTER_SECONDS);
      }
      if (all >= most) {
        const message = 'Too many reads wait here right now; ask without `wait`, or again later';
        throw new BusyError(message, RETRY_AFTER_SECONDS);
      }
      count(userId, 1);
      return () => count(userId, -1);
    },
    count: () => all,
  };
}
