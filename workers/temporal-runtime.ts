import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  Runtime,
  type LogLevel,
} from '@temporalio/worker';
import type { Level, Logger } from 'pino';

const PINO_LEVELS: Record<LogLevel, Level> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/**
 * Sets up the SDK's native side, once and before any connection: its log goes into ours, its
 * metrics are served on a loopback port, which is returned.
 */
export async function installRuntime(logger: Logger): Promise<number> {
  const metricsPort = await findFreePort();
  const sdkLogger = logger.child({ component: 'temporal' });
  Runtime.install({
    logger: new DefaultLogger('DEBUG', ({ level, message, meta }) => {
      const { error, ...fields } = meta ?? {};
      sdkLogger[PINO_LEVELS[level]]({ ...fields, ...(error ? { err: error } : {}) }, message);
    }),
    // one place decides about the end of the process: run-workers.ts
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      metrics: {
        prometheus: {
          bindAddress: `127.0.0.1:${metricsPort}`,
          countersTotalSuffix: true,
          unitSuffix: true,
          useSecondsForDurations: true,
        },
      },
    },
  });
  return metricsPort;
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
