import {
  MemoryStore,
  type ClientRateLimitInfo,
  type IncrementResponse,
  type Options,
  type Store,
} from 'express-rate-limit';
import { RedisStore } from 'rate-limit-redis';
import type { RateCounters } from '../../infra/rate-counters';

/** Counts on Redis for all replicas, and in this process while Redis is down. */
export class SharedStore implements Store {
  readonly localKeys = false;
  readonly prefix: string;
  private readonly shared: RedisStore;
  private readonly own = new MemoryStore();
  private options: Options | null = null;
  private isLoaded = false;

  constructor(
    name: string,
    private readonly counters: RateCounters | null,
  ) {
    this.prefix = `rate:${name}:`;
    this.shared = new RedisStore({
      prefix: this.prefix,
      sendCommand: async (...command) => {
        if (!counters) throw new Error('Expected counters on Redis');
        return counters.send(command);
      },
    });
  }

  init({ windowMs }: Pick<Options, 'windowMs'>): void {
    // Neither store reads anything else.
    this.options = { windowMs } as Options;
    this.own.init(this.options);
  }

  async get(key: string): Promise<ClientRateLimitInfo | undefined> {
    return this.ask((store) => store.get(key));
  }

  async increment(key: string): Promise<IncrementResponse> {
    return this.ask((store) => store.increment(key));
  }

  async decrement(key: string): Promise<void> {
    return this.ask((store) => store.decrement(key));
  }

  async resetKey(key: string): Promise<void> {
    return this.ask((store) => store.resetKey(key));
  }

  private async ask<T>(question: (store: RedisStore | MemoryStore) => Promise<T>): Promise<T> {
    if (!this.counters?.isUsable() || !this.options) return question(this.own);
    try {
      // The library loads its scripts once and never again after a failure: so it is told to.
      if (!this.isLoaded) await this.shared.init(this.options);
      this.isLoaded = true;
      return await question(this.shared);
    } catch {
      // The connection's own error was reported; here it only decides who counts.
      this.isLoaded = false;
      return question(this.own);
    }
  }
}
