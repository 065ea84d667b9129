import { Registry } from 'prom-client';
import type { Logger } from 'pino';
import { createAudioStore } from '../infra/create-audio-store';
import type { AudioStore } from '../infra/audio-store';
import { audioStoreConfig, type WorkerConfig } from '../infra/config';
import { databaseUrl, redisAddress, temporalAddress } from '../infra/connections';
import { createDatabase, type Database } from '../infra/database/client';
import { createDoorbell, type Doorbell } from '../infra/doorbell';
import { createTemporalClient, type TemporalClient } from '../infra/temporal';

/** What the queues of one process share. */
export interface Resources {
  config: WorkerConfig;
  /** What any program needs in order to run: PATH, HOME and the like. */
  environment: Record<string, string | undefined>;
  logger: Logger;
  db: Database;
  doorbell: Doorbell;
  audioStore: AudioStore;
  temporal: TemporalClient;
  registry: Registry;
  /** Called in reverse order once the workers have ended. */
  releases: (() => Promise<unknown> | void)[];
}

/** Opens everything a worker stands on. Nothing connects yet, so nothing that is down ends it. */
export function openResources(
  { config, environment }: Pick<Resources, 'config' | 'environment'>,
  logger: Logger,
): Resources {
  const db = createDatabase({
    url: databaseUrl(config),
    maxConnections: config.DATABASE_MAX_CONNECTIONS,
    onConnectionError: (error) => logger.warn({ err: error }, 'lost a connection to PostgreSQL'),
  });
  const doorbell = createDoorbell({
    ...redisAddress(config),
    onConnectionError: (error) => logger.warn({ err: error }, 'no connection to Redis'),
  });
  const temporal = createTemporalClient({
    ...temporalAddress(config),
    namespace: config.TEMPORAL_NAMESPACE,
  });
  return {
    config,
    environment,
    logger,
    db,
    doorbell,
    audioStore: createAudioStore(audioStoreConfig(config)),
    temporal,
    registry: new Registry(),
    releases: [() => db.close(), () => doorbell.close(), () => temporal.close()],
  };
}
