import { once } from 'node:events';
import { collectDefaultMetrics } from 'prom-client';
import { audioStoreConfig, readApiConfig, speechConfig, type ApiConfig } from '../infra/config';
import { databaseUrl, redisAddress, temporalAddress } from '../infra/connections';
import { createAudioStore } from '../infra/create-audio-store';
import { createDatabase } from '../infra/database/client';
import { createDoorbell } from '../infra/doorbell';
import { logger } from '../infra/logger';
import { createMeetingClient } from '../infra/meeting-client';
import { createRateCounters } from '../infra/rate-counters';
import { createCarriers } from '../infra/schedules/carriers';
import { createTemporalClient } from '../infra/temporal';
import { createSpeechSynthesiser } from '../infra/tts';
import { createServer, type ApiServer } from './create-server';

/** Waiting reads are answered at once; this is for requests that are being carried out. */
const DRAIN_TIMEOUT_MS = 8_000;
/** Below the 30 s after which Kubernetes kills. */
const LAST_RESORT_MS = 20_000;
/** Reconciliation does what Temporal does not answer in time. */
const CARRIER_DEADLINE_MS = 3_000;
const OUTAGE_LOG_INTERVAL_MS = 30_000;

async function main(): Promise<void> {
  const config = readApiConfig(process.env);
  logger.level = config.LOG_LEVEL;
  const releases: (() => Promise<void>)[] = [];

  const database = createDatabase({
    url: databaseUrl(config),
    maxConnections: config.DATABASE_MAX_CONNECTIONS,
    onConnectionError: createOutageLog('postgresql'),
  });
  releases.push(() => database.close());
  const doorbell = createDoorbell({
    ...redisAddress(config),
    onConnectionError: createOutageLog('redis'),
  });
  releases.push(() => doorbell.close());
  const rateCounters = createRateCounters({
    ...redisAddress(config),
    onConnectionError: createOutageLog('redis'),
  });
  releases.push(async () => Promise.resolve(rateCounters.close()));
  const temporal = createTemporalClient({
    ...temporalAddress(config),
    namespace: config.TEMPORAL_NAMESPACE,
  });
  releases.push(() => temporal.close());
  const meetingClient = createMeetingClient(temporal.client, {
    onTrouble: createOutageLog('temporal'),
  });
  const carriers = createCarriers(temporal.client, { deadlineMs: CARRIER_DEADLINE_MS });
  const audioStore = createAudioStore(audioStoreConfig(config));

  const speech = createSpeechSynthesiser(speechConfig(config), { PATH: process.env['PATH'] });

  const server = createServer({
    config,
    database,
    doorbell,
    audioStore,
    meetingClient,
    carriers,
    speech,
    rateCounters,
    logger,
  });
  collectDefaultMetrics({ register: server.metrics.registry });
  releases.push(() => server.drain(DRAIN_TIMEOUT_MS));
  await listen(server, config);
  logger.info({ host: config.API_HOST, port: config.API_PORT }, 'api listening');
  const signal = await waitForSignal();
  logger.info({ signal }, 'api shutting down');
  setTimeout(() => process.exit(1), LAST_RESORT_MS).unref();
  // A call that Temporal's client is retrying throws from its timer once the connection is closed.
  process.on('uncaughtException', (error) => logger.warn({ err: error }, 'left undone'));
  for (const release of releases.reverse()) {
    await release().catch((error: unknown) => logger.warn({ err: error }, 'release failed'));
  }
}

/** Retries of a lost connection come every 2 s; one line per outage and half a minute is enough. */
function createOutageLog(dependency: string): (error: unknown) => void {
  let silentUntil = 0;
  return (error) => {
    if (Date.now() < silentUntil) return;
    silentUntil = Date.now() + OUTAGE_LOG_INTERVAL_MS;
    logger.warn({ dependency, err: error }, 'not reachable; it is tried again');
  };
}

async function listen(server: ApiServer, config: ApiConfig): Promise<void> {
  server.listen(config.API_PORT, config.API_HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new Error(
      `Expected a free port for the API, got ${config.API_PORT} taken: set API_PORT or end the other process`,
      { cause: error },
    );
  }
}

function waitForSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}

main().catch((error: unknown) => {
  logger.fatal({ err: error }, 'api ended');
  process.exitCode = 1;
  // Open handles, as a Redis that is down, must not keep a process that cannot serve.
  setTimeout(() => process.exit(1), 500).unref();
});
