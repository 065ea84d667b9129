import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

export interface MetricsServerOptions {
  port: number;
  registry: Registry;
  /** Where the SDK's native side serves its own metrics on loopback. */
  sdkPort: number;
  /** Whether every worker of this process polls. */
  isReady: () => boolean;
}

/** Serves `/metrics` (ours and the SDK's on one page), `/health` (alive) and `/ready` (polling). */
export async function startMetricsServer(options: MetricsServerOptions): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(options, request.url ?? '/').then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4' }).end(body);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? makePortError(options.port) : error);
    });
    server.listen(options.port, resolve);
  });
  return server;
}

function makePortError(port: number): Error {
  return new Error(
    `Expected port ${port} to be free for the workers' metrics: stop what uses it, or set WORKER_METRICS_PORT`,
  );
}

async function answer(
  { registry, sdkPort, isReady }: MetricsServerOptions,
  path: string,
): Promise<{ status: number; body: string }> {
  if (path === '/health') return { status: 200, body: 'alive\n' };
  if (path === '/ready') {
    return isReady() ? { status: 200, body: 'polling\n' } : { status: 503, body: 'not polling\n' };
  }
  if (path !== '/metrics') return { status: 404, body: 'not found\n' };
  return { status: 200, body: `${await registry.metrics()}\n${await readSdkMetrics(sdkPort)}` };
}

async function readSdkMetrics(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
      signal: AbortSignal.timeout(2_000),
    });
    return await response.text();
  } catch {
    return '# the SDK does not answer\n';
  }
}
