import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { WS_CLOSE } from '../../domain/ws';
import { isOriginAllowed } from '../auth/origins';
import type { ApiConfig } from '../../infra/config';
import type { Doorbell } from '../../infra/doorbell';
import type { RateCounters } from '../../infra/rate-counters';
import { Connection, type ConnectionDeps } from './connection';
import { watchCallers } from './caller-watch';
import { createSocketLimits, readAddress } from './socket-limits';
import { createUserSockets } from './user-sockets';

/** The longest frame a client needs is a token. */
const LONGEST_FRAME_BYTES = 16 * 1024;

export interface SocketServer {
  /** Closes every socket with the hint to reconnect and takes no new one. */
  close(): void;
  /** Ends what is left of them: a client that never answers the close holds its socket for 30 s. */
  terminate(): void;
}

type SocketDeps = Omit<ConnectionDeps, 'userSockets'> & {
  config: ApiConfig;
  doorbell: Pick<Doorbell, 'listen'>;
  rateCounters: RateCounters | null;
  allowedOrigins: readonly string[];
};

/** Serves `/ws` on an HTTP server's upgrades. */
export function createSocketServer(server: Server, deps: SocketDeps): SocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LONGEST_FRAME_BYTES });
  const connections = new Set<Connection>();
  const room = createSocketLimits(deps.config);
  const userSockets = createUserSockets({
    rateCounters: deps.rateCounters,
    limit: deps.config.MAX_SOCKETS_PER_USER,
    refreshMs: deps.limits.pingIntervalMs,
  });
  const connectionDeps = { ...deps, userSockets };
  let isClosed = false;

  const pinging = setInterval(() => {
    for (const connection of connections) connection.ping();
  }, deps.limits.pingIntervalMs);
  pinging.unref();
  const { database, doorbell, logger, limits } = deps;
  const stopWatch = watchCallers(connections, {
    database,
    doorbell,
    logger,
    intervalMs: limits.lookIntervalMs,
  });

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => deps.logger.debug({ err: error }, 'upgrade broke off'));
    const address = readAddress(request, deps.config.TRUST_PROXY);
    const refusal =
      findRefusal(request, deps.allowedOrigins, isClosed) ?? room.findRefusal(address);
    if (refusal) {
      // A client that keeps its half open would hold the server's shutdown.
      socket.once('finish', () => socket.destroy());
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      const connection = new Connection(client, address, connectionDeps);
      const leave = room.enter(address);
      connections.add(connection);
      deps.metrics.sockets.set(connections.size);
      client.once('close', () => {
        connections.delete(connection);
        leave();
        deps.metrics.sockets.set(connections.size);
      });
    });
  });

  return {
    close() {
      isClosed = true;
      clearInterval(pinging);
      userSockets.close();
      stopWatch();
      for (const connection of connections) connection.close(WS_CLOSE.shuttingDown);
    },
    terminate() {
      for (const client of sockets.clients) client.terminate();
    },
  };
}

function findRefusal(
  request: IncomingMessage,
  allowedOrigins: readonly string[],
  isClosed: boolean,
): string | null {
  if (isClosed) return '503 Service Unavailable';
  if (request.url?.split('?')[0] !== '/ws') return '404 Not Found';
  return isOriginAllowed(request, allowedOrigins) ? null : '403 Forbidden';
}
