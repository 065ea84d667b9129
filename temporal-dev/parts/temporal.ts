import path from 'node:path';
import { Connection } from '@temporalio/client';
import type { Folders } from '../folders';
import type { PartSpec } from '../part';

const PURPOSE = 'carries every meeting as a workflow';

export interface TemporalOptions {
  executable: string;
  folders: Folders;
  port: number;
  uiPort: number;
  namespace: string;
}

/** Whether the server answers; its namespace is prepared afterwards. */
async function answersSystemInfo(address: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: '2s' });
    await connection.close();
    return true;
  } catch {
    return false;
  }
}

/** Temporal's dev server with its Web UI; the file keeps histories over restarts and crashes. */
export function temporalPart(options: TemporalOptions): PartSpec {
  return {
    name: 'temporal',
    purpose: PURPOSE,
    address: `127.0.0.1:${options.port}`,
    launch: async () => ({
      command: options.executable,
      args: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(options.port)],
        ...['--ui-port', String(options.uiPort), '--namespace', options.namespace],
        ...['--db-filename', path.join(options.folders.data, 'temporal.db')],
        // Without these a file-backed dev server is several times slower.
        ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
        ...['--dynamic-config-value', 'matching.enableFairness=true'],
        ...['--log-level', 'warn'],
      ],
      env: process.env,
      cwd: options.folders.data,
    }),
    isReady: () => answersSystemInfo(`127.0.0.1:${options.port}`),
    // it chooses ports for its inner services, and another program may be faster
    retryWhen: /address already in use/,
  };
}

export function externalTemporalPart(address: string): PartSpec {
  return { name: 'temporal', purpose: PURPOSE, address, isReady: () => answersSystemInfo(address) };
}
