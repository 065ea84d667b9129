import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { SupersededError } from './api-client';

const SAMPLES = 5;
const RETRY_MS = 1_000;

export interface ServerClock {
  /** Server time, from a clock that never jumps. */
  nowMs(): number;
}

/** Measures the server's time several times and believes the answer that took least time. */
export async function measureServerClock(
  getTime: (signal?: AbortSignal) => Promise<{ serverTimeMs: number }>,
  signal?: AbortSignal,
): Promise<ServerClock> {
  let best = { roundTripMs: Infinity, offsetMs: 0 };
  for (let sample = 0; sample < SAMPLES;) {
    signal?.throwIfAborted();
    const sentAt = performance.now();
    try {
      const { serverTimeMs } = await getTime(signal);
      const answeredAt = performance.now();
      const roundTripMs = answeredAt - sentAt;
      if (roundTripMs < best.roundTripMs) {
        best = { roundTripMs, offsetMs: serverTimeMs - (sentAt + answeredAt) / 2 };
      }
      sample += 1;
    } catch (error) {
      if (error instanceof SupersededError) throw error;
      await delay(RETRY_MS, undefined, { signal });
    }
  }
  return { nowMs: () => best.offsetMs + performance.now() };
}
