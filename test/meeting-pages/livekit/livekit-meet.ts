import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import type { LivekitServer } from '../../livekit-server';

const HTML = `<!doctype html>
<html lang="en">
  <title>LiveKit Meet</title>
  <link rel="icon" href="data:," />
  <div id="app"></div>
  <script src="/page.js"></script>
</html>`;

export interface LivekitMeet {
  url: string;
  close(): Promise<void>;
}

/** Serves the web page of page.js for the rooms of a server. */
export async function startLivekitMeet(livekit: LivekitServer): Promise<LivekitMeet> {
  const script = await bundlePage();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://meet');
    const send = (type: string, body: string | Uint8Array) =>
      response.writeHead(200, { 'content-type': type }).end(body);
    if (pathname === '/page.js') send('text/javascript', script);
    else if (pathname === '/' || pathname.startsWith('/rooms/')) send('text/html', HTML);
    else if (pathname === '/api/connection-details') {
      const room = searchParams.get('roomName') ?? '';
      const name = searchParams.get('participantName') ?? '';
      void livekit
        .makeToken({ room, identity: `${name}__a1b2`, name })
        .then((participantToken) =>
          send('application/json', JSON.stringify({ serverUrl: livekit.url, participantToken })),
        );
    } else response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bundlePage(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [path.join(__dirname, 'page.js')],
    bundle: true,
    write: false,
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  const [script] = outputFiles;
  if (!script) throw new Error('Expected esbuild to make a bundle');
  return script.contents;
}
