import { Client, Connection } from '@temporalio/client';

export interface TemporalOptions {
  address: string;
  namespace: string;
}

export interface TemporalClient {
  client: Client;
  close(): Promise<void>;
}

/** A client that connects on first use and again after every outage, so that none ends a process. */
export function createTemporalClient({ address, namespace }: TemporalOptions): TemporalClient {
  const connection = Connection.lazy({ address });
  return {
    client: new Client({ connection, namespace }),
    close: () => connection.close(),
  };
}
