import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** The migrated database that the shared server was started with; tests clone it. */
function templateUrl(): URL {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error('Expected DATABASE_URL from the tests’ global setup');
  return new URL(url);
}

async function administer(sql: (client: pg.Client) => string): Promise<void> {
  const url = templateUrl();
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    // Only one clone of a template can be made at a time.
    await client.query('SELECT pg_advisory_lock(1)');
    await client.query(sql(client));
  } finally {
    await client.end();
  }
}

/** A migrated, empty database of one test file's own. */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const template = templateUrl().pathname.slice(1);
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(
    (client) =>
      `CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE ${client.escapeIdentifier(template)}`,
  );
  const url = templateUrl();
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () =>
      administer((client) => `DROP DATABASE ${client.escapeIdentifier(name)} WITH (FORCE)`),
  };
}
