import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { ApiMetrics } from './metrics';

/** Gives each request an id, and writes one line with ids, pattern, status and time: no content. */
export function createRequestLog(logger: Logger, metrics: ApiMetrics): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const requestId = randomUUID();
    response.locals['requestId'] = requestId;
    response.set('X-Request-Id', requestId);
    response.once('close', () => {
      const ms = Math.round(performance.now() - startedAt);
      const route = findRoute(request);
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

function findRoute(request: Request): string {
  const route = request.route as { path: string | string[] } | undefined;
  if (!route) return 'none';
  return request.baseUrl + String(route.path);
}

/** Bots and probes come all the time: their successes are for debugging. */
function levelOf(request: Request, status: number): 'error' | 'info' | 'debug' {
  if (status >= 500) return 'error';
  const isRoutine = /^\/(bot\/v1|health|api\/health|ready|metrics)/.test(request.originalUrl);
  return isRoutine && status < 400 ? 'debug' : 'info';
}
