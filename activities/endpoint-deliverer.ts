import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { holdLease, readEndpoint, releaseLease } from '../infra/database/webhook-health';
import { findNextAttempt, listDueLanes, type Lane } from '../infra/database/webhook-positions';
import type { Doorbell } from '../infra/doorbell';
import { isPaused, stepAlong, type LaneDeps } from './lane-worker';

/** How the work on one endpoint goes, in milliseconds and numbers. */
export interface DeliveryPace {
  /** Longest pause between two looks: a lost ring costs no more than this. */
  lookEveryMs: number;
  /** Shortest pause: rings in between become one look. */
  ringPauseMs: number;
  /** How long it waits for more before it ends. */
  idleMs: number;
  /** How long the endpoint stays taken when this process dies. */
  leaseMs: number;
  /** Meetings that are delivered at the same time: a slow one leaves room for others. */
  lanesAtOnce: number;
  /** Messages of one meeting before another one has its turn. */
  messagesPerTurn: number;
}

export const DELIVERY_PACE: DeliveryPace = {
  lookEveryMs: 5_000,
  ringPauseMs: 100,
  idleMs: 30_000,
  leaseMs: 15_000,
  lanesAtOnce: 16,
  messagesPerTurn: 20,
};

export interface DelivererDeps extends LaneDeps {
  doorbell: Pick<Doorbell, 'listen'>;
  pace: DeliveryPace;
}

/** How often one looks whether another's lease is over. */
const LOOK_FOR_LEASE_MS = 500;

/** What is left when an activity ends: in how many milliseconds there is something due again. */
export interface DeliveryRest {
  nextDueInMs: number | null;
}

export interface DeliveryProgress {
  delivering: number;
  steps: number;
}

/** Delivers to one endpoint until nothing has been due for a while. */
export class EndpointDeliverer {
  private readonly token = randomUUID();
  private readonly ending = new AbortController();
  /** Lanes that are being worked on, by id. */
  private readonly working = new Map<number, Promise<void>>();
  private readonly rung = new Set<number>();
  private readonly stopListening: () => void;
  private steps = 0;
  private renewedAt = -Infinity;
  private failure: unknown = null;
  private mustLookAtAll = true;
  private wake: () => void = () => undefined;

  constructor(
    private readonly deps: DelivererDeps,
    private readonly endpointId: number,
  ) {
    this.stopListening = deps.doorbell.listen('meeting', (meetingId) => {
      this.rung.add(meetingId);
      this.wake();
    });
  }

  progress(): DeliveryProgress {
    return { delivering: this.working.size, steps: this.steps };
  }

  async run(): Promise<DeliveryRest> {
    const { pace } = this.deps;
    let busyAt = performance.now();
    let lookedAt = -Infinity;
    while (!this.ending.signal.aborted) {
      const standing = await this.checkStanding();
      if (standing !== null) return standing;
      if (performance.now() - lookedAt >= pace.lookEveryMs) this.mustLookAtAll = true;
      if (this.mustLookAtAll) lookedAt = performance.now();
      if ((await this.look()) > 0 || this.working.size > 0) busyAt = performance.now();
      const idleLeftMs = busyAt + pace.idleMs - performance.now();
      if (this.working.size === 0 && !this.mustLookAtAll && idleLeftMs <= 0) {
        return await this.findRest();
      }
      // the lease is renewed in between
      const untilLookMs = Math.min(
        lookedAt + pace.lookEveryMs - performance.now(),
        pace.leaseMs / 3,
      );
      await this.untilNews(this.working.size > 0 ? untilLookMs : Math.min(untilLookMs, idleLeftMs));
      if (this.failure !== null) throw this.failure;
    }
    return { nextDueInMs: 0 };
  }

  /** Calls off what is under way and gives the endpoint back. */
  async stop(): Promise<void> {
    this.ending.abort();
    this.wake();
    this.stopListening();
    await Promise.all(this.working.values());
    await releaseLease(this.deps.db, { endpointId: this.endpointId, token: this.token });
  }

  /** Null while this one may deliver; waits while somebody else does. */
  private async checkStanding(): Promise<DeliveryRest | null> {
    const { db, pace, now } = this.deps;
    const key = { endpointId: this.endpointId, token: this.token };
    while (performance.now() - this.renewedAt > pace.leaseMs / 3) {
      const renewedAt = performance.now();
      const lease = await holdLease(db, key, pace.leaseMs);
      if (lease === 'gone') return { nextDueInMs: null };
      if (lease === 'held') this.renewedAt = renewedAt;
      else
        await pause(Math.min(pace.leaseMs / 10, LOOK_FOR_LEASE_MS), undefined, {
          signal: this.ending.signal,
        });
    }
    const endpoint = await readEndpoint(db, this.endpointId, now());
    if (!endpoint?.isEnabled) return { nextDueInMs: null };
    if (!endpoint.pausedUntil || !isPaused(endpoint, now())) return null;
    return { nextDueInMs: endpoint.pausedUntil.getTime() - now().getTime() };
  }

  /** Finds what is due and begins with it; returns how many lanes that were. */
  private async look(): Promise<number> {
    const { db, pace, now } = this.deps;
    const meetingIds = this.mustLookAtAll ? null : [...this.rung];
    this.rung.clear();
    this.mustLookAtAll = false;
    if (meetingIds?.length === 0) return 0;
    const due = await listDueLanes(db, { endpointId: this.endpointId, meetingIds, now: now() });
    for (const lane of due) {
      if (this.working.has(lane.id)) continue;
      if (this.working.size < pace.lanesAtOnce) this.begin(lane);
      else this.mustLookAtAll = true;
    }
    return due.length;
  }

  private begin(lane: Lane): void {
    const work = this.workOn(lane)
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => {
        this.working.delete(lane.id);
        // something may have come since, or is left after its turn
        this.rung.add(lane.meetingId);
        this.wake();
      });
    this.working.set(lane.id, work);
  }

  private async workOn(lane: Lane): Promise<void> {
    let current: Lane | null = lane;
    for (let turn = 0; current && turn < this.deps.pace.messagesPerTurn; turn += 1) {
      if (this.ending.signal.aborted) return;
      current = await stepAlong(this.deps, current, this.ending.signal);
      this.steps += 1;
    }
  }

  private async findRest(): Promise<DeliveryRest> {
    const next = await findNextAttempt(this.deps.db, this.endpointId);
    if (next === null) return { nextDueInMs: null };
    return { nextDueInMs: Math.max(next.getTime() - this.deps.now().getTime(), 0) };
  }

  /** Resolves at a ring, when a lane is done, or when time is up. */
  private async untilNews(longestMs: number): Promise<void> {
    const isWaiting = this.rung.size === 0 && this.failure === null;
    if (!isWaiting || longestMs <= 0) {
      await pause(this.rung.size > 0 ? this.deps.pace.ringPauseMs : 0);
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, longestMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }
}
