'use client';

import { useSyncExternalStore } from 'react';

/** Between two looks whether the API is back. */
const LOOK_INTERVAL_MS = 2_000;

type Listener = () => void;

/** Whether the API can be reached; looks by itself until it can again. */
class Connection {
  private isLost = false;
  private looking: ReturnType<typeof setInterval> | null = null;
  private readonly listeners = new Set<Listener>();
  private readonly healed = new Set<Listener>();

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): boolean => this.isLost;

  /** Told once each time the API is back. */
  onHealed(listener: Listener): () => void {
    this.healed.add(listener);
    return () => this.healed.delete(listener);
  }

  lost(healthUrl: string): void {
    if (this.looking !== null) return;
    this.set(true);
    this.looking = setInterval(() => void this.look(healthUrl), LOOK_INTERVAL_MS);
  }

  private async look(healthUrl: string): Promise<void> {
    // That something answers is enough, and pages of other origins may not read this route.
    const request = { cache: 'no-store', mode: 'no-cors' } as const;
    const response = await fetch(healthUrl, request).catch(() => null);
    if (response === null || !(response.ok || response.type === 'opaque')) return;
    this.found();
  }

  found(): void {
    if (this.looking !== null) clearInterval(this.looking);
    this.looking = null;
    if (!this.isLost) return;
    this.set(false);
    for (const listener of this.healed) listener();
  }

  private set(isLost: boolean): void {
    this.isLost = isLost;
    for (const listener of this.listeners) listener();
  }
}

export const connection = new Connection();

/** Whether the API cannot be reached right now. */
export function useIsConnectionLost(): boolean {
  return useSyncExternalStore(connection.subscribe, connection.read, () => false);
}
