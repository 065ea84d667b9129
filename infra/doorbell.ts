import type { Redis } from 'ioredis';
import type { RedisAddress } from './connections';
import { openRedis } from './redis';

/**
 * Doorbells say that there is something new to read in PostgreSQL; they carry a meeting's id, or on
 * `callers` the id of a user who may less than before, and nothing else. They are best effort: every
 * listener also looks by itself, every 2 s but for those far behind in line for a bot (12 s).
 */
export type DoorbellChannel = 'chunks' | 'meeting' | 'commands' | 'intake' | 'callers';

export interface Doorbell {
  /** Rings without waiting; a Redis that is down costs only time. */
  ring(channel: DoorbellChannel, id: number): void;
  /** Calls `listener` with the id at each ring; returns how to stop. */
  listen(channel: DoorbellChannel, listener: (id: number) => void): () => void;
  /** True while both connections to Redis stand. */
  isConnected(): boolean;
  close(): Promise<void>;
}

export interface DoorbellOptions extends RedisAddress {
  /** Told once per lost connection; ioredis reconnects by itself, at the latest every 2 s. */
  onConnectionError?: (error: Error) => void;
}

const PREFIX = 'doorbell:';
/** ioredis holds the process for this time after a disconnect; its own 2 s are of no use here. */
const DISCONNECT_TIMEOUT_MS = 100;

/** Opens the doorbells on Redis pub/sub. */
export function createDoorbell(options: DoorbellOptions): Doorbell {
  const open = (): Redis =>
    openRedis(options, {
      // A ring that cannot be sent now is worth nothing later.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      lazyConnect: false,
    });
  const publisher = open();
  const subscriber = openRedis(options, {
    maxRetriesPerRequest: null,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  });
  const listeners = new Map<string, Set<(id: number) => void>>();
  for (const connection of [publisher, subscriber]) {
    connection.on('error', (error: Error) => options.onConnectionError?.(error));
  }
  subscriber.on('message', (channel: string, message: string) => {
    for (const listener of listeners.get(channel) ?? []) listener(Number(message));
  });
  return {
    ring(channel, id) {
      publisher.publish(PREFIX + channel, String(id)).catch(ignoreLostRing);
    },
    listen(channel, listener) {
      const name = PREFIX + channel;
      const known = listeners.get(name);
      const all = known ?? new Set();
      all.add(listener);
      if (!known) {
        listeners.set(name, all);
        subscriber.subscribe(name).catch(ignoreLostRing);
      }
      return () => all.delete(listener);
    },
    isConnected: () => publisher.status === 'ready' && subscriber.status === 'ready',
    async close() {
      publisher.disconnect();
      subscriber.disconnect();
      await Promise.resolve();
    },
  };
}

/** A lost ring costs at most one look-round of 2 s; the connection's own error was reported. */
function ignoreLostRing(): void {}
