import type { Logger } from 'pino';
import { WS_CLOSE } from '../../domain/ws';
import type { Database } from '../../infra/database/client';
import { findUnwelcome } from '../auth/unwelcome';
import type { Connection } from './connection';

interface CallerWatchDeps {
  database: Database;
  logger: Logger;
  intervalMs: number;
}

/** Looks regularly whether open sockets' keys still hold and their users still may; closes others. */
export function watchCallers(
  connections: ReadonlySet<Connection>,
  deps: CallerWatchDeps,
): () => void {
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      await closeUnwelcome([...connections], deps.database);
    } catch (err) {
      // A socket that cannot be judged cannot be served from the database either.
      deps.logger.warn({ err }, 'callers of sockets not looked at');
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => void look(), deps.intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

async function closeUnwelcome(connections: Connection[], database: Database): Promise<void> {
  const callers = connections.flatMap((connection) => {
    const caller = connection.speaksFor;
    return caller ? [{ connection, ...caller }] : [];
  });
  for (const { connection, keyId } of await findUnwelcome(database, callers)) {
    // It may have shown another one in the meantime.
    if (connection.speaksFor?.keyId === keyId) connection.close(WS_CLOSE.revoked);
  }
}
