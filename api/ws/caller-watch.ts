import type { Logger } from 'pino';
import { WS_CLOSE } from '../../domain/ws';
import type { Database } from '../../infra/database/client';
import type { Doorbell } from '../../infra/doorbell';
import { findUnwelcome } from '../auth/unwelcome';
import type { Connection } from './connection';

interface CallerWatchDeps {
  database: Database;
  doorbell: Pick<Doorbell, 'listen'>;
  logger: Logger;
  intervalMs: number;
}

/**
 * Looks at each ring and regularly whether open sockets' keys still hold and their users still may;
 * closes others.
 */
export function watchCallers(
  connections: ReadonlySet<Connection>,
  deps: CallerWatchDeps,
): () => void {
  let isLooking = false;
  const look = (some: Connection[]): Promise<void> =>
    closeUnwelcome(some, deps.database).catch((err: unknown) =>
      // A socket that cannot be judged cannot be served from the database either.
      deps.logger.warn({ err }, 'callers of sockets not looked at'),
    );
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look([...connections]).finally(() => (isLooking = false));
  }, deps.intervalMs);
  timer.unref();
  const stopListening = deps.doorbell.listen('callers', (userId) => {
    void look([...connections].filter(({ speaksFor }) => speaksFor?.userId === userId));
  });
  return () => {
    clearInterval(timer);
    stopListening();
  };
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
