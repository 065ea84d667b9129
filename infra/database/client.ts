import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../generated/prisma/client';

/** Anything that runs one SQL statement: the pool, or a client inside a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<{ rows: Row[] }>;
}

/**
 * The database. Ordinary records go through Prisma; where a rule must hold within one statement or
 * one short transaction (cursor, fence, inbox), it is SQL over the same pool.
 */
export interface Database extends Queryable {
  prisma: PrismaClient;
  /** Runs `work` in one transaction; an error rolls it back and is thrown on. */
  transaction<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Largest number of connections of this process. */
  maxConnections?: number;
  /** Told of errors on idle connections, as when PostgreSQL restarts; the pool heals itself. */
  onConnectionError?: (error: Error) => void;
}

/** Opens a pool on PostgreSQL; connects on first use, so a server that is down is no error yet. */
export function createDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 5_000,
    // A statement never runs longer than the slowest reader may wait.
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 30_000,
  });
  pool.on('error', (error) => options.onConnectionError?.(error));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    prisma,
    query: (sql, values) => pool.query(sql, values),
    transaction: (work) => runTransaction(pool, work),
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

async function runTransaction<Result>(
  pool: pg.Pool,
  work: (tx: Queryable) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: unknown) => {
      broken = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError));
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
