import type { Logger } from 'pino';
import {
  insertAuditEntry,
  noteReading,
  settleAuditEntry,
  settleReading,
  type AuditAnswer,
  type NewAuditEntry,
} from '../../infra/database/audit';
import type { Database } from '../../infra/database/client';
import type { Operation } from '../operations/operation';

/** Writes how it was answered; never throws, the answer is out by then. */
export type SettleEntry = (answer: AuditAnswer) => Promise<void>;

/** Writes down who asked for what before it is done, whatever it came by. */
export interface AuditWriter {
  begin(operation: Operation, entry: Omit<NewAuditEntry, 'action'>): Promise<SettleEntry>;
}

/** Callers who go on reading in one hour, far more than a process has. */
const KEPT_READINGS = 10_000;
const HOUR_MS = 3_600_000;

/** An entry per request, and for reading one per hour, caller, address and meeting. */
export function createAuditWriter(database: Database, logger: Logger): AuditWriter {
  /** Readings of which everything was written, the oldest first. */
  const settled = new Set<string>();
  const warn = (err: unknown): void => logger.warn({ err }, 'audit entry keeps no status');

  const beginReading = async (entry: NewAuditEntry): Promise<SettleEntry> => {
    const { action, actor, meetingId, address } = entry;
    const hour = Math.floor(Date.now() / HOUR_MS);
    const key = JSON.stringify([hour, actor.kind, actor.id, action, meetingId, address]);
    if (settled.has(key)) return () => Promise.resolve();
    const id = await noteReading(database, { ...entry, key });
    return async (answer) => {
      await settleReading(database, id, answer).catch(warn);
      // what was refused may be allowed later in the hour
      if (answer.status >= 400) return;
      settled.add(key);
      for (const oldest of settled) {
        if (settled.size <= KEPT_READINGS) break;
        settled.delete(oldest);
      }
    };
  };

  return {
    async begin({ audit: action, auditHourly }, rest) {
      if (action === undefined) return () => Promise.resolve();
      if (auditHourly) return beginReading({ ...rest, action });
      const id = await insertAuditEntry(database, { ...rest, action });
      return (answer) => settleAuditEntry(database, id, answer).catch(warn);
    },
  };
}
