import type { IncomingMessage } from 'node:http';
import { ipKeyGenerator } from 'express-rate-limit';
import type { ApiConfig } from '../../infra/config';

/** How many sockets one process takes, in all and from one address. */
export interface SocketLimits {
  /** Why there is no room for this one, as an HTTP status line, or null. */
  findRefusal(address: string): string | null;
  /** Counts one; call what it returns when it is gone. */
  enter(address: string): () => void;
}

export function createSocketLimits(config: ApiConfig): SocketLimits {
  const byAddress = new Map<string, number>();
  let all = 0;
  const count = (address: string, by: 1 | -1): void => {
    all += by;
    const now = (byAddress.get(address) ?? 0) + by;
    if (now > 0) byAddress.set(address, now);
    else byAddress.delete(address);
  };
  return {
    findRefusal(address) {
      const network = ipKeyGenerator(address);
      if (all >= config.MAX_SOCKETS) return '503 Service Unavailable';
      const isFull = (byAddress.get(network) ?? 0) >= config.MAX_SOCKETS_PER_ADDRESS;
      return isFull ? '429 Too Many Requests' : null;
    },
    enter(address) {
      // an IPv6 network counts as one address
      const network = ipKeyGenerator(address);
      count(network, 1);
      return () => count(network, -1);
    },
  };
}

/** Where a request came from, past `hops` proxies of ours: what Express calls `request.ip`. */
export function readAddress(request: IncomingMessage, hops: number): string {
  const header = request.headers['x-forwarded-for'];
  const forwarded = String(header ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  const chain = [...forwarded, request.socket.remoteAddress ?? 'none'];
  return chain.at(Math.max(-1 - hops, -chain.length)) ?? 'none';
}
