import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../domain/temporal';

/** Values of Temporal's IndexedValueType for the types that are used. */
const INDEXED_VALUE_TYPES = { KEYWORD: 2, INT: 3 } as const;
const DAY_SECONDS = 86_400;
const ALREADY_EXISTS = 6;
/** A server's own caches take up to ten seconds to learn of a namespace. */
const VISIBLE_TIMEOUT_MS = 30_000;

/** Registers namespace and search attributes where missing, and waits until they can be used. */
export async function ensureTemporalNamespace(
  connection: Connection,
  namespace: string,
): Promise<void> {
  await registerNamespace(connection, namespace);
  const deadline = Date.now() + VISIBLE_TIMEOUT_MS;
  while (!(await hasSearchAttributes(connection, namespace))) {
    if (Date.now() > deadline) {
      throw new Error(
        `Temporal does not take the search attributes ${Object.keys(SEARCH_ATTRIBUTES).join(', ')} in namespace ${namespace}: add them with the temporal CLI (operator search-attribute create).`,
      );
    }
    await pause(200);
  }
}

async function registerNamespace(connection: Connection, namespace: string): Promise<void> {
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: (3 * DAY_SECONDS) as never },
    });
  } catch (error) {
    if ((error as { code?: number }).code !== ALREADY_EXISTS) throw error;
  }
}

/** Asks for them; where any is missing adds it and answers no, so that the caller asks again. */
async function hasSearchAttributes(connection: Connection, namespace: string): Promise<boolean> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace,
    });
    const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !customAttributes?.[name]);
    if (missing.length === 0) return true;
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(
        missing.map(([name, type]) => [name, INDEXED_VALUE_TYPES[type]]),
      ),
    });
    return false;
  } catch {
    // not visible to every part of the server yet
    return false;
  }
}
