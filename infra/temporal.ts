import { Client, Connection } from '@temporalio/client';
import type { TemporalAddress } from './connections';

export interface TemporalOptions extends TemporalAddress {
  namespace: string;
}

export interface TemporalClient {
  client: Client;
  close(): Promise<void>;
}

/** A client that connects on first use and again after every outage, so that none ends a process. */
export function createTemporalClient({ namespace, ...server }: TemporalOptions): TemporalClient {
  const connection = Connection.lazy(server);
  return {
    client: new Client({ connection, namespace }),
    close: () => connection.close(),
  };
}
