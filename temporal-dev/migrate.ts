import path from 'node:path';
import { applyMigrations } from '../infra/database/migrate';

async function main(): Promise<void> {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error('Expected DATABASE_URL to be set to a PostgreSQL URL.');
  const applied = await applyMigrations(url, path.resolve(__dirname, '../prisma/migrations'));
  console.log(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'Nothing to apply.');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
