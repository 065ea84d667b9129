import path from 'node:path';
import { readDatabaseConfig } from '../infra/config';
import { databaseUrl } from '../infra/connections';
import { applyMigrations } from '../infra/database/migrate';
import { logger } from '../infra/logger';

/** Beside the checkout's root, whether this runs compiled or from its source. */
const MIGRATIONS = path.resolve(
  __dirname,
  __filename.endsWith('.js') ? '../..' : '..',
  'prisma/migrations',
);

/** Applies what the database lacks, then ends; several may run at once. */
async function main(): Promise<void> {
  const applied = await applyMigrations(databaseUrl(readDatabaseConfig(process.env)), MIGRATIONS);
  logger.info({ applied }, applied.length > 0 ? 'migrations applied' : 'nothing to apply');
}

main().catch((err: unknown) => {
  logger.fatal({ err }, 'migrations could not be applied');
  process.exitCode = 1;
});
