import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { RouteTable } from './access/route-table';
import type { ApiMetrics } from './metrics';

/** Gives each request an id, and writes one line with ids, pattern, status and time: no content. */
export function createRequestLog(
  logger: Logger,
  metrics: ApiMetrics,
  table: RouteTable,
): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const requestId = randomUUID();
    response.locals['requestId'] = requestId;
    response.set('X-Request-Id', requestId);
    response.once('close', () => {
      const ms = Math.round(performance.now() - startedAt);
      const route = findRoute(table, request);
      const status = response.writableFinished ? response.statusCode : 499;
      const { userId, errorCode, meetingId, attempt } = response.locals;
      metrics.requests.observe({ method: request.method, route, status }, ms / 1000);
      const fields = { requestId, method: request.method, route, status, ms, userId };
      logger[levelOf(request, status)](
        { ...fields, errorCode, meetingId, attempt },
        'request answered',
      );
    });
    next();
  };
}

/** As the table names it, also of a request that was refused before it reached its route. */
function findRoute(table: RouteTable, { method, originalUrl }: Request): string {
  const found = table.find(method, originalUrl.split('?')[0] ?? '');
  return found.kind === 'known' ? (found.key.split(' ')[1] ?? 'none') : 'none';
}

/** Bots and probes come all the time: their successes are for debugging. */
function levelOf(request: Request, status: number): 'error' | 'info' | 'debug' {
  if (status >= 500) return 'error';
  const isRoutine = /^\/(bot\/v1|health|api\/health|ready|metrics)/.test(request.originalUrl);
  return isRoutine && status < 400 ? 'debug' : 'info';
}
