import type { Logger } from 'pino';
import { WS_CLOSE } from '../../domain/ws';
import { findValidApiKeys } from '../../infra/database/api-keys';
import type { Database } from '../../infra/database/client';
import type { Connection } from './connection';

interface KeyWatchDeps {
  database: Database;
  logger: Logger;
  intervalMs: number;
}

/** Looks regularly whether the keys of open sockets still hold, and closes those that do not. */
export function watchKeys(connections: ReadonlySet<Connection>, deps: KeyWatchDeps): () => void {
  let isLooking = false;
  const look = async (): Promise<void> => {
    const byKey = [...connections].filter(({ keyId }) => keyId !== null);
    if (isLooking || byKey.length === 0) return;
    isLooking = true;
    try {
      const keyIds = [...new Set(byKey.flatMap(({ keyId }) => keyId ?? []))];
      const valid = await findValidApiKeys(deps.database, keyIds);
      for (const connection of byKey) {
        // It may have shown another one in the meantime.
        const { keyId } = connection;
        if (keyId !== null && keyIds.includes(keyId) && !valid.has(keyId)) {
          connection.close(WS_CLOSE.revoked);
        }
      }
    } catch (err) {
      // A socket that cannot be judged cannot be served from the database either.
      deps.logger.warn({ err }, 'keys of sockets not looked at');
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => void look(), deps.intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
