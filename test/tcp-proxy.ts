import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo } from 'node:net';

/** A server as seen through a wire that can be cut. */
export interface TcpProxy {
  /** The server's URL with the wire's own address. */
  url: string;
  /** Ends all connections and takes no new one. */
  cut(): Promise<void>;
  /** Keeps all connections and lets nothing through, until they are cut. */
  hang(): void;
  /** Takes connections again, at the same address. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** Puts a wire in front of the server that `url` names. */
export async function openTcpProxy(url: string): Promise<TcpProxy> {
  const target = new URL(url);
  const sockets = new Set<net.Socket>();
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;

  async function listen(at: number): Promise<net.Server> {
    const made = net.createServer((client) => {
      const upstream = net.connect(Number(target.port), target.hostname);
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    made.listen(at, '127.0.0.1');
    await once(made, 'listening');
    return made;
  }

  async function cut(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  }

  const own = new URL(url);
  own.hostname = '127.0.0.1';
  own.port = String(port);
  return {
    url: own.href,
    cut,
    hang() {
      for (const socket of sockets) socket.unpipe();
    },
    async mend() {
      server = await listen(port);
    },
    async close() {
      if (server.listening) await cut();
    },
  };
}
