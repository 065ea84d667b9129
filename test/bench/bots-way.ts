import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { openTcpProxy, type TcpProxy } from '../tcp-proxy';

/** The bots' way to the API, as `BOT_API_URL` names it. */
export type BotsWay = Pick<TcpProxy, 'url' | 'cut' | 'mend' | 'close'>;

const PROBE = 'GET /health ';

/**
 * Opens an address of the API where the bots' wire alone can be cut, as when their network is lost.
 * The workers' probe asks at the same address; it is told from a bot by the first thing it asks for.
 */
export async function openBotsWay(apiUrl: string): Promise<BotsWay> {
  const wire = await openTcpProxy(apiUrl);
  const server = net.createServer((client) => {
    client.on('error', () => undefined);
    client.once('data', (opening: Buffer) => {
      const isProbe = opening.toString('latin1').startsWith(PROBE);
      const { port, hostname } = new URL(isProbe ? apiUrl : wire.url);
      const upstream = net.connect(Number(port), hostname);
      upstream.write(opening);
      // either side's end is the other's; a wire that is cut refuses
      pipeline(client, upstream, client, () => undefined);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    cut: () => wire.cut(),
    mend: () => wire.mend(),
    async close() {
      const closed = once(server, 'close');
      server.close();
      await wire.close();
      await closed;
    },
  };
}
