import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Router, type Request } from 'express';
import type { Readiness } from '../../domain/api';
import type { ApiConfig } from '../../infra/config';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import type { ApiMetrics } from '../metrics';

/** Longest wait for one dependency's answer. */
const CHECK_TIMEOUT_MS = 2_000;

/** Without these no audio can be acknowledged; the others being down costs time only. */
const ESSENTIAL = ['postgresql', 'audioStore'];

/** `/health` (alive), `/ready` (each dependency by name) and `/metrics`. */
export function createHealthRoutes(deps: ApiDeps, metrics: ApiMetrics): Router {
  const router = Router();
  let running: Promise<Readiness> | undefined;

  router.get(['/health', '/api/health'], (_request, response) => {
    response.json({ status: 'ok' });
  });

  router.get('/ready', async (_request, response) => {
    // Requests that come together share one round of checks.
    running ??= checkAll(deps).finally(() => (running = undefined));
    const readiness = await running;
    response.status(readiness.status === 'unavailable' ? 503 : 200).json(readiness);
  });

  router.get('/metrics', async (request, response) => {
    if (!mayReadMetrics(deps.config, request)) {
      throw new ApiError('unauthenticated', 'Expected the METRICS_TOKEN as bearer');
    }
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });

  return router;
}

/**
 * With a token, whoever shows it. Without one, who comes past no proxy: in production one stands in
 * front of everybody from outside, and where none does nobody could be told apart.
 */
function mayReadMetrics(config: ApiConfig, { headers }: Request): boolean {
  const { METRICS_TOKEN: token, NODE_ENV, TRUST_PROXY } = config;
  if (token !== undefined) {
    const shown = createHash('sha256').update(headers.authorization ?? '');
    const wanted = createHash('sha256').update(`Bearer ${token}`);
    return timingSafeEqual(shown.digest(), wanted.digest());
  }
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  return !isForwarded && (NODE_ENV !== 'production' || TRUST_PROXY > 0);
}

async function checkAll(deps: ApiDeps): Promise<Readiness> {
  const checks: Record<string, () => Promise<unknown>> = {
    postgresql: () => deps.database.query('SELECT 1'),
    audioStore: () => deps.audioStore.check(),
    redis: async () => {
      if (!deps.doorbell.isConnected()) throw new Error('not connected');
      await Promise.resolve();
    },
    temporal: () => deps.meetingClient.check(),
  };
  const states = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await checkOne(check)] as const),
  );
  const down = states.filter(([, { state }]) => state === 'down').map(([name]) => name);
  const isEssentialDown = down.some((name) => ESSENTIAL.includes(name));
  return {
    status: isEssentialDown ? 'unavailable' : down.length > 0 ? 'degraded' : 'ready',
    dependencies: Object.fromEntries(states),
  };
}

async function checkOne(check: () => Promise<unknown>): Promise<Readiness['dependencies'][string]> {
  const abort = new AbortController();
  const timeout = delay(CHECK_TIMEOUT_MS, null, { signal: abort.signal }).then(() => {
    throw new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`);
  });
  // Aborted once the check has answered: that rejection is nobody's.
  timeout.catch(() => undefined);
  try {
    await Promise.race([check(), timeout]);
    return { state: 'up' };
  } catch (error) {
    // A code, never a message: those carry addresses and names.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
    return { state: 'down', message: code };
  } finally {
    abort.abort();
  }
}
