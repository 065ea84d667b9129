import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

/** A way to a port that only this machine reaches, which can be cut. */
export interface Line {
  port: number;
  /** Breaks every connection, and refuses new ones until `mend`. */
  cut(): void;
  mend(): void;
  close(): void;
}

/** Opens a port at `host` that leads to `port` of 127.0.0.1. */
export async function openLine(port: number, host = '127.0.0.1'): Promise<Line> {
  const clients = new Set<net.Socket>();
  let isCut = false;
  const server = net.createServer((client) => {
    if (isCut) return void client.destroy();
    clients.add(client);
    const upstream = net.connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => other.destroy());
      socket.pipe(other);
    }
    client.on('close', () => clients.delete(client));
  });
  server.listen(0, host);
  await once(server, 'listening');
  const cut = (): void => {
    isCut = true;
    for (const client of clients) client.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend: () => void (isCut = false),
    close() {
      cut();
      server.close();
    },
  };
}
