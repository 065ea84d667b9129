import type WebSocket from 'ws';
import type { Logger } from 'pino';
import {
  clientFrameSchema,
  WS_CLOSE,
  type ClientFrame,
  type ServerFrame,
  type WsClose,
} from '../../domain/ws';
import type { ReadEvent } from '../../infra/database/events';
import { findOwnMeeting } from '../../infra/database/meeting-records';
import type { ApiLimits } from '../deps';
import { ApiError } from '../errors';
import type { EventReader } from '../live/live-readers';
import type { FollowEnd } from '../live/live-reader';
import type { ApiMetrics } from '../metrics';
import { identifyCaller, type Caller, type IdentifyDeps } from './identify-caller';

export interface ConnectionDeps extends IdentifyDeps {
  /** Sockets that this user has open here. */
  countOf(userId: number): number;
  socketsPerUser: number;
  events: EventReader;
  limits: ApiLimits;
  metrics: ApiMetrics;
  logger: Logger;
}

/** Frames a client may send before the first of them is dealt with. */
const WAITING_FRAMES = 200;
/** Node's timers take no longer delay (2^31 - 1 ms). */
const LONGEST_TIMER_MS = 2_147_483_647;

/** One client's socket: who it is, what it follows, and how full it is. */
export class Connection {
  private caller: Caller | null = null;
  private readonly subscriptions = new Map<number, () => void>();
  private work: Promise<void> = Promise.resolve();
  private waitingFrames = 0;
  private deadline: NodeJS.Timeout;
  private slowTimer: NodeJS.Timeout | null = null;
  private heardSincePing = true;

  constructor(
    private readonly socket: WebSocket,
    private readonly address: string,
    private readonly deps: ConnectionDeps,
  ) {
    const { authTimeoutMs } = deps.limits;
    this.deadline = setTimeout(() => this.close(WS_CLOSE.unauthorised), authTimeoutMs);
    socket.on('message', (data, isBinary) => this.enqueue(data, isBinary));
    socket.on('pong', () => (this.heardSincePing = true));
    socket.on('error', (error) => deps.logger.debug({ err: error }, 'socket error'));
    socket.on('close', () => this.release());
  }

  /** Whom it speaks for; null before it has shown anything. */
  get speaksFor(): Caller | null {
    return this.caller;
  }

  /** Drops a socket that has not answered since the last ping; pings the others. */
  ping(): void {
    if (!this.heardSincePing) {
      this.socket.terminate();
      return;
    }
    this.heardSincePing = false;
    this.socket.ping();
    if (this.caller) this.send({ type: 'ping' });
  }

  close({ code, reason }: WsClose): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.deps.metrics.socketCloses.inc({ code });
    this.socket.close(code, reason);
    this.release();
  }

  private release(): void {
    clearTimeout(this.deadline);
    if (this.slowTimer) clearTimeout(this.slowTimer);
    for (const stop of this.subscriptions.values()) stop();
    this.subscriptions.clear();
  }

  /** Frames are dealt with one after the other, in the order they came. */
  private enqueue(data: WebSocket.RawData, isBinary: boolean): void {
    this.heardSincePing = true;
    const frame = isBinary ? null : parseFrame(data);
    if (!frame || this.waitingFrames >= WAITING_FRAMES) {
      this.close(WS_CLOSE.badFrame);
      return;
    }
    this.waitingFrames += 1;
    this.work = this.work
      .then(() => this.handle(frame))
      .catch((error: unknown) => this.complain(error, frame))
      .finally(() => (this.waitingFrames -= 1));
  }

  private async handle(frame: ClientFrame): Promise<void> {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (frame.type === 'auth') return this.authenticate(frame.token);
    if (!this.caller) return this.close(WS_CLOSE.unauthorised);
    switch (frame.type) {
      case 'subscribe':
        return this.subscribe(this.caller.userId, frame);
      case 'unsubscribe':
        this.unsubscribe(frame.meetingId, 'asked');
        return;
      case 'ping':
        this.send({ type: 'pong' });
        return;
      case 'pong':
        return;
    }
  }

  private async authenticate(token: string): Promise<void> {
    const caller = await identifyCaller(this.deps, { token, address: this.address });
    if ('code' in caller) return this.close(caller);
    if (this.caller && this.caller.userId !== caller.userId) {
      return this.close(WS_CLOSE.unauthorised);
    }
    if (this.socket.readyState !== this.socket.OPEN) return;
    const { countOf, socketsPerUser } = this.deps;
    if (!this.caller && countOf(caller.userId) >= socketsPerUser)
      return this.close(WS_CLOSE.tooMany);
    this.caller = caller;
    clearTimeout(this.deadline);
    const { expiresAtMs } = caller;
    const lifetimeMs = (expiresAtMs ?? Infinity) - Date.now();
    const expired = caller.keyId === null ? WS_CLOSE.unauthorised : WS_CLOSE.revoked;
    // A later end than timers know is looked for by the watch over keys.
    if (lifetimeMs <= LONGEST_TIMER_MS) {
      this.deadline = setTimeout(() => this.close(expired), Math.max(lifetimeMs, 0));
    }
    const expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
    this.send({ type: 'ready', expiresAt });
  }

  private async subscribe(
    userId: number,
    { meetingId, after }: { meetingId: number; after: number },
  ): Promise<void> {
    const isNew = !this.subscriptions.has(meetingId);
    const { subscriptionsPerSocket } = this.deps.limits;
    if (isNew && this.subscriptions.size >= subscriptionsPerSocket) {
      const message = `Expected at most ${subscriptionsPerSocket} meetings per socket`;
      return this.send({
        type: 'error',
        error: { code: 'too_many_subscriptions', message },
        meetingId,
      });
    }
    if (!(await findOwnMeeting(this.deps.database, { meetingId, userId }))) {
      const message = `Expected a meeting of yours, got ${meetingId}`;
      return this.send({ type: 'error', error: { code: 'meeting_not_found', message }, meetingId });
    }
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.subscriptions.get(meetingId)?.();
    this.send({ type: 'subscribed', meetingId, after });
    const stop = this.deps.events.follow({
      key: meetingId,
      meetingId,
      after,
      isReady: () => !this.isFull(),
      take: (event) => this.sendEvent(event),
      end: (reason) => this.endFollowing(meetingId, reason),
    });
    this.subscriptions.set(meetingId, stop);
  }

  private endFollowing(meetingId: number, reason: FollowEnd): void {
    if (reason === 'meeting_deleted') this.unsubscribe(meetingId, reason);
    else this.close(WS_CLOSE.shuttingDown);
  }

  private unsubscribe(meetingId: number, reason: 'asked' | 'meeting_deleted'): void {
    this.subscriptions.get(meetingId)?.();
    this.subscriptions.delete(meetingId);
    this.send({ type: 'unsubscribed', meetingId, reason });
  }

  private isFull(): boolean {
    return this.socket.bufferedAmount > this.deps.limits.socketBufferBytes;
  }

  private sendEvent({ meetingId, seq, at, event }: ReadEvent): boolean {
    if (this.isFull()) {
      this.slowTimer ??= setTimeout(
        () => this.close(WS_CLOSE.tooSlow),
        this.deps.limits.slowReaderMs,
      );
      return false;
    }
    const frame: ServerFrame = { type: 'event', meetingId, seq, at, event };
    this.socket.send(JSON.stringify(frame), () => this.resume());
    this.deps.metrics.eventsSent.inc();
    return true;
  }

  /** The client took something: once there is room again, it gets what waits for it. */
  private resume(): void {
    if (!this.slowTimer || this.isFull()) return;
    clearTimeout(this.slowTimer);
    this.slowTimer = null;
    for (const meetingId of this.subscriptions.keys()) this.deps.events.wake(meetingId);
  }

  private send(frame: ServerFrame): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private complain(error: unknown, frame: ClientFrame): void {
    this.deps.logger.warn({ err: error, frame: frame.type }, 'frame not carried out');
    const known = error instanceof ApiError ? error : null;
    this.send({
      type: 'error',
      error: {
        code: known?.code ?? 'unavailable',
        message: known?.message ?? 'That did not work right now; try again',
      },
      ...('meetingId' in frame ? { meetingId: frame.meetingId } : {}),
    });
  }
}

function parseFrame(data: WebSocket.RawData): ClientFrame | null {
  try {
    const text = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
    return clientFrameSchema.parse(JSON.parse(text.toString('utf8')));
  } catch {
    return null;
  }
}
