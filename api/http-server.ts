import { createServer, type RequestListener, type Server } from 'node:http';
import type { RequestHandler } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import type { ApiConfig } from '../infra/config';
import { ApiError } from './errors';

/**
 * Limits against clients that send slowly on purpose: headers within 10 s, a whole request within
 * 60 s, which a chunk needs at 140 kbit/s. Waiting for an answer is not limited by them.
 */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const TIMEOUT_CHECK_INTERVAL_MS = 2_000;
/** Longer than the minute that load balancers usually keep an idle connection. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** For readers that take nothing any more; longer than any read waits. WebSockets have pings. */
const IDLE_TIMEOUT_MS = 300_000;
/** Room for a session token, twice; a longer head is answered 431. */
const LONGEST_HEAD_BYTES = 16 * 1024;
const MOST_HEADERS = 100;

/** An HTTP server that no client can hold up alone; the caller listens. */
export function createLimitedServer(app: RequestListener, config: ApiConfig): Server {
  const options = {
    connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS,
    maxHeaderSize: LONGEST_HEAD_BYTES,
  };
  const server = createServer(options, app);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.timeout = IDLE_TIMEOUT_MS;
  server.maxConnections = config.MAX_CONNECTIONS;
  // Behind a proxy all connections come from its address.
  if (config.TRUST_PROXY === 0) limitPerAddress(server, config.MAX_CONNECTIONS_PER_ADDRESS);
  return server;
}

function limitPerAddress(server: Server, most: number): void {
  const counts = new Map<string, number>();
  server.on('connection', (socket) => {
    const address = ipKeyGenerator(socket.remoteAddress ?? 'none');
    const count = (counts.get(address) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    counts.set(address, count);
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1;
      if (left > 0) counts.set(address, left);
      else counts.delete(address);
    });
  });
}

/** What two readers could read differently when it comes twice. */
const ONCE = ['host', 'authorization', 'x-api-key'];

/** Refuses heads that Node takes by passing over a part of them. */
export const refuseOddHeaders: RequestHandler = (request, _response, next) => {
  const names = request.rawHeaders.filter((_, index) => index % 2 === 0);
  if (names.length > MOST_HEADERS) {
    throw new ApiError('too_many_headers', `Expected at most ${MOST_HEADERS} headers`);
  }
  const twice = ONCE.find((once) => names.filter((name) => name.toLowerCase() === once).length > 1);
  if (twice) throw new ApiError('malformed_request', `Expected the header ${twice} once`);
  next();
};
