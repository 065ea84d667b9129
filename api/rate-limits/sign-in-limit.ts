import { ipKeyGenerator } from 'express-rate-limit';
import { ApiError, RateLimitedError } from '../errors';
import type { SharedStore } from './shared-store';

/** Limits how often one address may fail to sign in, wherever it tries. */
export interface SignInLimit {
  /** Does `signIn`, unless too many from this address failed lately; a 401 of it counts. */
  attempt<T>(address: string, signIn: () => Promise<T>): Promise<T>;
}

/**
 * Only failures are counted, other than by the library's own middleware, which counts each request
 * until it is answered: there, reads that wait would count as failing.
 */
export function createSignInLimit(
  store: SharedStore,
  { limit, windowMs }: { limit: number; windowMs: number },
): SignInLimit {
  store.init({ windowMs });
  return {
    async attempt(address, signIn) {
      const key = ipKeyGenerator(address);
      const failures = await store.get(key);
      if (failures && failures.totalHits >= limit) {
        const waitMs = (failures.resetTime?.getTime() ?? Date.now() + windowMs) - Date.now();
        throw new RateLimitedError(
          `Expected at most ${limit} failed sign-ins a minute from one address`,
          Math.max(1, Math.ceil(waitMs / 1000)),
        );
      }
      try {
        return await signIn();
      } catch (error) {
        if (error instanceof ApiError && error.code === 'unauthenticated') {
          await store.increment(key);
        }
        throw error;
      }
    },
  };
}
