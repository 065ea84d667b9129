import { Connection } from '@temporalio/client';
import { ensureTemporalNamespace } from '../infra/temporal-namespace';
import { UserError } from './user-error';

/** Prepares the namespace of the stack's Temporal. */
export async function prepareTemporalNamespace(
  env: Record<string, string | undefined>,
): Promise<void> {
  const address = env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233';
  const connection = await Connection.connect({ address });
  try {
    await ensureTemporalNamespace(connection, env.TEMPORAL_NAMESPACE ?? 'meetings');
  } catch (error) {
    throw error instanceof Error ? new UserError(`${address}: ${error.message}`) : error;
  } finally {
    await connection.close();
  }
}
