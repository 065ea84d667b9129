import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { ApiError, BusyError, makeErrorBody, RateLimitedError } from './errors';
import { UserRefusedError } from '../infra/database/users';
import { isUnavailable } from './unavailable';

/** How body-parser names what it refuses. */
const BODY_ERRORS: Record<string, () => ApiError> = {
  'entity.parse.failed': () => new ApiError('malformed_request', 'Expected valid JSON'),
  'entity.too.large': () => new ApiError('payload_too_large', 'Expected a shorter body'),
  'json.too.deep': () => new ApiError('malformed_request', 'Expected JSON that is less deep'),
  'charset.unsupported': () => new ApiError('unsupported_media_type', 'Expected UTF-8'),
  'encoding.unsupported': () =>
    new ApiError('unsupported_media_type', 'Expected a body that is not compressed'),
  'request.aborted': () => new ApiError('malformed_request', 'The request broke off'),
  'request.size.invalid': () =>
    new ApiError('malformed_request', 'Expected as many bytes as content-length says'),
};

/** The only place where an error becomes an HTTP answer. */
export function createErrorHandler(
  logger: Logger,
  mcpChallenge: string | null = null,
): ErrorRequestHandler {
  const handle = (...[error, request, response, next]: Parameters<ErrorRequestHandler>): void => {
    const answer = toApiError(error);
    const requestId: unknown = response.locals['requestId'];
    if (answer.status >= 500) {
      logger.error({ requestId, err: error }, 'request failed');
    }
    if (response.headersSent) {
      next(error);
      return;
    }
    const seconds = findRetryAfter(answer);
    if (seconds !== null) response.set('Retry-After', String(seconds));
    if (answer.status === 401) {
      const isMcp = /^\/mcp(\?|$)/.test(request.originalUrl);
      response.set('WWW-Authenticate', (isMcp ? mcpChallenge : null) ?? 'Bearer');
    }
    response.locals['errorCode'] = answer.code;
    // a route that fails late may have named another type already
    response.status(answer.status).type('json').send(makeErrorBody(answer));
  };
  // Express tells error handlers from others by their four declared parameters.
  return Object.defineProperty(handle, 'length', { value: 4 });
}

function findRetryAfter(answer: ApiError): number | null {
  if (answer instanceof RateLimitedError || answer instanceof BusyError) {
    return answer.retryAfterSeconds;
  }
  return answer.status === 503 ? 1 : null;
}

/** What an error says to whoever asked. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof UserRefusedError) return toRefusal(error);
  const type = error instanceof Error && 'type' in error ? String(error.type) : '';
  const bodyError = BODY_ERRORS[type];
  if (bodyError) return bodyError();
  // Express and its parts mark what the client did wrong by a status, as for a broken %-escape.
  if (error instanceof Error && 'status' in error && error.status === 400) {
    return new ApiError('malformed_request', 'The request cannot be read');
  }
  if (isUnavailable(error)) {
    return new ApiError('unavailable', 'The service is not reachable right now; try again');
  }
  return new ApiError('internal', 'Something went wrong on our side');
}

/** A token of somebody who was deleted is worth nothing; a disabled one is told so. */
function toRefusal({ standing }: UserRefusedError): ApiError {
  if (standing === 'deleted') return new ApiError('unauthenticated', 'Expected a valid token');
  return new ApiError('user_disabled', 'Expected a user who may use the API, got a disabled one');
}

/** Answers what no route took. */
export const refuseUnknownRoute: RequestHandler = (request) => {
  throw new ApiError('route_not_found', `Expected a known route, got ${request.method} here`);
};
