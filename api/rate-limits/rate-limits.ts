import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, MemoryStore, rateLimit, type Store } from 'express-rate-limit';
import type { ApiConfig } from '../../infra/config';
import type { RateCounters } from '../../infra/rate-counters';
import { currentOperation } from '../access/gate';
import { currentPrincipal } from '../auth/current-user';
import { currentBot } from '../bot/bot-auth';
import { RateLimitedError } from '../errors';
import { SharedStore } from './shared-store';
import { createSignInLimit, type SignInLimit } from './sign-in-limit';

/** What limits how often something is asked for, each in a bucket of its own per minute. */
export interface RateLimits {
  /** Everybody, by address, before it is known who they are. */
  byAddress: RequestHandler;
  /** Behind the gate: by user or administrator, and by what the route's `rate` says. */
  byOperation: RequestHandler;
  /** Counts work that costs and whose route does not tell so; throws a 429. */
  countCost(request: Request, response: Response): Promise<void>;
  /** Counts a frame of a socket as a request of its user; throws a 429. */
  countFrame(userId: number): Promise<void>;
  /** Behind the check of a bot's token: by attempt. */
  byBot: RequestHandler;
  signIns: SignInLimit;
}

const WINDOW_MS = 60_000;

/** The limits of this process, on counters that all replicas share where there are any. */
export function createRateLimits(deps: {
  config: ApiConfig;
  rateCounters: RateCounters | null;
}): RateLimits {
  const { config, rateCounters } = deps;
  const share = (name: string): SharedStore => new SharedStore(name, rateCounters);
  const shared = (name: string, limit: number, readKey: ReadKey): RequestHandler =>
    createLimit({ name, limit, readKey, store: share(name) });

  const byUser = share('user');
  const byPrincipal = createLimit({
    name: 'user',
    limit: config.RATE_LIMIT_USER,
    readKey: readPrincipal,
    store: byUser,
  });
  const byAdmin = shared('admin', config.RATE_LIMIT_ADMIN, readPrincipal);
  const byCost = shared('costly', config.RATE_LIMIT_COSTLY, readPrincipal);
  const byVisitor = shared('share', config.RATE_LIMIT_SHARE, readAddress);
  const choose = (response: Response): RequestHandler[] => {
    const { access, rate } = currentOperation(response);
    if (access === 'public') return rate === 'share' ? [byVisitor] : [];
    if (access === 'admin') return [byAdmin];
    return rate === 'costly' ? [byPrincipal, byCost] : [byPrincipal];
  };
  return {
    byAddress: shared('address', config.RATE_LIMIT_ADDRESS, readAddress),
    async byOperation(request, response, next) {
      await runAll(choose(response), { request, response });
      next();
    },
    countCost: (request, response) => runAll([byCost], { request, response }),
    async countFrame(userId) {
      const { totalHits, resetTime } = await byUser.increment(keyOfUser(userId));
      if (totalHits <= config.RATE_LIMIT_USER) return;
      const waitMs = (resetTime?.getTime() ?? 0) - Date.now();
      const message = `Expected at most ${config.RATE_LIMIT_USER} requests a minute (user)`;
      throw new RateLimitedError(message, Math.max(1, Math.ceil(waitMs / 1000)));
    },
    // Per process: a chunk is to be acknowledged without a word to Redis.
    byBot: createLimit({
      name: 'bot',
      limit: config.RATE_LIMIT_BOT,
      readKey: readBot,
      store: new MemoryStore(),
    }),
    signIns: createSignInLimit(share('sign-in'), {
      limit: config.RATE_LIMIT_FAILED_SIGN_INS,
      windowMs: WINDOW_MS,
    }),
  };
}

type ReadKey = (request: Request, response: Response) => string;

interface LimitOptions {
  name: string;
  limit: number;
  readKey: ReadKey;
  store: Store;
}

function createLimit({ name, limit, readKey, store }: LimitOptions): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit,
    identifier: name,
    store,
    keyGenerator: readKey,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // They print to the console; what they check is decided here.
    validate: false,
    handler: (_request, _response, next) => {
      next(new RateLimitedError(`Expected at most ${limit} requests a minute (${name})`));
    },
  });
}

async function runAll(
  handlers: RequestHandler[],
  { request, response }: { request: Request; response: Response },
): Promise<void> {
  for (const handle of handlers) {
    await new Promise<void>((resolve, reject) => {
      const done = (error?: unknown): void => {
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error(String(error)));
      };
      void handle(request, response, done);
    });
  }
}

/** An IPv6 network counts as one address: a household or server has a whole one. */
function readAddress(request: Request): string {
  return ipKeyGenerator(request.ip ?? 'none');
}

/** All that a user shows shares one bucket: with one per key, making keys would lift the limit. */
function readPrincipal(_request: Request, response: Response): string {
  const principal = currentPrincipal(response);
  if (!principal) throw new Error('Expected a route behind the gate');
  return principal.kind === 'admin' ? `admin:${principal.actorId}` : keyOfUser(principal.userId);
}

function keyOfUser(userId: number): string {
  return `user:${userId}`;
}

function readBot(_request: Request, response: Response): string {
  const { meetingId, attempt } = currentBot(response);
  return `${meetingId}:${attempt}`;
}
