import { readMoveConfig } from '../infra/config';
import { databaseUrl } from '../infra/connections';
import { createEncryption } from '../infra/encryption';
import { logger } from '../infra/logger';
import { findMissing, formatReport } from '../infra/move-over/counts';
import { moveOver } from '../infra/move-over/move-over';

/** Copies the old system's database into this one's, and says what was there and what is here. */
async function main(): Promise<void> {
  const config = readMoveConfig(process.env);
  const report = await moveOver({
    oldUrl: databaseUrl({
      DATABASE_URL: config.OLD_DATABASE_URL,
      DATABASE_PASSWORD: config.OLD_DATABASE_PASSWORD,
    }),
    newUrl: databaseUrl(config),
    encryption: createEncryption([config.ENCRYPTION_KEY]),
    timeZone: config.OLD_TIME_ZONE,
    onProgress: ({ meetings, of }) => {
      if (meetings % 100 === 0 || meetings === of) logger.info({ meetings, of }, 'meetings moved');
    },
  });
  process.stdout.write(`${formatReport(report)}\n`);
  const missing = findMissing(report);
  if (missing.length > 0) throw new Error(`Expected every row, got fewer of ${missing.join(', ')}`);
}

main().catch((err: unknown) => {
  logger.fatal({ err }, 'moving over did not come to its end; it may be run again');
  process.exitCode = 1;
});
