import { Client, Connection } from '@temporalio/client';
import { readTemporalConfig } from '../infra/config';
import { temporalAddress } from '../infra/connections';
import { logger } from '../infra/logger';
import { ensureUpkeepSchedules } from '../infra/upkeep-schedules';
import { ensureTemporalNamespace } from '../infra/temporal-namespace';

/** Makes namespace, search attributes and schedules where they are missing, then ends. */
async function main(): Promise<void> {
  const config = readTemporalConfig(process.env);
  const namespace = config.TEMPORAL_NAMESPACE;
  const connection = await Connection.connect(temporalAddress(config));
  try {
    await ensureTemporalNamespace(connection, namespace);
    await ensureUpkeepSchedules(new Client({ connection, namespace }));
    logger.info({ namespace }, 'temporal is set up');
  } finally {
    await connection.close();
  }
}

main().catch((err: unknown) => {
  logger.fatal({ err }, 'temporal could not be set up');
  process.exitCode = 1;
});
