import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import type { ApiConfig } from '../../infra/config';
import { ApiError } from '../errors';

/** The sites whose sessions are taken: Clerk writes into each token which one it is for. */
export function listAuthorizedParties(config: ApiConfig): string[] {
  const configured = config.CLERK_AUTHORIZED_PARTIES?.split(',').map((each) => each.trim()) ?? [];
  return [...new Set([...listOwnOrigins(config), ...configured])];
}

/**
 * The origins whose pages may use the API: those of `CORS_ORIGINS`, or else the authorised parties.
 * Never taken from the request's own Host header: a page that rebinds its name to this machine
 * controls that one.
 */
export function listAllowedOrigins(config: ApiConfig): string[] {
  if (config.CORS_ORIGINS.length === 0) return listAuthorizedParties(config);
  return [...new Set([...listOwnOrigins(config), ...config.CORS_ORIGINS])];
}

/** Where the API and the web page are, in local mode under every name that people type. */
function listOwnOrigins(config: ApiConfig): string[] {
  const own = [config.API_URL, ...(config.WEB_URL ? [config.WEB_URL] : [])];
  const local =
    config.AUTH_MODE === 'local'
      ? [...own, `http://127.0.0.1:${config.API_PORT}`].flatMap(nameLocally)
      : [];
  return [...own.map((url) => new URL(url).origin), ...local];
}

/** An address of this machine under both names that people type. */
function nameLocally(url: string): string[] {
  return ['127.0.0.1', 'localhost'].map((hostname) => {
    const named = new URL(url);
    named.hostname = hostname;
    return named.origin;
  });
}

/** Programs send no origin; browsers always do where it matters. */
export function isOriginAllowed(request: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin } = request.headers;
  return origin === undefined || allowed.includes(origin);
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** Refuses whatever comes from other pages, reads as well. */
export function createStrictOriginGuard(allowed: readonly string[]): RequestHandler {
  return (request, _response, next) => {
    if (isOriginAllowed(request, allowed)) return next();
    throw new ApiError('origin_not_allowed', 'Expected a request from an allowed origin');
  };
}

/** What scripts of other origins could not see of an answer by themselves. */
const EXPOSED_HEADERS = [
  'Accept-Ranges',
  'Allow',
  'Content-Disposition',
  'Content-Range',
  'ETag',
  'Idempotency-Replayed',
  'Mcp-Session-Id',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Tus-Resumable',
  'Upload-Length',
  'Upload-Offset',
  'WWW-Authenticate',
  'X-Request-Id',
].join(', ');
const TAKEN_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  'if-none-match',
  'mcp-protocol-version',
  'mcp-session-id',
  'range',
  'tus-resumable',
  'upload-offset',
  'x-api-key',
  'x-chunk-captured-at',
  'x-chunk-end-ms',
  'x-chunk-participant',
  'x-chunk-sha256',
  'x-chunk-start-ms',
].join(', ');

/** Lets the allowed origins' pages read answers, and refuses changes that other pages ask for. */
export function createOriginGuard(allowed: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const isAllowed = isOriginAllowed(request, allowed);
    const { origin } = request.headers;
    response.vary('Origin');
    if (origin !== undefined && isAllowed) {
      response.set('Access-Control-Allow-Origin', origin);
      response.set('Access-Control-Expose-Headers', EXPOSED_HEADERS);
    }
    if (request.method === 'OPTIONS') {
      response.set('Access-Control-Allow-Headers', TAKEN_HEADERS);
      response.set('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE');
      response.set('Access-Control-Max-Age', '600');
      response.status(204).end();
      return;
    }
    if (!isAllowed && !SAFE_METHODS.includes(request.method)) {
      throw new ApiError('origin_not_allowed', 'Expected a request from an allowed origin');
    }
    next();
  };
}

/**
 * Takes the session from the `__session` cookie where no Authorization came; an API key in it is
 * none. What changes something by a cookie must say that it comes from an allowed page.
 */
export const readSessionCookie: RequestHandler = (request, _response, next) => {
  const { authorization, cookie, origin } = request.headers;
  const token = /(?:^|;\s*)__session=((?:[\w-]+\.){2}[\w-]+)(?:;|$)/.exec(cookie ?? '')?.[1];
  if (authorization === undefined && token !== undefined) {
    if (!SAFE_METHODS.includes(request.method) && origin === undefined) {
      throw new ApiError('origin_not_allowed', 'Expected an Origin with a cookie');
    }
    request.headers.authorization = `Bearer ${token}`;
  }
  // Clerk reads cookies in its own way, with redirects for pages; here a token is a token.
  delete request.headers.cookie;
  next();
};
