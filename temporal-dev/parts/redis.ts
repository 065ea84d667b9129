import { Redis } from 'ioredis';
import type { Folders } from '../folders';
import type { PartSpec } from '../part';
import type { RedisTool } from '../tools/redis';

const PURPOSE = 'rings the bell for live readers; keeps nothing';

async function answersPing(url: string): Promise<boolean> {
  const client = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: 2_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

export function redisPart(tool: RedisTool, folders: Folders, port: number): PartSpec {
  return {
    name: 'redis',
    purpose: PURPOSE,
    address: `127.0.0.1:${port}`,
    launch: async () => ({
      command: tool.command,
      args: [
        ...['--port', String(port), '--bind', '127.0.0.1'],
        ...['--save', '', '--appendonly', 'no', '--dir', folders.data],
      ],
      env: { ...process.env, ...tool.env },
      cwd: folders.data,
    }),
    isReady: () => answersPing(`redis://127.0.0.1:${port}`),
  };
}

export function externalRedisPart(url: string): PartSpec {
  const address = new URL(url).host;
  return { name: 'redis', purpose: PURPOSE, address, isReady: () => answersPing(url) };
}
