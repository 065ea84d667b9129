import { randomUUID } from 'node:crypto';
import { prepareTemporalNamespace } from '../temporal-dev/temporal-namespace';

/** Address of the shared Temporal server. */
export function getTemporalAddress(): string {
  const address = process.env.TEMPORAL_ADDRESS;
  if (!address) throw new Error('Expected TEMPORAL_ADDRESS from the tests’ global setup');
  return address;
}

/** A namespace of one test file's own: database ids, and so workflow ids, start anew in each. */
export async function createTestNamespace(): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  await prepareTemporalNamespace({
    TEMPORAL_ADDRESS: getTemporalAddress(),
    TEMPORAL_NAMESPACE: namespace,
  });
  return namespace;
}
